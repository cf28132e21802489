/// Whether work can be given to this process, and if not, why.
struct Health: Sendable, Equatable {
    /// One an unmet condition, `broker: connection refused`, sorted.
    let reasons: [String]

    var isReady: Bool { self.reasons.isEmpty }
}

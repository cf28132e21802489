extension AMQPConfiguration {
    /// The nodes in the order of one round of connecting: a random one, because those of many clients that lost one node
    /// should spread over the others, not all go to the next.
    ///
    /// - Parameter last: The node to try after all others, because a connection to it has just ended.
    func round(last: Endpoint?, using generator: inout some RandomNumberGenerator) -> [Endpoint] {
        let shuffled = self.endpoints.shuffled(using: &generator)
        return shuffled.filter { $0 != last } + shuffled.filter { $0 == last }
    }
}

extension AMQPError {
    /// Whether every node of the broker would say the same: they share users and passwords, and a wrong one may be counted.
    var isRefusedEverywhere: Bool { self.code == .loginRefused && self.replyCode == 403 }

    /// Why no node of a broker could be connected to: one error for what each of them said.
    ///
    /// It has the class of what decides: a refused login, else what may pass by itself.
    init(ofNodes failures: [AMQPError]) {
        let decisive = failures.first(where: \.isRefusedEverywhere) ?? failures.first(where: \.isTransient) ?? failures.last
        guard let decisive else {
            self.init(.invalidConfiguration, "no host is given")
            return
        }
        self.init(
            decisive.code, failures.map(\.message).joined(separator: "; "), replyCode: decisive.replyCode,
            isTransient: decisive.isTransient)
    }
}

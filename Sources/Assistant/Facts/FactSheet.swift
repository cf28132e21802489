import TellerMessages

/// The facts that a tool found, in the order in which they are told.
struct FactSheet: Sendable, Hashable {
    var lines: [FactLine] = []
    /// Sentences that the law or plain honesty wants beside the answer.
    var disclosures: [String] = []
    /// Whether a model may word these facts; a long list and an empty result read best as the tool words them.
    var isWordable = true

    init(_ lines: [FactLine] = [], disclosures: [String] = [], isWordable: Bool = true) {
        self.lines = lines
        self.disclosures = disclosures
        self.isWordable = isWordable
    }

    /// The rendering of the fact with this name.
    subscript(name: String) -> String? { self.lines.first { $0.fact.name == name }?.rendering }

    /// The renderings of some columns, row by row; a row that lacks one of them is left out.
    func rows(_ columns: String...) -> [[String]] {
        var rows: [[String]] = []
        while true {
            let row = columns.compactMap { self["\($0)_\(rows.count + 1)"] }
            guard row.count == columns.count else { return rows }
            rows.append(row)
        }
    }
}

public import TellerMessages

/// How many messages of a what-if came out how.
public struct WhatIfSummary: Sendable, Hashable {
    public private(set) var counts: [WhatIfVerdict: Int] = [:]
    /// Messages with each of these changes; one may have several.
    public private(set) var statusChanged = 0
    public private(set) var planChanged = 0
    public private(set) var figuresChanged = 0
    public private(set) var wordingChanged = 0
    /// Facts whose value is another, or that are more or fewer.
    public private(set) var facts = 0

    public init() {}

    public var total: Int { self.counts.values.reduce(0, +) }

    public subscript(_ verdict: WhatIfVerdict) -> Int { self.counts[verdict] ?? 0 }

    public mutating func add(_ result: WhatIfResult) {
        self.counts[result.verdict, default: 0] += 1
        guard case .tried(let difference) = result.outcome else { return }
        if difference.statusChanged { self.statusChanged += 1 }
        if difference.planChanged { self.planChanged += 1 }
        if difference.figuresChanged { self.figuresChanged += 1 }
        if difference.wordingChanged { self.wordingChanged += 1 }
        self.facts += difference.facts.count { $0.kind != .source }
    }

    public func passes(_ gate: WhatIfGate) -> Bool {
        self.counts.allSatisfy { verdict, count in count == 0 || gate.passes(verdict) }
    }

    public var json: JSONValue {
        var verdicts = JSONObject()
        for verdict in WhatIfVerdict.allCases { verdicts[verdict.rawValue] = .integer(self[verdict]) }
        return [
            "messages": .integer(self.total), "verdicts": .object(verdicts), "status_changed": .integer(self.statusChanged),
            "plan_changed": .integer(self.planChanged), "figures_changed": .integer(self.figuresChanged),
            "wording_changed": .integer(self.wordingChanged), "facts_changed": .integer(self.facts),
        ]
    }
}

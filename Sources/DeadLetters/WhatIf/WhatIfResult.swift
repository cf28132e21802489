public import Foundation
public import TellerMessages

/// What a what-if found of one message.
public struct WhatIfResult: Sendable {
    public enum Outcome: Sendable {
        case tried(AnswerDifference)
        /// Why not; it holds no customer data.
        case untried(String)
    }

    /// The dead letter, where the message is one.
    public let failureID: UUID?
    public let requestID: String?
    /// The moment at which the question was asked.
    public let asOf: Date
    public let outcome: Outcome

    public var verdict: WhatIfVerdict {
        switch self.outcome {
        case .tried(let difference): difference.verdict
        case .untried: .untried
        }
    }

    /// - Parameter showingText: Whether the customer's words may be in it: the answers' texts, names, and what a plan looks for.
    public func json(showingText: Bool) -> JSONValue {
        var object = JSONObject()
        object["failure_id"] = self.failureID.map { .string($0.uuidString.lowercased()) }
        object["request_id"] = self.requestID.map { .string($0) }
        object["as_of"] = .string(self.asOf.rfc3339)
        object["verdict"] = .string(self.verdict.rawValue)
        switch self.outcome {
        case .untried(let reason): object["reason"] = .string(reason)
        case .tried(let difference):
            for (name, value) in difference.json(showingText: showingText).members { object[name] = value }
        }
        return .object(object)
    }
}

extension AnswerDifference {
    func json(showingText: Bool) -> JSONObject {
        let old = self.earlier.answer
        var object: JSONObject = ["status": .change(self.earlier.status.rawValue, self.new.status.rawValue)]
        object["problem"] = .change(old?.problem?.type, self.new.problem?.type)
        object["plan"] = [
            "old": old?.plan.map { $0.json(showingArguments: showingText) } ?? .null,
            "new": self.new.plan.map { $0.json(showingArguments: showingText) } ?? .null, "changed": .bool(self.planChanged),
            "changed_arguments": .array(self.changedArguments.map { .string($0) }),
        ]
        object["facts"] = .array(self.facts.map { $0.json(showingText: showingText) })
        object["disclosures"] = ["added": .integer(self.addedDisclosures.count), "removed": .integer(self.removedDisclosures.count)]
        object["language"] = .change(old?.language, self.new.language)
        var text: JSONObject = ["removed": .integer(self.words.removed.count), "added": .integer(self.words.added.count)]
        if showingText {
            text["old"] = old.map { .string($0.text) } ?? .null
            text["new"] = .string(self.new.text)
        }
        object["words"] = .object(text)
        object["model"] = .change(old?.model?.label, self.new.model?.label)
        return object
    }
}

extension FactDifference {
    fileprivate func json(showingText: Bool) -> JSONValue {
        var object: JSONObject = ["name": .string(self.name), "change": .string(self.kind.rawValue)]
        object["unit"] = self.unit.map { .string($0) }
        for (label, fact) in [("old", self.old), ("new", self.new)] {
            guard let fact, showingText || fact.isPlain else { continue }
            object[label] = .string(fact.value)
        }
        object["absolute"] = self.absolute.map { .string("\($0)") }
        object["relative"] = self.relative.map { .string("\($0)") }
        if self.old?.source != self.new?.source {
            for (label, fact) in [("old_source", self.old), ("new_source", self.new)] {
                object[label] = fact.map { .string(showingText ? $0.source : $0.plainSource) }
            }
        }
        return .object(object)
    }
}

extension Fact {
    /// Whether the value is a figure or a date rather than a name or other words.
    public var isPlain: Bool { self.unit != nil }

    /// The source without the conditions of its search, in which the customer's words may be.
    public var plainSource: String {
        guard let question = self.source.firstIndex(of: "?") else { return self.source }
        let rows = self.source[question...].firstIndex(of: ";").map { String(self.source[$0...]) } ?? ""
        return self.source[..<question] + "?…" + rows
    }
}

extension ToolCall {
    fileprivate func json(showingArguments: Bool) -> JSONValue { showingArguments ? self.json : ["tool": .string(self.tool)] }
}

extension ChatAnswer.Model {
    /// `name@revision/weights`, as the audit names it.
    public var label: String { "\(self.name)@\(self.revision)/\(self.weights)" }
}

extension JSONValue {
    fileprivate static func change(_ old: String?, _ new: String?) -> JSONValue {
        ["old": old.map { .string($0) } ?? .null, "new": new.map { .string($0) } ?? .null]
    }
}

public import Foundation
public import TellerMessages

/// What a what-if is tried on.
public enum WhatIfSelection: Sendable, Hashable {
    /// The messages of a replay plan, as the plan would send them.
    case plan(UUID)
    case deadLetters(DeadLetterSelection)
    /// Requests whose current answer has the status `answered`.
    case answered(RequestSelection)

    /// The selection as the audit keeps it.
    public var json: JSONValue {
        switch self {
        case .plan(let id): ["plan": .string(id.uuidString.lowercased())]
        case .deadLetters(let selection): ["dead_letters": selection.json]
        case .answered(let selection): ["answered": selection.json]
        }
    }
}

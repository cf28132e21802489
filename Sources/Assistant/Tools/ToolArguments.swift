import Foundation
import Ledger
import TellerMessages

/// The arguments of a validated call, read as what they mean.
struct ToolArguments: Sendable, Hashable {
    private let call: ToolCall

    /// Only ``Toolbox`` makes them, after it has validated the call.
    init(validated call: ToolCall) { self.call = call }

    /// The value as written.
    subscript(name: String) -> String? { self.call.arguments[name]?.written }

    /// The arguments with one more, whose value is known to be valid.
    func setting(_ name: String, to value: String) -> ToolArguments {
        var call = self.call
        call.arguments[name] = .string(value)
        return ToolArguments(validated: call)
    }

    var account: AccountKind? { self["account"].flatMap(AccountKind.init(rawValue:)) }
    var category: TransactionCategory? { self["category"].flatMap(TransactionCategory.init(rawValue:)) }
    var period: Period? { self["period"].flatMap(Period.init(word:)) }
    var count: Int? { self["count"].flatMap(WrittenNumber.init)?.integer }

    /// The bounds on amounts, the smaller first whichever way round they were written.
    var bounds: (minimum: Decimal?, maximum: Decimal?) {
        let (minimum, maximum) = (
            self["min"].flatMap(WrittenNumber.init)?.value, self["max"].flatMap(WrittenNumber.init)?.value
        )
        guard let minimum, let maximum, minimum > maximum else { return (minimum, maximum) }
        return (maximum, minimum)
    }
}

extension Argument {
    static let account = Argument("account", .choice(AccountKind.allCases.map(\.rawValue)))
    static let merchant = Argument("merchant", .text)
    static let category = Argument("category", .choice(TransactionCategory.allCases.map(\.rawValue)))
    static let period = Argument("period", .period)
}

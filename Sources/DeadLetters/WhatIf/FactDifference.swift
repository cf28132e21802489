public import Foundation
public import TellerMessages

/// A fact that one answer has otherwise than the other, or not at all.
public struct FactDifference: Sendable, Hashable {
    public let old: Fact?
    public let new: Fact?

    public init(old: Fact?, new: Fact?) {
        self.old = old
        self.new = new
    }

    public enum Kind: String, Sendable {
        case added
        case removed
        /// The value, or what it counts, is another.
        case changed
        /// The same value, from other rows or another calculation.
        case source
    }

    public var kind: Kind {
        guard let old = self.old else { return .added }
        guard let new = self.new else { return .removed }
        return old.value == new.value && old.unit == new.unit ? .source : .changed
    }

    public var name: String { self.new?.name ?? self.old?.name ?? "" }
    public var unit: String? { self.new?.unit ?? self.old?.unit }

    /// What was added to the figure; `nil` unless both are figures of one unit.
    public var absolute: Decimal? {
        guard let old = self.old, let new = self.new, old.unit == new.unit, let before = old.figure, let after = new.figure
        else { return nil }
        return after - before
    }

    /// ``absolute`` as a share of the old figure's size: 0.05 for five per cent more. At most ten places after the point; `nil` where
    /// the old figure was zero.
    public var relative: Decimal? {
        guard let absolute = self.absolute, let before = self.old?.figure, before != 0 else { return nil }
        var quotient = absolute / before.magnitude
        var rounded = Decimal()
        NSDecimalRound(&rounded, &quotient, 10, .plain)
        return rounded
    }

    /// The facts that differ, in the order of the new answer and then those that it lacks.
    ///
    /// Two facts are the same one when they share name and source. What is left is paired by name, since a figure over other rows has
    /// another source.
    public static func between(_ old: [Fact], _ new: [Fact]) -> [FactDifference] {
        var left = old
        func take(_ fits: (Fact) -> Bool) -> Fact? { left.firstIndex(where: fits).map { left.remove(at: $0) } }
        let exact = new.map { fact in take { $0.name == fact.name && $0.source == fact.source } }
        let pairs = zip(new, exact).map { fact, match in
            FactDifference(old: match ?? take { $0.name == fact.name }, new: fact)
        }
        return pairs.filter { $0.kind != .source || $0.old?.source != $0.new?.source } + left.map { FactDifference(old: $0, new: nil) }
    }
}

extension Fact {
    /// The value as a number: what has a unit and is written as a plain decimal.
    public var figure: Decimal? {
        guard self.unit != nil, self.value.wholeMatch(of: /-?[0-9]+(\.[0-9]+)?/) != nil else { return nil }
        return Decimal(string: self.value, locale: Locale(identifier: "en_US_POSIX"))
    }
}

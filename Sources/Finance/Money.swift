public import Foundation

/// An exact amount in one currency; below zero it is money out, or owed.
public struct Money: Sendable, Hashable {
    public var amount: Decimal
    public let currency: Currency

    public init(_ amount: Decimal, _ currency: Currency) {
        self.amount = amount
        self.currency = currency
    }

    public static func zero(_ currency: Currency) -> Money {
        Money(0, currency)
    }

    /// The sum, exactly.
    public static func + (left: Money, right: Money) throws(MixedCurrencies) -> Money {
        guard left.currency == right.currency else { throw MixedCurrencies(left.currency, right.currency) }
        return Money(left.amount + right.amount, left.currency)
    }

    /// The difference, exactly.
    public static func - (left: Money, right: Money) throws(MixedCurrencies) -> Money {
        try left + -right
    }

    public static prefix func - (money: Money) -> Money {
        Money(-money.amount, money.currency)
    }

    public var magnitude: Money {
        Money(self.amount.magnitude, self.currency)
    }

    /// Rounded to the currency's minor unit, halves away from zero: 2.345 becomes 2.35, and −2.345 becomes −2.35.
    public var rounded: Money {
        Money(self.amount.rounded(places: self.currency.minorUnits), self.currency)
    }

    /// The amount's digits: at least the currency's decimal places, and all that the amount has: nothing is hidden.
    ///
    /// - Parameter grouped: Whether commas separate thousands: `-1,234.50` rather than `-1234.50`.
    public func digits(grouped: Bool) -> String {
        self.amount.digits(minimumPlaces: self.currency.minorUnits, grouped: grouped)
    }
}

extension Money: CustomStringConvertible {
    /// The amount and the code, for logs and tools: `-1234.50 USD`.
    public var description: String { "\(self.digits(grouped: false)) \(self.currency.code)" }
}

/// Amounts in two currencies were to be added: convert one of them first.
public struct MixedCurrencies: Error, Hashable, CustomStringConvertible {
    public let first: Currency
    public let second: Currency

    init(_ first: Currency, _ second: Currency) {
        self.first = first
        self.second = second
    }

    public var description: String { "cannot add \(self.first) and \(self.second): convert one of them first" }
}

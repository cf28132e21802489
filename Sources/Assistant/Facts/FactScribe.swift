import Finance
import Foundation
import Ledger
import TellerMessages

/// Writes facts: the exact value for machines, the rendering for the customer's language, and the source for auditors.
struct FactScribe: Sendable {
    let phrasebook: Phrasebook
    /// The instant at which the facts were true, unless a fact knows better.
    let asOf: Date

    func money(
        _ name: String, _ money: Money, source: String, asOf: Date? = nil, isRequired: Bool = false
    ) -> FactLine {
        let fact = Fact(
            name: name, value: money.digits(grouped: false), unit: money.currency.code, source: source,
            asOf: asOf ?? self.asOf)
        return FactLine(fact, rendering: self.phrasebook.money(money), isRequired: isRequired)
    }

    func count(_ name: String, _ count: Int, of unit: String, source: String, isRequired: Bool = false) -> FactLine {
        let fact = Fact(name: name, value: "\(count)", unit: unit, source: source, asOf: self.asOf)
        return FactLine(fact, rendering: "\(count)", nature: .count, isRequired: isRequired)
    }

    func text(_ name: String, _ value: String, rendering: String? = nil, source: String, asOf: Date? = nil) -> FactLine
    {
        let fact = Fact(name: name, value: value, source: source, asOf: asOf ?? self.asOf)
        return FactLine(fact, rendering: rendering ?? self.phrasebook.name(value))
    }

    func day(_ name: String, _ day: CalendarDay, source: String) -> FactLine {
        let fact = Fact(name: name, value: day.iso8601, unit: "date", source: source, asOf: self.asOf)
        return FactLine(fact, rendering: self.phrasebook.day(day))
    }

    /// An account by its name and the last digits of its number.
    func account(_ name: String, _ account: Account) -> FactLine {
        let label = self.phrasebook.name(account.name)
        let digits = "••\(self.phrasebook.name(account.maskedNumber))"
        let fact = Fact(
            name: name, value: "\(account.name) ••\(account.maskedNumber)", source: account.reference,
            asOf: account.asOf)
        return FactLine(fact, rendering: "\(label) \(digits)", shortForms: [label, digits])
    }

    /// A period, with its first and last day; the value is an ISO 8601 interval of days, both included.
    func period(_ name: String, _ period: Period, _ span: DaySpan, timeZone: TimeZone) -> FactLine {
        let fact = Fact(
            name: name, value: "\(span.first.iso8601)/\(span.last.iso8601)", unit: "days",
            source: "calendar(\(period.word), \(timeZone.identifier))", asOf: self.asOf)
        return FactLine(
            fact, rendering: self.phrasebook.period(period, span),
            shortForms: [self.phrasebook.days(span), self.phrasebook.name(of: period)])
    }
}

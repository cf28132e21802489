import Finance
import TellerMessages

/// A fact as the model reads it and as the answer must write it.
struct FactLine: Sendable, Hashable {
    /// How strictly the figures of a fact hold their surroundings.
    enum Nature: Sendable, Hashable {
        /// Money, a day, a period, an account, a name: whole as rendered.
        case whole
        /// A bare number, which must not come to mean money, a share or a length of time by the word beside it.
        case count
        /// A sentence of an article, of which single figures may be quoted with their units.
        case passage
    }

    let fact: Fact
    /// The value in the customer's language, exactly as the answer has to write it.
    let rendering: String
    /// Parts of the rendering that may stand for the whole.
    let shortForms: [String]
    let nature: Nature
    /// Whether an answer without it is incomplete.
    let isRequired: Bool

    init(
        _ fact: Fact, rendering: String, shortForms: [String] = [], nature: Nature = .whole, isRequired: Bool = false
    ) {
        self.fact = fact
        self.rendering = rendering
        self.shortForms = shortForms
        self.nature = nature
        self.isRequired = isRequired
    }

    /// The same fact, required or not.
    func requiring(_ isRequired: Bool) -> FactLine {
        FactLine(
            self.fact, rendering: self.rendering, shortForms: self.shortForms, nature: self.nature,
            isRequired: isRequired)
    }

    /// Whether the value is an amount of money.
    var isMoney: Bool { self.nature == .whole && self.fact.unit.flatMap(Currency.init(code:)) != nil }

    /// The line of the model's dialect: `name: value`.
    var text: String { "\(self.fact.name): \(self.rendering)" }

    var forms: [String] { [self.rendering] + self.shortForms }

    /// The number of the row that the fact belongs to: 2 for `amount_2`, none for `total`.
    var row: Int? { self.fact.name.split(separator: "_").last.flatMap { Int($0) } }

    /// The name without the row's number: `amount` for `amount_2`.
    var column: String {
        self.row == nil
            ? self.fact.name : String(self.fact.name[..<(self.fact.name.lastIndex(of: "_") ?? self.fact.name.endIndex)])
    }
}

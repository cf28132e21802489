public import TellerMessages

/// What a plan's tool found for the customer: the only ground that an answer may stand on.
public struct Findings: Sendable {
    public let plan: Plan
    public let language: Language
    let sheet: FactSheet
    /// The answer as the tool words it from its facts, without inference.
    public let plainWording: String
    /// The figures that the customer wrote and the tool used: bounds, a count, and those within a name or text.
    let ownWords: [String]

    init(plan: Plan, sheet: FactSheet, tool: any Tool, arguments: ToolArguments, language: Language) {
        self.plan = plan
        self.language = language
        self.sheet = sheet
        self.plainWording = tool.plainWording(of: sheet, for: arguments, in: language)
        self.ownWords = tool.arguments.flatMap { argument -> [String] in
            guard let value = arguments[argument.name] else { return [] }
            switch argument.kind {
            case .amount, .count: return [value]
            case .text: return FigureScanner(Array(value.unicodeScalars)).literals
            case .choice, .period: return []
            }
        }
    }

    public var facts: [Fact] { self.sheet.lines.map(\.fact) }

    /// The figures that a wording of these findings may hold.
    var figures: FigureLexicon { FigureLexicon(sheet: self.sheet, ownWords: self.ownWords) }
}

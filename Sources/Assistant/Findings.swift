public import TellerMessages

/// What a plan's tool found for the customer: the only ground that an answer may stand on.
public struct Findings: Sendable {
    public let plan: Plan
    public let language: Language
    let sheet: FactSheet
    /// The answer as the tool words it from its facts, without inference.
    public let plainWording: String
    /// What the customer wrote and the tool used: names, texts and bounds.
    let ownWords: [String]

    init(plan: Plan, sheet: FactSheet, tool: any Tool, arguments: ToolArguments, language: Language) {
        self.plan = plan
        self.language = language
        self.sheet = sheet
        self.plainWording = tool.plainWording(of: sheet, for: arguments, in: language)
        self.ownWords = tool.arguments.filter(\.isQuoted).compactMap { arguments[$0.name] }
    }

    public var facts: [Fact] { self.sheet.lines.map(\.fact) }

    /// The figures that a wording of these findings may hold.
    var figures: FigureLexicon { FigureLexicon(sheet: self.sheet, ownWords: self.ownWords) }
}

/// What a model's wording said or left out against its findings; it carries no text of the customer's.
public enum Violation: Sendable, Hashable {
    case empty
    case tooLong
    /// A control, format, private or unassigned character.
    case unprintable
    /// A link, an address or markup.
    case markup
    /// A number, amount, date, percentage or number word that no fact, article sentence or word of the customer's
    /// holds.
    case inventedFigure
    /// A fact that the answer needs is not in it.
    case missingFact(name: String)
    /// Facts of different rows stand together, or a balance is told as what is available.
    case mixedFacts
    case wrongLanguage
    /// A name that is in no fact and not in the question.
    case unknownName
    /// A sentence that the article does not hold.
    case unsupportedStatement
}

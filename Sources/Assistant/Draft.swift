import TellerMessages

/// A wording of findings that has not been checked.
public struct Draft: Sendable {
    /// Why an answer is worded plainly, by the tool itself, rather than by the model.
    public enum PlainReason: Sendable, Hashable {
        /// The request asked for it.
        case requested
        /// There is nothing for the model to word: no rows, a long list, or a fixed text.
        case nothingToWord
        /// The facts do not fit into the model's context beside the question.
        case tooLong
        /// The deadline left no time, or passed while the model was at work.
        case deadline
        /// The model's wording did not come to an end.
        case unfinished
        /// The model's wording said something that the findings do not.
        case rejected(Violation)
    }

    enum Wording: Sendable, Hashable {
        case model(String)
        case plain(PlainReason)
    }

    let wording: Wording
    let usage: ChatAnswer.Usage

    static func plain(_ reason: PlainReason, usage: ChatAnswer.Usage = .init()) -> Draft {
        Draft(wording: .plain(reason), usage: usage)
    }
}

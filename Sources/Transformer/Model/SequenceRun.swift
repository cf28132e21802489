/// One sequence's part of a step: tokens that follow each other, at positions whose pages are there already.
struct SequenceRun {
    /// After which of the tokens logits are wanted.
    enum LogitRows {
        case none, last, all
    }

    let tokens: ArraySlice<TokenID>
    /// The position of the first token.
    let position: Int
    /// The sequence's pages, those before the position included.
    let pages: [Page]
    let logits: LogitRows

    /// Rows of logits.
    var logitCount: Int {
        switch self.logits {
        case .none: 0
        case .last: min(1, self.tokens.count)
        case .all: self.tokens.count
        }
    }
}

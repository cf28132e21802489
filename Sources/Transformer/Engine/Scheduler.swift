/// Decides how many tokens of each sequence a step computes.
///
/// Sequences that write go first, a token each; then their guesses; what is left goes to prompts in their order, in
/// chunks, so that a long prompt delays the writing by no more than its chunk. When nothing writes, prompts have it all.
struct Scheduler: Sendable {
    /// What a sequence could do in a step.
    enum Work: Sendable, Hashable {
        /// Compute its last token, and these that are guessed to follow.
        case decode(drafts: Int)
        /// Compute what is left of its prompt, from a position on.
        case prefill(position: Int, remaining: Int)
        /// Wait for another sequence that computes the same.
        case follow
    }

    let tokensPerStep: Int
    let prefillChunk: Int

    init(_ settings: EngineSettings) {
        self.tokensPerStep = min(max(settings.tokensPerStep, 2), ForwardPass.maximumTokens)
        self.prefillChunk = max(settings.prefillChunk, 1)
    }

    /// The most sequences of a step, such that prompts make progress too.
    var maximumBatch: Int { self.tokensPerStep / 2 }

    /// The number of tokens of each sequence's work, 0 where it has to wait.
    ///
    /// - Parameter work: In the order of precedence, with at most ``maximumBatch`` to decode.
    func plan(_ work: [Work]) -> [Int] {
        var shares = [Int](repeating: 0, count: work.count)
        var left = self.tokensPerStep
        for case (let index, .decode) in work.enumerated() where left > 0 {
            shares[index] = 1
            left -= 1
        }
        let isWriting = left < self.tokensPerStep
        var forDrafts = left / 2
        for case (let index, .decode(let drafts)) in work.enumerated() where shares[index] > 0 {
            let granted = min(drafts, forDrafts)
            shares[index] += granted
            forDrafts -= granted
            left -= granted
        }
        var forPrompts = isWriting ? min(left, self.prefillChunk) : left
        for case (let index, .prefill(let position, let remaining)) in work.enumerated() {
            shares[index] = Self.chunk(position, remaining, limit: forPrompts)
            forPrompts -= shares[index]
        }
        return shares
    }

    /// A piece of a prompt; one that is not the last ends with a page where it can, so that others may go on from it.
    private static func chunk(_ position: Int, _ remaining: Int, limit: Int) -> Int {
        guard remaining > limit else { return remaining }
        let end = position + limit
        let pageEnd = end - end % KeyValuePages.pageSize
        return pageEnd > position ? pageEnd - position : limit
    }
}

extension ContinuousBatch {
    /// Goes on from kept pages as far as the prompt is as another one was.
    ///
    /// At least the prompt's last token is computed, since the answer begins with its logits.
    func adoptPages(_ sequence: inout SequenceState) {
        guard self.settings.reusesPrefixes else { return }
        while sequence.isAtPage, sequence.computed + KeyValuePages.pageSize < sequence.promptCount,
            let key = sequence.nextKey, let (node, page) = self.cache.take(key, &self.pages)
        {
            sequence.pages.append(page)
            sequence.computed += KeyValuePages.pageSize
            sequence.writer?.cachedTokens += KeyValuePages.pageSize
            sequence.keptPages += 1
            sequence.node = node
        }
    }

    /// The same for a running sequence, when others have kept pages since.
    func adoptPages(running index: Int) {
        let before = self.running[index].pages.count
        self.adoptPages(&self.running[index])
        self.promisedPages -= self.running[index].pages.count - before
    }

    /// Allocates pages for a sequence's next tokens, out of those that it was promised.
    func reservePages(running index: Int, tokens: Int) {
        let needed = KeyValuePages.count(forPositions: self.running[index].computed + tokens)
        while self.running[index].pages.count < needed {
            guard let page = self.cache.allocate(&self.pages) else {
                // Cannot be: a sequence is admitted only when all that it can come to ask for is free or idle, besides
                // what the others were promised, and `promisedPages` keeps account of each.
                preconditionFailure("more pages were promised than there are")
            }
            self.running[index].pages.append(page)
            self.promisedPages -= 1
        }
    }

    /// Keeps the pages that a sequence has computed in full, for itself and for those that may have them.
    func keepPages(running index: Int) {
        guard self.settings.reusesPrefixes else { return }
        while self.running[index].hasPageToKeep, let key = self.running[index].nextKey {
            let number = self.running[index].keptPages
            let (node, page) = self.cache.insert(key, self.running[index].pages[number], &self.pages)
            self.running[index].pages[number] = page
            self.running[index].keptPages += 1
            self.running[index].node = node
        }
    }
}

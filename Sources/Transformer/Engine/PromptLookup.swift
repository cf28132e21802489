/// Proposes the tokens that followed a text's last ones where these occurred before: answers copy their prompt.
///
/// Every pair of tokens is chained to the pair before it with the same hash, as in LZ77, so that a token costs the same
/// whatever the length of the text. How often a proposal came true is counted at each token, whether or not anybody
/// asked for it, by how many tokens had matched; that alone decides how much is proposed.
struct PromptLookup: Sendable {
    /// Longer matches are no surer.
    private static let longestMatch = 8
    private static let longestWalk = 16
    private static let usualRoom = 1024
    /// The weight of the latest outcome in a success rate.
    private static let novelty = 0.125
    private static let none: Int32 = -1

    /// Where the longest earlier occurrence of the last tokens goes on.
    private struct Match: Sendable {
        var next: Int
        var length: Int
    }

    private var tokens: [TokenID] = []
    /// By a pair's hash: where the last such pair ended.
    private var heads: [Int32]
    /// By where a pair ended: where the one before it with the same hash did.
    private var links: [Int32] = []
    private let shift: UInt32
    private var match: Match?
    /// By the length of a match: the share of its proposals that came true lately.
    private var successRates: [Double] = [0, 0, 0.55, 0.7, 0.8, 0.85, 0.85, 0.85, 0.85]

    /// - Parameter room: About how many tokens will be appended.
    init(_ prompt: [TokenID], room: Int) {
        let size = prompt.count + min(room, Self.usualRoom)
        let bits = UInt32(max(4, Int.bitWidth - size.leadingZeroBitCount))
        self.shift = 32 - min(bits, 20)
        self.heads = [Int32](repeating: Self.none, count: 1 << (32 - self.shift))
        self.tokens.reserveCapacity(size)
        self.links.reserveCapacity(size)
        for token in prompt { self.push(token) }
        self.match = self.longestMatch()
    }

    /// Takes the token that did follow.
    mutating func append(_ token: TokenID) {
        let previous = self.match
        let isHit = previous.map { self.tokens[$0.next] == token } ?? false
        if let previous {
            let outcome = isHit ? 1.0 : 0.0
            self.successRates[previous.length] += Self.novelty * (outcome - self.successRates[previous.length])
        }
        self.push(token)
        if isHit, let previous {
            // Nothing longer can have come into being elsewhere.
            self.match = Match(next: previous.next + 1, length: min(previous.length + 1, Self.longestMatch))
        } else {
            self.match = self.longestMatch()
        }
    }

    /// Tokens that are likely to follow, as long as all of them together have a chance to.
    func proposal(maximum: Int, leastChance: Double = 0.3) -> [TokenID] {
        guard var match = self.match else { return [] }
        var proposal: [TokenID] = []
        var chance = 1.0
        while proposal.count < maximum {
            chance *= self.successRates[match.length]
            guard chance >= leastChance else { break }
            let isWritten = match.next < self.tokens.count
            proposal.append(isWritten ? self.tokens[match.next] : proposal[match.next - self.tokens.count])
            match = Match(next: match.next + 1, length: min(match.length + 1, Self.longestMatch))
        }
        return proposal
    }

    private mutating func push(_ token: TokenID) {
        // The pair at the end stays out until it has a token after it.
        let end = self.tokens.count - 1
        if end >= 0 {
            var link = Self.none
            if end >= 1 {
                let bucket = self.bucket(self.tokens[end - 1], self.tokens[end])
                link = self.heads[bucket]
                self.heads[bucket] = Int32(end)
            }
            self.links.append(link)
        }
        self.tokens.append(token)
    }

    private func bucket(_ left: TokenID, _ right: TokenID) -> Int {
        let mixed = UInt32(bitPattern: left) &* 0x9E37_79B1 ^ UInt32(bitPattern: right) &* 0x85EB_CA77
        return Int((mixed &* 0xC2B2_AE3D) >> self.shift)
    }

    private func longestMatch() -> Match? {
        let end = self.tokens.count - 1
        guard end >= 1 else { return nil }
        var best: Match?
        var candidate = self.heads[self.bucket(self.tokens[end - 1], self.tokens[end])]
        for _ in 0..<Self.longestWalk where candidate != Self.none {
            let length = self.commonLength(endingAt: Int(candidate), and: end)
            if length >= 2, length > best?.length ?? 0 { best = Match(next: Int(candidate) + 1, length: length) }
            candidate = self.links[Int(candidate)]
        }
        return best
    }

    private func commonLength(endingAt first: Int, and second: Int) -> Int {
        let limit = min(Self.longestMatch, first + 1)
        var length = 0
        while length < limit, self.tokens[first - length] == self.tokens[second - length] { length += 1 }
        return length
    }
}

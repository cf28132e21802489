/// The words of a text that a search goes by, in both languages.
///
/// Latin words are lower case, without accents left alone, and lightly stemmed; a run of Han characters gives each
/// character and each pair of neighbours, because it has no spaces. Words that say nothing are left out.
struct Terms: Sendable {
    /// The terms in the order of the text, with repeats.
    let list: [String]

    init(_ text: String) {
        var terms: [String] = []
        var word = ""
        var previous: Unicode.Scalar?
        func endWord() {
            if !word.isEmpty, !Self.stopWords.contains(word) { terms.append(Self.stem(word)) }
            word = ""
        }
        let bare = Self.stockPhrases.reduce(text.lowercased()) { $0.replacing($1, with: " ") }
        for scalar in bare.unicodeScalars {
            if scalar.isHan {
                endWord()
                if !Self.stopCharacters.contains(scalar) { terms.append(String(scalar)) }
                guard !Self.particles.contains(scalar) else {
                    previous = nil
                    continue
                }
                if let previous { terms.append(String(previous) + String(scalar)) }
                previous = scalar
                continue
            }
            previous = nil
            if scalar.isWordlike {
                word.unicodeScalars.append(scalar)
            } else if scalar != "'" && scalar != "’" {
                endWord()
            }
        }
        endWord()
        self.list = terms
    }

    /// Whether a term is a single Han character, which says far less than a pair.
    static func isSingle(_ term: String) -> Bool {
        term.unicodeScalars.count == 1 && term.unicodeScalars.first?.isHan == true
    }

    /// A word without the commonest endings, so that "stocks" finds "stock" and "risky" finds "risk".
    private static func stem(_ word: String) -> String {
        for (ending, minimum) in [("ies", 5), ("y", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4)]
        where word.hasSuffix(ending) && word.utf8.count >= minimum && !word.hasSuffix("ss") {
            // "rates" and "rate" must meet, and "fees" and "fee": an ending in e is dropped from both.
            return Self.withoutFinalE(String(word.dropLast(ending.utf8.count)))
        }
        return Self.withoutFinalE(word)
    }

    private static func withoutFinalE(_ word: String) -> String {
        word.utf8.count > 3 && word.hasSuffix("e") ? String(word.dropLast()) : word
    }

    private static let stopWords: Set<String> = [
        "a", "an", "the", "is", "are", "was", "be", "do", "does", "did", "of", "to", "in", "on", "for", "and", "or",
        "it", "its", "i",
        "im", "me", "my", "you", "your", "can", "could", "what", "whats", "how", "why", "when", "which", "who", "with",
        "at", "by",
        "from", "this", "that", "these", "there", "if", "so", "as", "about", "tell", "explain", "mean", "means",
        "meaning",
        "please", "find", "where", "need", "want", "know", "like", "help", "much", "many", "long", "use", "happen",
        "happens", "write", "work", "works", "should", "would", "will", "have", "has", "get", "between", "than",
    ]
    /// What Chinese questions are wrapped in; the longest first.
    private static let stockPhrases = [
        "是什么意思", "有什么区别", "解释一下", "介绍一下", "告诉我", "为什么", "是什么", "什么是", "有什么", "怎么样", "怎么办", "怎么", "怎样", "如何", "解释",
        "介绍", "哪些", "什么", "多少", "多久", "请问", "可以", "应该", "需要", "一下",
    ]
    /// Characters that join or close words and are seldom part of one; no pair spans them.
    private static let particles: Set<Unicode.Scalar> = [
        "的", "了", "是", "吗", "呢", "吧", "啊", "我", "你", "您", "请", "要", "和", "与", "在", "们",
    ]
    private static let stopCharacters: Set<Unicode.Scalar> = [
        "的", "了", "是", "什", "么", "吗", "怎", "我", "请", "问", "呢", "吧", "啊", "和", "与", "在", "有", "到", "一", "个", "这", "那",
        "你", "您",
        "会", "能", "要", "也", "就", "都", "说", "下",
    ]
}

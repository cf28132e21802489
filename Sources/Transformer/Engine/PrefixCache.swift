/// Full pages of keys and values that later sequences may begin with, found by the tokens that led to them.
///
/// A page is known by the page before it, its own tokens and whom it belongs to. Pages are compared by these, not by a
/// hash of them, so that a page is found by the very text that it was computed from and by its owner only.
///
/// The cache holds a reference of its own to every page in it. Pages that no sequence refers to go when room is needed,
/// the one that was let go the longest ago first. A sequence refers to all the pages before one of its own and lets go
/// of the later ones first, so a page never goes before those that follow from it.
struct PrefixCache: Sendable {
    /// Who may begin with a page.
    enum Scope: Hashable, Sendable {
        /// Everybody: the page holds nothing but the model's fixed prompt.
        case everybody
        case owner(String)
    }

    /// A page's place among those that follow from each other; never given twice.
    struct Node: Hashable, Sendable {
        fileprivate let number: Int
        /// Before the first page.
        static let root = Node(number: 0)
    }

    struct Key: Hashable, Sendable {
        let parent: Node
        let scope: Scope
        let tokens: ArraySlice<TokenID>
    }

    private struct Entry: Sendable {
        let node: Node
        let page: Page
    }

    private var entries: [Key: Entry] = [:]
    private var keys: [Page: Key] = [:]
    private var idle = PageQueue()
    private var nodes = 0
    /// Pages that went because room was needed.
    private(set) var evicted = 0

    /// Pages that only the cache refers to.
    var idleCount: Int { self.idle.count }

    /// Finds a page and adds a reference for a sequence.
    mutating func take(_ key: Key, _ pages: inout KeyValuePages) -> (node: Node, page: Page)? {
        guard let entry = self.entries[key] else { return nil }
        pages.retain(entry.page)
        self.idle.remove(entry.page)
        return (entry.node, entry.page)
    }

    /// Keeps a page that a sequence has computed in full.
    ///
    /// - Returns: The page that the sequence is to go on with: the one kept already where another was as fast, which has
    ///   the same numbers.
    mutating func insert(_ key: Key, _ page: Page, _ pages: inout KeyValuePages) -> (node: Node, page: Page) {
        if let other = self.take(key, &pages) {
            pages.release(page)
            return other
        }
        self.nodes += 1
        // A copy of the tokens, so that the sequence's own array is not kept alive.
        let key = Key(parent: key.parent, scope: key.scope, tokens: Array(key.tokens)[...])
        let entry = Entry(node: Node(number: self.nodes), page: page)
        pages.retain(page)
        self.entries[key] = entry
        self.keys[page] = key
        return (entry.node, page)
    }

    /// Takes back a sequence's references, the last page's first.
    mutating func release(_ sequence: [Page], _ pages: inout KeyValuePages) {
        for page in sequence.reversed() {
            pages.release(page)
            if self.keys[page] != nil, pages.references(to: page) == 1 { self.idle.append(page) }
        }
    }

    /// A new page, for which an idle one goes if need be; nil when sequences use all there are.
    mutating func allocate(_ pages: inout KeyValuePages) -> Page? {
        if let page = pages.allocate() { return page }
        guard let idle = self.idle.popFirst(), let key = self.keys.removeValue(forKey: idle) else { return nil }
        self.entries[key] = nil
        self.evicted += 1
        pages.release(idle)
        return pages.allocate()
    }
}

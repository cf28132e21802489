/// Pages in the order in which they were last let go, each found at once: a list linked both ways.
struct PageQueue: Sendable {
    private struct Links: Sendable {
        var previous: Page?
        var next: Page?
    }

    private var links: [Page: Links] = [:]
    private var first: Page?
    private var last: Page?

    var count: Int { self.links.count }

    /// Puts a page that is not in the queue at its end.
    mutating func append(_ page: Page) {
        self.links[page] = Links(previous: self.last, next: nil)
        if let last = self.last { self.links[last]?.next = page } else { self.first = page }
        self.last = page
    }

    /// Takes a page out, if it is there.
    mutating func remove(_ page: Page) {
        guard let links = self.links.removeValue(forKey: page) else { return }
        if let previous = links.previous { self.links[previous]?.next = links.next } else { self.first = links.next }
        if let next = links.next { self.links[next]?.previous = links.previous } else { self.last = links.previous }
    }

    mutating func popFirst() -> Page? {
        let page = self.first
        if let page { self.remove(page) }
        return page
    }
}

/// What may stand at one place of a document; other rules are meant by their number.
enum JSONRule: Sendable {
    /// One of a few values, spelled out.
    case words(ByteWords)
    /// A string of so many scalars.
    case string(length: ClosedRange<Int>)
    case number(JSONNumberRange)
    case array(items: Int, count: ClosedRange<Int>)
    case object(JSONObjectRule)
    /// What one of several rules allows.
    case choice([Int])
}

/// An object's members, written in this order; what is not required may be left out.
struct JSONObjectRule: Sendable {
    struct Member: Sendable {
        let name: String
        let rule: Int
        let isRequired: Bool
    }

    let members: [Member]
    /// By how many members are over: the names that may come next, each with its closing quotation mark and its place.
    let names: [ByteWords]

    init(_ members: [Member]) {
        self.members = members
        self.names = (0...members.count).map { first in
            let required = members[first...].firstIndex(where: \.isRequired)
            let next = members[first..<(required.map { $0 + 1 } ?? members.count)]
            return ByteWords(
                zip(next.indices, next).map { (Array(OrderedJSON.quoted($1.name).utf8.dropFirst()), $0) })
        }
    }

    /// Whether the object may end when so many members are over.
    func mayEnd(after count: Int) -> Bool { !self.members[count...].contains(where: \.isRequired) }
}

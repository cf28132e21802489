/// The prepared statements of one connection, by text and parameter types.
///
/// A text is prepared by the first batch that uses it. Until the server has confirmed that, batches behind it send the text
/// itself, so that they do not fail with it. Beyond the limit a text is not prepared: nothing is evicted, because texts made
/// at run time would push out the ones that matter.
struct PostgresStatements {
    /// How to send a statement.
    enum Use: Equatable {
        case text
        /// Prepare under this number, and use it in the same batch.
        case prepare(Int)
        case prepared(Int)
    }

    private struct Key: Hashable {
        let sql: String
        let types: [PostgresType]
    }

    private struct Entry {
        let number: Int
        var isConfirmed = false
    }

    private let limit: Int
    private var entries: [Key: Entry] = [:]
    private var keys: [Int: Key] = [:]
    private var columns: [Int: PostgresResult.Columns] = [:]
    private var nextNumber = 0

    init(limit: Int = 256) { self.limit = limit }

    /// The name of a prepared statement on the server.
    static func name(_ number: Int) -> String { "teller_\(number)" }

    mutating func use(of query: PostgresQuery) -> Use {
        let key = Key(sql: query.sql, types: query.parameters.map(\.type))
        if let entry = self.entries[key] { return entry.isConfirmed ? .prepared(entry.number) : .text }
        guard self.entries.count < self.limit else { return .text }
        // A number is never used twice, so that a forgotten statement is in nobody's way.
        self.nextNumber += 1
        self.entries[key] = Entry(number: self.nextNumber)
        self.keys[self.nextNumber] = key
        return .prepare(self.nextNumber)
    }

    mutating func confirm(_ number: Int) {
        guard let key = self.keys[number] else { return }
        self.entries[key]?.isConfirmed = true
    }

    mutating func forget(_ number: Int) {
        self.columns[number] = nil
        guard let key = self.keys.removeValue(forKey: number) else { return }
        self.entries[key] = nil
    }

    /// The columns of an earlier result.
    ///
    /// They cannot change under a prepared statement: the server fails it with 0A000.
    func columns(of number: Int?) -> PostgresResult.Columns? { number.flatMap { self.columns[$0] } }

    mutating func note(columns: PostgresResult.Columns, of number: Int?) {
        if let number, self.columns[number] == nil { self.columns[number] = columns }
    }
}

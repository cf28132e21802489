/// The rows that one statement returned, copied out of libpq into one buffer.
final class PostgresResult: Sendable {
    /// The columns of a result, which results of the same prepared statement share.
    final class Columns: Sendable {
        let names: [String]
        let types: [PostgresType]

        init(names: [String], types: [PostgresType]) {
            self.names = names
            self.types = types
        }
    }

    let columns: Columns
    private let bytes: [UInt8]
    /// The end of each cell in `bytes`, row after row; a NULL has the complement of its (empty) end.
    private let ends: [Int]

    init(columns: Columns, bytes: [UInt8], ends: [Int]) {
        self.columns = columns
        self.bytes = bytes
        self.ends = ends
    }

    func cell(row: Int, column: Int) -> PostgresCell {
        let position = row * self.columns.names.count + column
        let end = self.ends[position]
        var content: ArraySlice<UInt8>?
        if end >= 0 {
            let previous = position == 0 ? 0 : self.ends[position - 1]
            content = self.bytes[(previous < 0 ? ~previous : previous)..<end]
        }
        return PostgresCell(column: self.columns.names[column], type: self.columns.types[column], bytes: content)
    }
}

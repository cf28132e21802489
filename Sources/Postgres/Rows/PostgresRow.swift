/// One row of a result.
public struct PostgresRow: Sendable {
    let result: PostgresResult
    let index: Int

    /// The names of the columns, in the order of the statement.
    public var columns: [String] { self.result.columns.names }

    /// The value of a column as a Swift type.
    ///
    /// NULL decodes into an `Optional` only.
    ///
    /// An error names the column and the types and never the value.
    public func decode<Value: PostgresDecodable>(
        _ column: String, as _: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let position = self.columns.firstIndex(of: column) else {
            throw PostgresError(
                code: .decoding,
                message: "there is no column \(column): the statement returns \(self.columns.joined(separator: ", "))")
        }
        return try Value(postgresCell: self.result.cell(row: self.index, column: position))
    }

    /// The value of the column at a position that counts from 0.
    public func decode<Value: PostgresDecodable>(
        at position: Int, as _: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard self.columns.indices.contains(position) else {
            throw PostgresError(
                code: .decoding, message: "there is no column \(position): the statement returns \(self.columns.count)")
        }
        return try Value(postgresCell: self.result.cell(row: self.index, column: position))
    }
}

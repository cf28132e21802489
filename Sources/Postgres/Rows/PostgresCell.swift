/// One value of a row, in the server's text format.
public struct PostgresCell: Sendable {
    /// The name of the column.
    public let column: String
    /// The type that the server gave the column.
    public let type: PostgresType
    /// The UTF-8 text of the value, nil for NULL.
    public let bytes: ArraySlice<UInt8>?

    /// The text of the value, if the column has one of the types that `target` can be read from.
    ///
    /// - Parameters:
    ///   - target: The Swift type to name in the error.
    ///   - types: The accepted types of the column; none accepts any.
    public func content(for target: Any.Type, from types: PostgresType...) throws(PostgresError) -> ArraySlice<UInt8> {
        guard types.isEmpty || types.contains(self.type) else {
            throw self.failure("is \(self.type) and cannot be read as \(target)")
        }
        guard let bytes = self.bytes else {
            throw self.failure("is NULL: read it as Optional<\(target)>")
        }
        return bytes
    }

    /// An error about this value that does not show it.
    public func failure(_ reason: String) -> PostgresError {
        PostgresError(code: .decoding, message: "column \(self.column) \(reason)")
    }
}

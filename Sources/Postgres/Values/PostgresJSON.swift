/// The text of a `jsonb` or `json` value, which is neither parsed nor checked here.
public struct PostgresJSON: Sendable, Hashable, PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    /// The JSON text.
    public let text: String

    public init(_ text: String) { self.text = text }

    public static var postgresType: PostgresType { .jsonb }

    public var postgresValue: PostgresValue { self.text.postgresValue }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        self.text = String(decoding: try cell.content(for: PostgresJSON.self, from: .jsonb, .json), as: UTF8.self)
    }
}

public import Foundation

extension UUID: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .uuid }

    public var postgresValue: PostgresValue { .text(self.uuidString) }

    public init(postgresCell cell: PostgresCell) throws(PostgresError) {
        let text = String(decoding: try cell.content(for: UUID.self, from: .uuid), as: UTF8.self)
        guard let value = UUID(uuidString: text) else { throw cell.failure("holds no UUID") }
        self = value
    }
}

@testable import Postgres

extension PostgresCell {
    /// A value as a server would send it.
    init(_ text: String?, _ type: PostgresType, column: String = "amount") {
        self.init(column: column, type: type, bytes: text.map { Array($0.utf8)[...] })
    }
}

extension PostgresEncodable {
    /// The text on the wire; nil for NULL or a value that cannot be sent.
    var wireText: String? {
        if case .text(let text) = self.postgresValue { text } else { nil }
    }

    var isRefused: Bool {
        if case .refused = self.postgresValue { true } else { false }
    }
}

extension PostgresEncodable where Self: PostgresDecodable {
    /// What comes back when a server returns the value as it was sent.
    func roundTrip(as type: PostgresType? = nil) throws -> Self {
        try Self(postgresCell: PostgresCell(self.wireText, type ?? Self.postgresType))
    }
}

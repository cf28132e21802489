/// A value that can be bound to a parameter of a statement.
public protocol PostgresEncodable: Sendable {
    /// The type that is declared to the server for the parameter.
    static var postgresType: PostgresType { get }

    /// The value in the server's text format.
    var postgresValue: PostgresValue { get }
}

/// A bound value, ready for the wire.
public enum PostgresValue: Sendable, Hashable {
    /// SQL's NULL.
    case null
    /// The text format of the declared type.
    case text(String)
    /// A value that PostgreSQL cannot hold; the text says why, and the statement is refused before it is sent.
    case refused(because: String)
}

extension PostgresEncodable where Self: RawRepresentable, RawValue: PostgresEncodable {
    public static var postgresType: PostgresType { RawValue.postgresType }
    public var postgresValue: PostgresValue { self.rawValue.postgresValue }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    public static var postgresType: PostgresType { Wrapped.postgresType }
    public var postgresValue: PostgresValue { self?.postgresValue ?? .null }
}

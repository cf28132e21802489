/// The type of a parameter or a column, by its object identifier in `pg_type`.
///
/// The built-in identifiers are fixed for good (`pg_type.dat` in PostgreSQL's source); those from 16384 on belong to the
/// types of one database: enums, domains, extensions.
public struct PostgresType: Sendable, Hashable, CustomStringConvertible {
    /// The `oid` of the row in `pg_type`; 0 leaves the choice to the server.
    public let oid: UInt32

    public init(oid: UInt32) { self.oid = oid }

    /// The type that the statement gives the parameter, as for a quoted literal.
    public static let inferred = PostgresType(oid: 0)
    public static let bool = PostgresType(oid: 16)
    public static let bytea = PostgresType(oid: 17)
    public static let int8 = PostgresType(oid: 20)
    public static let int2 = PostgresType(oid: 21)
    public static let int4 = PostgresType(oid: 23)
    public static let text = PostgresType(oid: 25)
    public static let json = PostgresType(oid: 114)
    public static let float4 = PostgresType(oid: 700)
    public static let float8 = PostgresType(oid: 701)
    public static let date = PostgresType(oid: 1082)
    public static let timestamp = PostgresType(oid: 1114)
    public static let timestamptz = PostgresType(oid: 1184)
    public static let numeric = PostgresType(oid: 1700)
    public static let uuid = PostgresType(oid: 2950)
    public static let jsonb = PostgresType(oid: 3802)

    /// Whether the type belongs to one database rather than to every server.
    var isUserDefined: Bool { self.oid >= 16384 }

    /// The type of an array of this type, where it is built in.
    public var array: PostgresType? { Self.arrays[self] }

    /// The type of an array's elements, where the array is built in.
    public var element: PostgresType? { Self.elements[self] }

    public var description: String {
        if let name = Self.names[self] { return name }
        if let element = self.element { return "\(element)[]" }
        return "the type with oid \(self.oid)"
    }

    private static let arrays: [PostgresType: PostgresType] = [
        .bool: 1000, .bytea: 1001, .int2: 1005, .int4: 1007, .text: 1009, .int8: 1016, .float4: 1021, .float8: 1022,
        .timestamp: 1115, .date: 1182, .timestamptz: 1185, .numeric: 1231, .uuid: 2951, .json: 199, .jsonb: 3807,
        PostgresType(oid: 19): 1003, PostgresType(oid: 1042): 1014, PostgresType(oid: 1043): 1015,
    ].mapValues { PostgresType(oid: $0) }

    private static let elements = Dictionary(uniqueKeysWithValues: Self.arrays.map { ($1, $0) })

    private static let names: [PostgresType: String] = [
        .inferred: "an inferred type", .bool: "boolean", .bytea: "bytea", .int8: "bigint", .int2: "smallint",
        .int4: "integer", .text: "text", .json: "json", .float4: "real", .float8: "double precision", .date: "date",
        .timestamp: "timestamp without time zone", .timestamptz: "timestamp with time zone", .numeric: "numeric",
        .uuid: "uuid", .jsonb: "jsonb", PostgresType(oid: 19): "name", PostgresType(oid: 705): "unknown",
        PostgresType(oid: 1042): "character", PostgresType(oid: 1043): "character varying",
        PostgresType(oid: 1266): "time with time zone", PostgresType(oid: 1083): "time",
        PostgresType(oid: 1186): "interval", PostgresType(oid: 2278): "void",
    ]
}

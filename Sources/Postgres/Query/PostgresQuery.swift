/// A statement and the values bound to it.
///
/// An interpolated value becomes a parameter and never a part of the statement's text:
///
///     let query: PostgresQuery = "SELECT balance FROM ledger.accounts WHERE id = \(id)"   // … WHERE id = $1
///
/// What must be spliced into the text says so: `\(unescaped:)` for trusted SQL, `\(identifier:)` for a quoted name.
/// Neither a description nor a dump shows the bound values.
public struct PostgresQuery: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The statement, with a placeholder `$n` for each bound value.
    public private(set) var sql: String

    /// The bound values, in the order of their placeholders.
    private(set) var parameters: [PostgresParameter] = []

    /// Where the placeholders stand in the text, as UTF-8 offsets, so that a query can become a part of another one.
    private var placeholders: [Range<Int>] = []

    /// A statement whose text is trusted as it is, with nothing bound.
    public init(unsafe sql: String) { self.sql = sql }

    public init(stringLiteral sql: String) { self.sql = sql }

    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.query }

    /// Appends SQL text and binds values, as the compiler drives it for a string literal.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var query = PostgresQuery(unsafe: "")

        public init(literalCapacity: Int, interpolationCount: Int) {
            self.query.sql.reserveCapacity(literalCapacity + 3 * interpolationCount)
            self.query.parameters.reserveCapacity(interpolationCount)
            self.query.placeholders.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { self.query.sql += literal }

        /// Binds a value.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) {
            self.query.bind(PostgresParameter(type: Value.postgresType, value: value.postgresValue))
        }

        /// Binds a value or NULL.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) {
            self.query.bind(PostgresParameter(type: Value.postgresType, value: value.postgresValue))
        }

        /// Appends another query, with its values bound here.
        public mutating func appendInterpolation(_ other: PostgresQuery) { self.query.append(other) }

        /// Appends trusted SQL text as it is.
        public mutating func appendInterpolation(unescaped sql: String) { self.query.sql += sql }

        /// Appends a name, quoted so that it is one identifier whatever it contains.
        public mutating func appendInterpolation(identifier name: String) {
            self.query.sql +=
                "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            self.query.sql += "\""
        }
    }

    private mutating func bind(_ parameter: PostgresParameter) {
        self.parameters.append(parameter)
        let start = self.sql.utf8.count
        self.sql += "$"
        self.sql += String(self.parameters.count)
        self.placeholders.append(start..<self.sql.utf8.count)
    }

    private mutating func append(_ other: PostgresQuery) {
        let text = other.sql.utf8
        var position = text.startIndex
        for (placeholder, parameter) in zip(other.placeholders, other.parameters) {
            self.sql += other.sql[position..<text.index(text.startIndex, offsetBy: placeholder.lowerBound)]
            self.bind(parameter)
            position = text.index(text.startIndex, offsetBy: placeholder.upperBound)
        }
        self.sql += other.sql[position...]
    }
}

extension PostgresQuery: CustomStringConvertible, CustomReflectable {
    public var description: String { self.sql }

    public var customMirror: Mirror {
        Mirror(self, children: ["sql": self.sql, "parameters": self.parameters.map(\.type)])
    }
}

/// A bound value and its declared type.
struct PostgresParameter: Sendable, Hashable {
    let type: PostgresType
    let value: PostgresValue
}

extension PostgresError {
    /// The fields of a server's error report from which an error is made.
    struct Report {
        var sqlState: String
        var primary: String
        var table: String?
        var column: String?
        var constraint: String?
        /// Whether the server names a place in the statement's text.
        var hasPosition = false
    }

    /// An error that keeps of the report what cannot carry a value.
    init(code: Code = .server, _ report: Report) {
        var message = Self.message(for: report)
        let place = [("table", report.table), ("column", report.column), ("constraint", report.constraint)]
            .compactMap { kind, name in name.map { "\(kind) \($0)" } }
        if !place.isEmpty { message += " (\(place.joined(separator: ", ")))" }
        self.init(code: code, sqlState: report.sqlState, message: message, constraint: report.constraint)
    }

    /// The server's own words where they are about objects and circumstances; the condition's name everywhere else, because
    /// a primary message may quote a value: `invalid input syntax for type integer: "…"`.
    ///
    /// Even a message about an object quotes a value when the object was named by one (`$1::regclass`). A message with a
    /// position in the statement's text is about that text, which holds no value.
    private static func message(for report: Report) -> String {
        let stateClass = String(report.sqlState.prefix(2))
        if report.hasPosition
            ? Self.statesAboutNames.contains(report.sqlState) : Self.statesAboutObjects.contains(report.sqlState)
        {
            return report.primary
        }
        if Self.statesAboutNames.contains(report.sqlState) || Self.classesAboutCircumstances.contains(stateClass) {
            return Self.withoutQuotations(report.primary)
        }
        return Self.conditions[report.sqlState] ?? Self.conditions[stateClass] ?? "the server refused the statement"
    }

    private static func withoutQuotations(_ message: String) -> String {
        let parts = message.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.enumerated().map { $0.isMultiple(of: 2) ? String($1) : "…" }.joined(separator: "\"")
    }

    private static let classesAboutCircumstances: Set<String> = [
        "08", "0A", "25", "26", "3D", "3F", "40", "53", "55", "57", "58",
    ]

    /// A name that does not exist, or not for these types.
    private static let statesAboutNames: Set<String> = [
        "42703", "42704", "42883", "42804", "42P01", "42P02", "42P18", "3F000",
    ]

    /// An object that exists already, or may not be used.
    private static let statesAboutObjects: Set<String> = [
        "42501", "42701", "42710", "42723", "42P06", "42P07", "53300",
    ]

    /// The names of conditions from PostgreSQL's manual, appendix A, by SQLSTATE and by class.
    private static let conditions: [String: String] = [
        "21": "the statement's cardinality is wrong", "21000": "a subquery returned more than one row",
        "22": "a value is not valid for its type", "22001": "a string is too long for its column",
        "22003": "a number is out of range", "22007": "a date or time has an invalid format",
        "22008": "a date or time is out of range", "22012": "division by zero",
        "22021": "a character is not valid in the encoding", "22023": "a parameter of a function is not valid",
        "22P02": "a text is not valid for the type it is read as", "22P03": "a binary value is not valid for its type",
        "22P05": "a character cannot be translated (PostgreSQL stores no U+0000)",
        "22030": "a JSON object has a duplicate key",
        "22032": "the JSON text is not valid", "22004": "a value must not be null",
        "23": "a constraint is violated", "23502": "a column must not be null", "23503": "a foreign key is violated",
        "23505": "a unique constraint is violated", "23514": "a check constraint is violated",
        "23P01": "an exclusion constraint is violated",
        "28": "the authorization is not valid", "28P01": "the password is wrong",
        "28000": "the authorization is not valid",
        "42": "the statement is not valid", "42601": "the statement has a syntax error",
        "42702": "a column reference is ambiguous", "42803": "the statement's grouping is not valid",
        "42846": "a type cannot be cast", "42P08": "a parameter's type is ambiguous",
        "44": "a row violates the check option of a view",
        "54": "a limit of the server is exceeded", "54001": "the statement is too complex",
        "P0": "a function raised an error", "P0001": "a function raised an exception", "P0002": "no row was found",
        "P0003": "too many rows were found", "XX": "the server has an internal error",
        "XX001": "the server found corrupted data", "XX002": "the server found a corrupted index",
    ]
}

extension PostgresError.Kind {
    /// The verdict on a SQLSTATE: the most specific entry, by the whole code or by its class, the first two characters.
    init(sqlState: String) {
        self = Self.byState[sqlState] ?? Self.byClass[String(sqlState.prefix(2))] ?? .unknown
    }

    private static let byState: [String: Self] = [
        "25006": .infrastructure,  // read only: a standby, or a database that lost its disk
        "40001": .conflict,  // serialization failure
        "40P01": .conflict,  // deadlock
        "40003": .infrastructure,  // statement completion unknown
        "55P03": .timeout,  // lock not available
        "57014": .timeout,  // statement cancelled
        "25P03": .timeout,  // idle in transaction
        "25P04": .timeout,  // transaction timeout
        "42501": .denied,  // insufficient privilege
        "26000": .conflict,  // no such prepared statement: prepared anew by the next try
        "55000": .unknown,
        "25P02": .unknown,  // the transaction failed before
        "57P05": .infrastructure,  // idle session
        "3D000": .infrastructure,  // no such database (yet)
    ]

    private static let byClass: [String: Self] = [
        "08": .infrastructure,  // connection
        "53": .infrastructure,  // resources
        "57": .infrastructure,  // operator intervention
        "58": .infrastructure,  // system error
        "0A": .message,  // feature not supported
        "21": .message,  // cardinality
        "22": .message,  // data
        "23": .message,  // constraint
        "25": .message,  // transaction state
        "27": .message,  // triggered data change
        "2B": .message,  // dependent objects
        "34": .message,  // cursor name
        "3F": .message,  // schema name
        "42": .message,  // syntax or access rule
        "44": .message,  // WITH CHECK OPTION
        "54": .message,  // program limit
        "28": .denied,  // authorization
        "P0": .message,  // raised by a function
    ]
}

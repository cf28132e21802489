/// How a transaction sees its neighbours.
public enum PostgresIsolation: String, Sendable, Hashable, CaseIterable {
    /// Each statement sees what was committed before it.
    case readCommitted = "READ COMMITTED"
    /// All statements see what was committed before the first one.
    case repeatableRead = "REPEATABLE READ"
    /// As if the transactions ran one after another; conflicts fail with SQLSTATE 40001.
    case serializable = "SERIALIZABLE"

    /// The BEGIN of a transaction.
    func begin(readOnly: Bool) -> String { "BEGIN ISOLATION LEVEL \(self.rawValue)\(readOnly ? " READ ONLY" : "")" }
}

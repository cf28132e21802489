/// Why the ledger could not answer, without any customer data.
public struct LedgerError: Error, Hashable, CustomStringConvertible {
    /// What went wrong, as a name that stays the same.
    public struct Code: Sendable, Hashable {
        let name: String

        /// The ticket key's file cannot be read or holds no key.
        public static let ticketKey = Code(name: "ticket_key")
        /// The ticket is genuine, but the ledger has no such customer.
        public static let noSuchCustomer = Code(name: "no_such_customer")
        /// A row breaks the ledger's contract, such as a currency that is no ISO 4217 code.
        public static let unreadableRow = Code(name: "unreadable_row")
        /// Row security does not bind the role that the program logs in as.
        public static let unboundRole = Code(name: "unbound_role")
    }

    public let code: Code
    /// The cause and the cure.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { self.message }
}

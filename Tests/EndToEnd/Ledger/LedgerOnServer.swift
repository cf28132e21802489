import Testing

/// The ledger on a real server. One after the other, because each test makes a database.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LedgerOnServer {}

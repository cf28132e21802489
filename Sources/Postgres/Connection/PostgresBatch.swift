/// Statements that go to the server together and are answered together: what stands between two syncs of a pipeline.
struct PostgresBatch: Sendable {
    /// How the batch ends the transaction that it, or an earlier batch of the same lease, began.
    enum Ending { case commit, rollback }

    /// The BEGIN with its options.
    ///
    /// A batch that begins nothing and runs outside a transaction is one by itself.
    var begin: String?
    var statements: [PostgresQuery]
    var ending: Ending?
    /// Whether the single statement's text is a script of several, which needs the simple protocol.
    var isScript = false

    /// Whether its neighbours on a connection would become part of its transaction.
    var needsConnectionOfItsOwn: Bool { self.begin != nil || self.isScript }

    /// Goes through all statements with the parts that they play.
    func forEachCommand(_ body: (PostgresQuery, PostgresStep.Role) -> Void) {
        if let begin = self.begin { body(PostgresQuery(unsafe: begin), .begin) }
        for statement in self.statements { body(statement, .statement) }
        switch self.ending {
        case .commit: body("COMMIT", .commit)
        case .rollback: body("ROLLBACK", .rollback)
        case nil: break
        }
    }

    /// Why the batch cannot be sent, if it cannot.
    var refusal: PostgresError? {
        for statement in self.statements {
            if statement.sql.utf8.contains(0) {
                return PostgresError(code: .encoding, message: "the text of a statement contains a NUL character")
            }
            for (index, parameter) in statement.parameters.enumerated() {
                if case .refused(let reason) = parameter.value {
                    return PostgresError(code: .encoding, message: "the value bound to $\(index + 1) \(reason)")
                }
            }
            if statement.parameters.count > 65_535 {
                return PostgresError(code: .encoding, message: "a statement takes at most 65,535 bound values")
            }
        }
        return nil
    }
}

/// One command of a batch on the wire.
struct PostgresStep: Sendable, Equatable {
    /// What the command is for.
    enum Role: Sendable, Equatable { case prepare, begin, statement, commit, rollback }

    let role: Role
    /// The prepared statement that the command makes or uses, in the numbering of its connection.
    var prepared: Int?
}

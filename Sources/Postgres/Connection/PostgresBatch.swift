/// Statements that go to the server together and are answered together: what stands between two syncs of a pipeline.
struct PostgresBatch: Sendable {
    /// How the batch ends the transaction that it, or an earlier batch of the same lease, began.
    enum Ending: String {
        case commit = "COMMIT"
        case rollback = "ROLLBACK"
    }

    /// The BEGIN with its options. A batch that begins nothing and runs outside a transaction is one by itself.
    var begin: String?
    var statements: [PostgresQuery]
    var ending: Ending?
    /// Whether the single statement's text is a script of several, which needs the simple protocol.
    var isScript = false

    /// Whether its neighbours on a connection would become part of its transaction.
    var needsConnectionOfItsOwn: Bool { self.begin != nil || self.isScript }

    /// All statements with the parts that they play.
    var steps: [(query: PostgresQuery, role: PostgresStep.Role)] {
        var steps: [(query: PostgresQuery, role: PostgresStep.Role)] = []
        steps.reserveCapacity(self.statements.count + 2)
        if let begin = self.begin { steps.append((PostgresQuery(unsafe: begin), .begin)) }
        for statement in self.statements { steps.append((statement, .statement)) }
        switch self.ending {
        case .commit: steps.append((PostgresQuery(unsafe: "COMMIT"), .commit))
        case .rollback: steps.append((PostgresQuery(unsafe: "ROLLBACK"), .rollback))
        case nil: break
        }
        return steps
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

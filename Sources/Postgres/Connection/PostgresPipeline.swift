import DequeModule

/// The protocol of one connection: batches are answered in the order in which they were sent, each command of a batch in
/// its order, and a sync ends the batch.
///
/// After the first error of a batch the server skips the rest of it, and goes on after the sync. It is a value without a
/// socket: whoever reads the socket tells it what came.
struct PostgresPipeline<Token, Rows> {
    /// What the server sent.
    enum Event {
        /// A command is done, with its rows.
        case done(Rows)
        /// A COMMIT rolled back, because the transaction had failed before.
        case rolledBack
        /// A command failed.
        case failed(PostgresError)
        /// A command was not tried, because one before it in the batch failed.
        case skipped
        /// The batch has ended.
        case synchronised
    }

    /// What became of a batch.
    struct Settlement {
        let token: Token
        /// The rows of each statement, or the first error.
        let outcome: Result<[Rows], PostgresError>
    }

    /// What follows from an event.
    enum Action {
        case none
        /// The prepared statement exists, or does not.
        case prepared(Int, exists: Bool)
        case settled(Settlement)
    }

    private struct Flight {
        let token: Token
        let steps: [PostgresStep]
        var position = 0
        var rows: [Rows] = []
        var failure: PostgresError?
        var hasCommitted = false

        var current: PostgresStep? { self.position < self.steps.count ? self.steps[self.position] : nil }
        /// Whether the command relies on what an earlier batch has prepared.
        func usesEarlierPreparation(_ step: PostgresStep) -> Bool {
            step.prepared != nil && !self.steps.contains { $0.role == .prepare && $0.prepared == step.prepared }
        }

        var commits: Bool { self.steps.contains { $0.role == .commit } }
    }

    private var flights: Deque<Flight> = []

    var isEmpty: Bool { self.flights.isEmpty }
    var count: Int { self.flights.count }
    var first: Token? { self.flights.first?.token }
    var tokens: some Sequence<Token> { self.flights.lazy.map(\.token) }

    /// The command whose answer comes next.
    var current: PostgresStep? { self.flights.first?.current }

    mutating func append(_ token: Token, steps: [PostgresStep]) {
        self.flights.append(Flight(token: token, steps: steps))
    }

    /// Takes what the server sent.
    ///
    /// Throws when it answers something that was not asked: the connection is then of no use.
    mutating func receive(_ event: Event) throws(PostgresError) -> Action {
        guard !self.flights.isEmpty else { throw Self.disorder }
        if case .synchronised = event {
            guard self.flights[0].current == nil else { throw Self.disorder }
            let flight = self.flights.removeFirst()
            return .settled(
                Settlement(token: flight.token, outcome: flight.failure.map { .failure($0) } ?? .success(flight.rows)))
        }
        guard let step = self.flights[0].current else { throw Self.disorder }
        self.flights[0].position += 1
        switch event {
        case .done(let rows):
            switch step.role {
            case .statement: self.flights[0].rows.append(rows)
            case .commit: self.flights[0].hasCommitted = true
            case .prepare: return step.prepared.map { .prepared($0, exists: true) } ?? .none
            case .begin, .rollback: break
            }
        case .rolledBack:
            self.fail(
                with: PostgresError(
                    code: .transactionAborted, message: "the transaction had failed before COMMIT and was rolled back"))
        case .failed(let error):
            return self.fail(error, at: step)
        case .skipped:
            if step.role == .prepare { return step.prepared.map { .prepared($0, exists: false) } ?? .none }
        case .synchronised: break
        }
        return .none
    }

    private mutating func fail(_ error: PostgresError, at step: PostgresStep) -> Action {
        if step.role == .commit, error.kind == .infrastructure {
            // The server may have committed and then been told to go before it could say so.
            self.fail(with: Self.ambiguity(error.sqlState))
            return .none
        }
        let isStale = ["26000", "0A000"].contains(error.sqlState) && self.flights[0].usesEarlierPreparation(step)
        self.fail(
            with: isStale ? PostgresError(code: .stalePlan, sqlState: error.sqlState, message: error.message) : error)
        guard let prepared = step.prepared, isStale || step.role == .prepare else { return .none }
        return .prepared(prepared, exists: false)
    }

    private mutating func fail(with error: PostgresError) {
        if self.flights[0].failure == nil { self.flights[0].failure = error }
    }

    /// Settles everything, because the connection is gone: what is known already stays, and a COMMIT that was sent and not
    /// answered is ambiguous.
    mutating func lose(_ error: (Token) -> PostgresError) -> [Settlement] {
        defer { self.flights.removeAll() }
        return self.flights.map { flight in
            let outcome: Result<[Rows], PostgresError> =
                if let failure = flight.failure {
                    .failure(failure)
                } else if flight.hasCommitted {
                    .success(flight.rows)
                } else if flight.commits {
                    .failure(Self.ambiguity(nil))
                } else {
                    .failure(error(flight.token))
                }
            return Settlement(token: flight.token, outcome: outcome)
        }
    }

    private static func ambiguity(_ sqlState: String?) -> PostgresError {
        PostgresError(
            code: .commitAmbiguous, sqlState: sqlState,
            message: "the connection was lost after COMMIT was sent: read back whether the transaction happened")
    }

    private static var disorder: PostgresError {
        PostgresError(code: .connectionLost, message: "the server answered what was not asked")
    }
}

internal import EventLoops
public import Logging

/// A pool of connections to PostgreSQL, all on one thread of their own.
///
/// Keep ``run()`` running in a task. Every call may come from any task and waits for a connection until its deadline, while
/// the database is away too; the connections come back by themselves.
///
/// **Cancellation.** A call whose task is cancelled is dropped while it waits for a connection. Once its statements are on the
/// wire, the server is asked to cancel them (on a second connection, from another thread), and the call returns what really
/// became of them: an error ``PostgresError/Code/cancelled``, or the result when they were faster. Statements that share
/// their connection with those of other tasks are left to finish, because a cancel request could hit the wrong one.
///
/// **Deadline.** A call that is not answered in time gives its connection up, and with it whatever shares it.
public final class PostgresClient: Sendable {
    let calls: PostgresCalls
    private let pool: PostgresPool
    private let loop = EventLoop(name: "postgres")
    private let cancelLoop = EventLoop(name: "postgres-cancel")
    private let hasRun = Locked(false)

    /// Connects to nothing yet: that is for ``run()``.
    public init(_ configuration: PostgresConfiguration, logger: Logger = Logger(label: "postgres")) {
        let mailbox = PostgresMailbox()
        self.calls = PostgresCalls(mailbox: mailbox, limit: configuration.queryDeadline)
        self.pool = PostgresPool(
            configuration, mailbox: mailbox, loop: self.loop, cancelLoop: self.cancelLoop, logger: logger)
    }

    deinit {
        self.loop.shutdown()
        self.cancelLoop.shutdown()
    }

    /// Makes, serves and replaces the connections; returns after ``shutdown()``, or when its task is cancelled, which
    /// fails what is under way.
    ///
    /// A client runs once: another call returns at once.
    public func run() async {
        let isFirst = self.hasRun.withLock { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { return }
        await withTaskCancellationHandler {
            await self.pool.run()
        } onCancel: {
            self.calls.mailbox.post(.stop(urgently: true))
        }
    }

    /// Lets what is under way finish, refuses new calls, and closes the connections, upon which ``run()`` returns.
    public func shutdown() { self.calls.mailbox.post(.stop(urgently: false)) }

    /// Runs one statement, which is a transaction by itself.
    ///
    /// The next statement may run on another connection: what changes the session, such as SET or LISTEN, has no place here.
    ///
    /// - Returns: The rows; none for a statement that returns none.
    @discardableResult
    public func query(_ query: PostgresQuery) async throws(PostgresError) -> [PostgresRow] {
        try await self.send(PostgresBatch(statements: [query]))[0]
    }

    /// Runs BEGIN, the statements and COMMIT in one round trip.
    ///
    /// - Returns: The rows of each statement.
    /// - Throws: The first error, with everything rolled back; ``PostgresError/Code/commitAmbiguous`` when the connection is
    ///   lost between the COMMIT and its answer.
    @discardableResult
    public func transaction(
        _ statements: [PostgresQuery], isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false
    ) async throws(PostgresError) -> [[PostgresRow]] {
        let begin = isolation.begin(readOnly: readOnly)
        return try await self.send(PostgresBatch(begin: begin, statements: statements, ending: .commit))
    }

    /// Runs a transaction on a connection of its own: COMMIT when the body returns, ROLLBACK when it throws or when its task
    /// was cancelled meanwhile.
    ///
    /// The transaction begins with its first statement. Do not keep it beyond the body.
    public func withTransaction<Result: Sendable>(
        isolation: PostgresIsolation = .readCommitted, readOnly: Bool = false,
        _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        let lease = try await self.calls.lease(begin: isolation.begin(readOnly: readOnly))
        let result: Result
        do {
            result = try await body(PostgresTransaction(lease: lease))
            if Task.isCancelled { throw PostgresPool.cancellation }
        } catch {
            await lease.rollback()
            throw error
        }
        try await lease.commit()
        return result
    }

    private func send(_ batch: PostgresBatch) async throws(PostgresError) -> [[PostgresRow]] {
        if let refusal = batch.refusal { throw refusal }
        return try await self.calls.perform(.batch(batch, lease: nil))
    }
}

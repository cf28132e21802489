/// What a caller waits for.
struct PostgresWork: Sendable {
    enum Task: Sendable {
        /// Send the statements, on the lease's connection if there is a lease.
        case batch(PostgresBatch, lease: UInt64?)
        /// Lend a connection, under the number of this work. `begin` precedes the first batch.
        case lease(begin: String?)
    }

    typealias Outcome = Result<[[PostgresRow]], PostgresError>

    let id: UInt64
    let task: Task
    let deadline: ContinuousClock.Instant
    /// Whether the batch has been tried before, on a plan that the server found stale.
    var isRepeat = false
    private let reply: CheckedContinuation<Outcome, Never>

    init(id: UInt64, task: Task, deadline: ContinuousClock.Instant, reply: CheckedContinuation<Outcome, Never>) {
        self.id = id
        self.task = task
        self.deadline = deadline
        self.reply = reply
    }

    /// Answers the caller.
    ///
    /// Exactly once: the work is in one queue or in one pipeline, and whoever settles it removes it there.
    func settle(_ outcome: Outcome) { self.reply.resume(returning: outcome) }

    func fail(_ error: PostgresError) { self.settle(.failure(error)) }

    /// Whether no other caller's work may be under way on the same connection.
    var needsConnectionOfItsOwn: Bool {
        switch self.task {
        case .batch(let batch, _): batch.needsConnectionOfItsOwn
        case .lease: true
        }
    }
}

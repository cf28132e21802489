/// Turns a call into work for the pool's thread, and waits for what becomes of it.
struct PostgresCalls: Sendable {
    let mailbox: PostgresMailbox
    /// How long a call may take.
    let limit: Duration

    func perform(
        _ task: PostgresWork.Task, within limit: Duration? = nil, isCancellable: Bool = true
    ) async throws(PostgresError) -> [[PostgresRow]] {
        let id = self.mailbox.makeID()
        return try await self.perform(task, as: id, within: limit, isCancellable: isCancellable)
    }

    /// Borrows a connection.
    ///
    /// The first batch on it begins a transaction if `begin` says so.
    func lease(begin: String?, within limit: Duration? = nil) async throws(PostgresError) -> PostgresLease {
        let id = self.mailbox.makeID()
        _ = try await self.perform(.lease(begin: begin), as: id, within: limit, isCancellable: true)
        return PostgresLease(id: id, calls: self)
    }

    private func perform(
        _ task: PostgresWork.Task, as id: UInt64, within limit: Duration?, isCancellable: Bool
    ) async throws(PostgresError) -> [[PostgresRow]] {
        let deadline = ContinuousClock.now + (limit ?? self.limit)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                let work = PostgresWork(id: id, task: task, deadline: deadline, reply: reply)
                guard self.mailbox.post(.work(work)) else { return work.fail(PostgresPool.closed) }
                // A cancellation that came before the work has found nothing to cancel.
                if isCancellable, Task.isCancelled { self.mailbox.post(.cancel(id)) }
            }
        } onCancel: {
            if isCancellable { self.mailbox.post(.cancel(id)) }
        }
        return try outcome.get()
    }
}

/// A connection lent to one caller, who must release it.
struct PostgresLease: Sendable {
    let id: UInt64
    let calls: PostgresCalls

    /// - Parameter isCancellable: Whether cancelling the task cancels the statements; not so for what cleans up.
    @discardableResult
    func send(
        _ batch: PostgresBatch, within limit: Duration? = nil, isCancellable: Bool = true
    ) async throws(PostgresError) -> [[PostgresRow]] {
        if let refusal = batch.refusal { throw refusal }
        return try await self.calls.perform(.batch(batch, lease: self.id), within: limit, isCancellable: isCancellable)
    }

    func release(isUsable: Bool) { self.calls.mailbox.post(.release(self.id, isUsable: isUsable)) }

    func commit() async throws(PostgresError) {
        do throws(PostgresError) {
            try await self.send(PostgresBatch(statements: [], ending: .commit), isCancellable: false)
            self.release(isUsable: true)
        } catch {
            // A COMMIT that the server has refused has ended the transaction all the same.
            self.release(isUsable: error.code == .server || error.code == .transactionAborted)
            throw error
        }
    }

    /// Rolls back, or gives the connection up when that fails, which rolls back as well.
    func rollback() async {
        do throws(PostgresError) {
            try await self.send(PostgresBatch(statements: [], ending: .rollback), isCancellable: false)
            self.release(isUsable: true)
        } catch {
            self.release(isUsable: false)
        }
    }
}

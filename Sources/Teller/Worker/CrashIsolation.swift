import EventLoops

/// Keeps a request that may bring the process down apart from all others: it runs when nothing else does.
///
/// When a process dies, every request that it was at counts as one that may have killed it. Were those tried side by side again,
/// the guilty one would take the same neighbours along each time, until all of them are given up.
final class CrashIsolation: Sendable {
    private struct Waiter {
        let isAlone: Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var running = 0
        var isAlone = false
        /// First come, first served, so that neither kind waits for ever.
        var waiters: [Waiter] = []

        mutating func admit(alone: Bool) -> Bool {
            guard !self.isAlone, !alone || self.running == 0 else { return false }
            self.running += 1
            self.isAlone = alone
            return true
        }

        /// Those who may go in now.
        mutating func admitWaiters() -> [Waiter] {
            var admitted: [Waiter] = []
            while let next = self.waiters.first, self.admit(alone: next.isAlone) { admitted.append(self.waiters.removeFirst()) }
            return admitted
        }
    }

    private let state = Locked(State())

    /// Runs the body beside others that are not suspect.
    func shared<Result>(_ body: () async throws -> Result) async throws -> Result {
        await self.enter(alone: false)
        defer { self.leave() }
        return try await body()
    }

    /// Runs the body while nothing else runs.
    func alone<Result>(_ body: () async throws -> Result) async throws -> Result {
        await self.enter(alone: true)
        defer { self.leave() }
        return try await body()
    }

    private func enter(alone: Bool) async {
        await withCheckedContinuation { continuation in
            let isAdmitted = self.state.withLock { state in
                if state.waiters.isEmpty, state.admit(alone: alone) { return true }
                state.waiters.append(Waiter(isAlone: alone, continuation: continuation))
                return false
            }
            if isAdmitted { continuation.resume() }
        }
    }

    private func leave() {
        let admitted = self.state.withLock { state in
            state.running -= 1
            state.isAlone = false
            return state.admitWaiters()
        }
        for waiter in admitted { waiter.continuation.resume() }
    }
}

internal import EventLoops

/// A value that comes once, for any number of tasks to wait for.
final class Outcome<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
        var faithful: [CheckedContinuation<Value, Never>] = []
    }

    private let state = Locked(State())

    /// The value, if it has come.
    var current: Value? { self.state.withLock { $0.value } }

    /// Sets the value; later ones are ignored.
    func fulfil(_ value: Value) {
        let (waiters, faithful) = self.state.withLock { state in
            var waiters: [UInt64: CheckedContinuation<Value?, Never>] = [:]
            var faithful: [CheckedContinuation<Value, Never>] = []
            if state.value == nil {
                state.value = value
                swap(&waiters, &state.waiters)
                swap(&faithful, &state.faithful)
            }
            return (waiters, faithful)
        }
        for waiter in waiters.values { waiter.resume(returning: value) }
        for waiter in faithful { waiter.resume(returning: value) }
    }

    /// Suspends until the value comes, even when the task is cancelled: for what comes soon for certain.
    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value = self.state.withLock { state in
                if state.value == nil { state.faithful.append(continuation) }
                return state.value
            }
            if let value { continuation.resume(returning: value) }
        }
    }

    /// Suspends until the value comes; `nil` when the task is cancelled first.
    func wait() async -> Value? {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Value?? = self.state.withLock { state in
                    if let value = state.value { return value }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }
}

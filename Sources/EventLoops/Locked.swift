public import Glibc

/// A value that only one thread at a time can touch, behind a `pthread_mutex_t`.
///
/// The thread sanitizer understands a pthread mutex, and reports false races around `Synchronization.Mutex` on Linux.
// @unchecked: `value` is private and every access holds the mutex; `sending` keeps references to what is inside it
// from being used outside.
public final class Locked<Value: ~Copyable>: @unchecked Sendable {
    @usableFromInline let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline var value: Value

    public init(_ value: consuming sending Value) {
        self.mutex = .allocate(capacity: 1)
        self.value = value
        pthread_mutex_init(self.mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(self.mutex)
        self.mutex.deallocate()
    }

    /// Runs the body with the value, while no other thread can. The body must not take the same lock.
    @inlinable
    public func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(self.mutex)
        defer { pthread_mutex_unlock(self.mutex) }
        return try body(&self.value)
    }
}

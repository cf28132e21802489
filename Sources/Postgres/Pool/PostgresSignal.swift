/// Something that one task of an actor waits for and the actor announces.
///
/// It belongs to the actor that holds it.
///
/// An announcement that nobody waits for is kept for the next wait.
final class PostgresSignal {
    private var waiter: CheckedContinuation<Void, Never>?
    private var isRaised = false

    func raise() {
        guard let waiter = self.waiter else {
            self.isRaised = true
            return
        }
        self.waiter = nil
        waiter.resume()
    }

    func wait() async {
        if !self.isRaised { await withCheckedContinuation { self.waiter = $0 } }
        self.isRaised = false
    }
}

internal import CPostgres
internal import EventLoops

/// libpq's right to cancel what a connection runs (`PGcancel`): a copy of its address and key.
struct PostgresCancelRequest: ~Copyable, Sendable {
    // The address of the PGcancel. It is independent of its connection, and libpq allows its use from any thread.
    private let address: UInt

    init?(_ handle: borrowing PostgresHandle) {
        guard let pointer = PQgetCancel(handle.pointer) else { return nil }
        self.address = UInt(bitPattern: pointer)
    }

    deinit { PQfreeCancel(OpaquePointer(bitPattern: self.address)) }

    /// Connects anew, asks the server to cancel, and returns when it has passed the request on.
    ///
    /// Blocks.
    func send() {
        var text: [CChar] = Array(repeating: 0, count: 256)
        _ = PQcancel(OpaquePointer(bitPattern: self.address), &text, Int32(text.count))
    }
}

/// Sends cancel requests from a thread of its own, because they block for as long as the network likes.
actor PostgresCanceller {
    private let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(loop: EventLoop) { self.loop = loop }

    func send(_ request: consuming PostgresCancelRequest) { request.send() }
}

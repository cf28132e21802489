internal import CPostgres
internal import EventLoops

extension PostgresSession {
    /// Connects to a host and logs in, on the loop's thread.
    ///
    /// Looking up a host's name blocks that thread, because libpq does it that way: an address or a local resolver's cache
    /// keeps the other connections of the loop from waiting.
    static func connect(
        to endpoint: PostgresEndpoint, timeout: Duration, on loop: EventLoop
    ) async throws(PostgresError) -> PostgresSession {
        let deadline = ContinuousClock.now + timeout
        guard let handle = PostgresHandle(connectingTo: endpoint) else {
            throw PostgresError(code: .connectionFailed, message: "there is no memory for a connection")
        }
        var state = PQstatus(handle.pointer) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else {
                throw handle.connectionError(.connectionFailed, at: endpoint)
            }
            let ready: EventLoop.Readiness
            do {
                let interest: EventLoop.Readiness = state == PGRES_POLLING_READING ? .readable : .writable
                ready = try await loop.wait(for: interest, on: handle.socket, until: deadline)
            } catch {
                throw PostgresError(code: .closed, message: "the client was shut down")
            }
            guard !ready.isEmpty else {
                throw PostgresError(code: .connectionFailed, message: "\(endpoint) did not answer within \(timeout)")
            }
            state = PQconnectPoll(handle.pointer)
        }
        return try PostgresSession(handle, at: endpoint)
    }
}

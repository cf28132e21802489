internal import EventLoops
import Logging

extension PostgresPool {
    /// Keeps one place's connection: makes it when it is needed, serves it, and replaces it when it is lost.
    ///
    /// The first place is always needed, and it alone keeps trying while the database is away.
    func maintain(_ place: Int) async {
        var backoff = Backoff()
        while !self.isStopped, !Task.isCancelled {
            if place > 0 {
                await self.demands[place].wait()
                guard !self.isStopped else { return }
            }
            do throws(PostgresError) {
                let session = try await self.connect()
                await self.use(session, at: place)
                if session.hasAnswered { backoff.reset() }
            } catch {
                self.noteFailure(error)
            }
            let pause = backoff.next()
            _ = try? await self.loop.wait(for: [], on: -1, until: .now + pause)
            if place > 0 { self.places[place] = .unused }
            self.dispatch()
        }
    }

    /// Serves a connection until it is lost, and settles what was under way then.
    private func use(_ session: PostgresSession, at place: Int) async {
        self.places[place] = .open(session)
        self.noteConnected()
        self.logger.debug("A database connection is open")
        self.dispatch()
        await self.serve(session)
        self.places[place] = .connecting
        for settlement in session.lose() { self.settle(settlement, on: session) }
        self.stopIfDone()
        if !self.isStopped, !Task.isCancelled { self.logger.info("A database connection is closed") }
    }

    /// Tries the hosts in turn.
    private func connect() async throws(PostgresError) -> PostgresSession {
        var failure = Self.closed
        for endpoint in self.configuration.attempts where !Task.isCancelled {
            do throws(PostgresError) {
                return try await PostgresSession.connect(
                    to: endpoint, timeout: self.configuration.connectTimeout, on: self.loop)
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// Reads the answers until the connection is lost.
    private func serve(_ session: PostgresSession) async {
        var settled: [PostgresSession.Pipeline.Settlement] = []
        while (try? await self.loop.wait(for: .readable, on: session.socket)) != nil {
            let isAlive = session.receive(&settled)
            for settlement in settled { self.settle(settlement, on: session) }
            settled.removeAll(keepingCapacity: true)
            guard isAlive else { return }
            self.cancelIfAlone(on: session)
            self.dispatch()
        }
    }

    /// Writes what the socket did not take at once.
    func write(_ place: Int) async {
        while !self.isStopped, !Task.isCancelled {
            await self.writes[place].wait()
            while case .open(let session) = self.places[place], session.flush() {
                guard (try? await self.loop.wait(for: .writable, on: session.socket)) != nil else { return }
            }
        }
    }
}

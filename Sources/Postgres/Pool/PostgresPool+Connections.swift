internal import EventLoops
import Logging

extension PostgresPool {
    /// Keeps one place's connection: makes it when it is first needed, serves it, and replaces it when it is lost.
    func maintain(_ place: Int) async {
        var backoff = PostgresBackoff()
        var generator = SystemRandomNumberGenerator()
        if place > 0 { await self.demands[place].wait() }
        while !self.isStopped, !Task.isCancelled {
            self.places[place] = .connecting
            do throws(PostgresError) {
                let session = try await self.connect()
                self.places[place] = .open(session)
                self.noteConnected()
                self.logger.debug("A database connection is open")
                self.dispatch()
                await self.serve(session, at: place)
                self.places[place] = .connecting
                if session.hasAnswered { backoff.reset() }
                for settlement in session.lose() { self.settle(settlement, on: session) }
                self.stopIfDone()
                if !self.isStopped, !Task.isCancelled { self.logger.info("A database connection was lost and is replaced") }
            } catch {
                self.noteFailure(error)
                self.logger.warning("No connection to the database", metadata: ["error": "\(error)"])
            }
            let pause = backoff.next(using: &generator)
            _ = try? await self.loop.wait(for: [], on: -1, until: .now + pause)
        }
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
    private func serve(_ session: PostgresSession, at place: Int) async {
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

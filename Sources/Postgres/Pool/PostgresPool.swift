import DequeModule
internal import EventLoops
import Logging

/// The connections of a client and the work for them, all on one thread.
///
/// Work waits in one queue, first come, first served. A batch goes to an idle connection; when all are busy, a batch that is
/// a transaction by itself joins the pipeline of the least busy one, and what needs a connection of its own waits, with
/// everything behind it.
actor PostgresPool {
    /// A place for a connection.
    enum Place {
        /// Nobody needs it.
        case unused
        /// Being connected, or pausing before the next attempt.
        case connecting
        case open(PostgresSession)
    }

    /// The most batches on the wire of one connection: enough to hide the round trip, few enough to bound what a lost
    /// connection takes along.
    static let pipelineDepth = 64

    let configuration: PostgresConfiguration
    let logger: Logger
    let loop: EventLoop
    private let canceller: PostgresCanceller
    private let mailbox: PostgresMailbox
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    var places: [Place]
    private var waiting: Deque<PostgresWork> = []
    /// The work whose callers no longer want it, while it is on the wire.
    private var cancelled: Set<UInt64> = []
    private var toCancel: Deque<PostgresSession> = []
    /// Why the last attempt to connect failed, while there is no connection at all.
    private var connectFailure: PostgresError?
    private var isStopping = false
    private(set) var isStopped = false

    let demands: [PostgresSignal]
    let writes: [PostgresSignal]
    private let cancels = PostgresSignal()
    private let activity = PostgresSignal()
    private let stop = PostgresSignal()

    init(
        _ configuration: PostgresConfiguration, mailbox: PostgresMailbox, loop: EventLoop, cancelLoop: EventLoop,
        logger: Logger
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.loop = loop
        self.canceller = PostgresCanceller(loop: cancelLoop)
        self.logger = logger
        let size = max(1, configuration.poolSize)
        self.places = [.connecting] + Array(repeating: .unused, count: size - 1)
        self.demands = (0..<size).map { _ in PostgresSignal() }
        self.writes = (0..<size).map { _ in PostgresSignal() }
    }

    /// Keeps the connections until the mailbox brings a message to stop and the work is done.
    func run() async {
        self.mailbox.open { self.loop.execute { self.assumeIsolated { $0.takeMessages() } } }
        await withTaskGroup(of: Void.self) { group in
            for place in self.places.indices {
                group.addTask { await self.maintain(place) }
                group.addTask { await self.write(place) }
            }
            group.addTask { await self.watchDeadlines() }
            group.addTask { await self.sendCancelRequests() }
            await self.stop.wait()
            self.isStopped = true
            group.cancelAll()
            for signal in self.demands + self.writes + [self.cancels, self.activity] { signal.raise() }
        }
        for message in self.mailbox.close() {
            if case .work(let work) = message { work.fail(Self.closed) }
        }
    }

    static var closed: PostgresError { PostgresError(code: .closed, message: "the client is shut down") }

    private var sessions: some Sequence<PostgresSession> {
        self.places.lazy.compactMap { if case .open(let session) = $0 { session } else { nil } }
    }

    // MARK: - Work

    private func takeMessages() {
        for message in self.mailbox.takeAll() {
            switch message {
            case .work(let work): self.take(work)
            case .cancel(let id): self.cancel(id)
            case .release(let lease, let isUsable): self.release(lease, isUsable: isUsable)
            case .stop(let urgently): self.stop(urgently: urgently)
            }
        }
        self.activity.raise()
        self.dispatch()
    }

    private func take(_ work: PostgresWork) {
        guard case .batch(let batch, let lease?) = work.task else {
            if self.isStopping { work.fail(Self.closed) } else { self.waiting.append(work) }
            return
        }
        guard let session = self.sessions.first(where: { $0.lease?.id == lease }) else {
            return work.fail(
                PostgresError(
                    code: .connectionLost,
                    message: "the connection that this call holds was lost, and what was not committed with it"))
        }
        if batch.ending != nil, session.lease?.begin != nil {
            work.settle(.success([]))  // Nothing was done, so that there is nothing to end.
        } else {
            session.send(work, batch)
        }
    }

    /// Gives work to connections for as long as the next piece finds one.
    func dispatch() {
        while let work = self.waiting.first, let session = self.session(for: work) {
            self.waiting.removeFirst()
            switch work.task {
            case .batch(let batch, _):
                if !self.waiting.isEmpty { session.holdWrites() }
                session.send(work, batch)
            case .lease(let begin):
                session.lease = PostgresSession.Lease(id: work.id, begin: begin)
                work.settle(.success([]))
            }
        }
        for (place, state) in self.places.enumerated() {
            if case .open(let session) = state, session.flush() { self.writes[place].raise() }
        }
        self.demandConnections()
        self.stopIfDone()
    }

    private func session(for work: PostgresWork) -> PostgresSession? {
        var best: PostgresSession?
        for session in self.sessions where session.takesNeighbours {
            if session.pipeline.isEmpty { return session }
            if session.pipeline.count < best?.pipeline.count ?? Self.pipelineDepth { best = session }
        }
        return work.needsConnectionOfItsOwn ? nil : best
    }

    /// Opens more connections while there is more to do than there are idle ones, unless the database is away.
    private func demandConnections() {
        guard self.connectFailure == nil, !self.sessions.contains(where: \.isIdle) else { return }
        var coming = 0
        for case .connecting in self.places { coming += 1 }
        var missing = max(self.waiting.count, self.sessions.contains { $0.pipeline.count > 1 } ? 1 : 0) - coming
        for (place, state) in self.places.enumerated() where missing > 0 {
            guard case .unused = state else { continue }
            self.places[place] = .connecting
            self.demands[place].raise()
            missing -= 1
        }
    }

    func settle(_ settlement: PostgresSession.Pipeline.Settlement, on session: PostgresSession) {
        guard case .caller(var work) = settlement.token else {
            if case .failure(let error) = settlement.outcome { session.hangUp(error) }
            return
        }
        let isCancelled = self.cancelled.remove(work.id) != nil
        guard case .failure(let error) = settlement.outcome else { return work.settle(settlement.outcome) }
        if isCancelled, error.sqlState == "57014" { return work.fail(Self.cancellation) }
        // The host has been demoted since it was connected to: another one may be what the URL asks for.
        if error.sqlState == "25006", self.configuration.wantsWritableHost { session.hangUp(error) }
        if error.code == .stalePlan, !work.isRepeat, case .batch(let batch, lease: nil) = work.task, batch.begin == nil
        {
            // Nothing of it has happened: try again, with the statement prepared anew.
            work.isRepeat = true
            return self.waiting.prepend(work)
        }
        work.fail(error)
    }

    private func release(_ lease: UInt64, isUsable: Bool) {
        guard let session = self.sessions.first(where: { $0.lease?.id == lease }) else { return }
        session.lease = nil
        if !isUsable || !session.pipeline.isEmpty {
            session.hangUp(
                PostgresError(code: .connectionLost, message: "the connection was given up by its last user"))
        }
    }

    // MARK: - Cancelling

    static var cancellation: PostgresError {
        PostgresError(code: .cancelled, message: "the task was cancelled, and the statement with it")
    }

    /// A caller's task is cancelled: work that waits is dropped.
    ///
    /// Work on the wire is cancelled on the server when it is alone on its connection, and is otherwise left to finish.
    /// Either way its caller learns what really happened.
    private func cancel(_ id: UInt64) {
        if let index = self.waiting.firstIndex(where: { $0.id == id }) {
            return self.waiting.remove(at: index).fail(Self.cancellation)
        }
        guard let session = self.sessions.first(where: { $0.carries(id) }) else { return }
        self.cancelled.insert(id)
        self.cancelIfAlone(on: session)
    }

    func cancelIfAlone(on session: PostgresSession) {
        guard !self.cancelled.isEmpty, !session.isBeingCancelled, let id = session.onlyWork, self.cancelled.contains(id)
        else { return }
        // Until the request has been served, it would hit whatever runs next.
        session.isBeingCancelled = true
        self.toCancel.append(session)
        self.cancels.raise()
    }

    private func sendCancelRequests() async {
        while !self.isStopped, !Task.isCancelled {
            await self.cancels.wait()
            while let session = self.toCancel.popFirst() {
                if let request = session.cancelRequest() { await self.canceller.send(request) }
                session.isBeingCancelled = false
                self.dispatch()
            }
        }
    }

    // MARK: - Deadlines

    private func watchDeadlines() async {
        while !self.isStopped, !Task.isCancelled {
            guard let deadline = self.earliestDeadline else {
                await self.activity.wait()
                continue
            }
            // Work that comes during the wait may have an earlier deadline, but is late by a quarter of a second at most.
            _ = try? await self.loop.wait(for: [], on: -1, until: min(deadline, .now + .milliseconds(250)))
            self.expire(at: .now)
        }
    }

    private var earliestDeadline: ContinuousClock.Instant? {
        var earliest = self.waiting.lazy.map(\.deadline).min()
        for session in self.sessions {
            if let deadline = session.earliestDeadline { earliest = min(earliest ?? deadline, deadline) }
        }
        return earliest
    }

    private func expire(at now: ContinuousClock.Instant) {
        for session in self.sessions {
            guard session.hangUpReason == nil, let deadline = session.earliestDeadline, deadline <= now else {
                continue
            }
            self.logger.warning("A database connection is dropped: no answer until the caller's deadline")
            session.hangUp(
                PostgresError(code: .deadline, message: "the database did not answer until the caller's deadline"))
        }
        guard self.waiting.contains(where: { $0.deadline <= now }) else { return }
        let late = self.waiting.filter { $0.deadline <= now }
        self.waiting.removeAll { $0.deadline <= now }
        let error = self.lateness
        for work in late { work.fail(error) }
        self.stopIfDone()
    }

    private var lateness: PostgresError {
        if let failure = self.connectFailure {
            return PostgresError(
                code: .unavailable, sqlState: failure.sqlState,
                message: "there was no connection to the database until the caller's deadline: \(failure.message)")
        }
        guard self.sessions.contains(where: { _ in true }) else {
            return PostgresError(
                code: .unavailable, message: "connecting to the database took longer than the caller's deadline")
        }
        return PostgresError(
            code: .deadline, message: "none of \(self.places.count) connections became free until the caller's deadline"
        )
    }

    // MARK: - Connections

    func noteConnected() { self.connectFailure = nil }

    func noteFailure(_ error: PostgresError) {
        guard !self.isStopped, !Task.isCancelled else { return }
        self.logger.warning("No connection to the database", metadata: ["error": "\(error)"])
        guard !self.sessions.contains(where: { _ in true }) else { return }
        self.connectFailure = error
        // Waiting does not mend a wrong password.
        guard error.kind == .denied else { return }
        let refused = self.waiting
        self.waiting.removeAll()
        for work in refused { work.fail(error) }
        self.stopIfDone()
    }

    // MARK: - Stopping

    private func stop(urgently: Bool) {
        self.isStopping = true
        guard urgently else { return }
        let dropped = self.waiting
        self.waiting.removeAll()
        for work in dropped { work.fail(Self.closed) }
        for session in self.sessions { session.hangUp(Self.closed) }
        self.stop.raise()
    }

    func stopIfDone() {
        guard self.isStopping, self.waiting.isEmpty,
            self.sessions.allSatisfy({ $0.pipeline.isEmpty && $0.lease == nil })
        else { return }
        self.stop.raise()
    }
}

internal import CPostgres

/// A connection in pipeline mode: sends batches, and settles them as the answers come.
///
/// It belongs to the pool's thread, and never waits: the pool tells it when its socket is ready.
final class PostgresSession {
    typealias Pipeline = PostgresPipeline<Owner, [PostgresRow]>

    /// Who a batch is for.
    enum Owner {
        case caller(PostgresWork)
        /// A ROLLBACK after a failed batch, so that its transaction does not stay open.
        case housekeeping
    }

    /// A connection lent to one caller.
    struct Lease {
        let id: UInt64
        /// What the next batch begins with.
        var begin: String?
    }

    private let handle: PostgresHandle
    private(set) var pipeline = Pipeline()
    private var statements = PostgresStatements()
    private var isInScript = false
    private var holdsWrites = false
    /// Whether what is under way must have no neighbours.
    private var isExclusive = false
    private var scriptFailure: PostgresError?
    /// Why the pool has given the connection up, if it has.
    private(set) var hangUpReason: PostgresError?

    var lease: Lease?
    /// Whether a cancel request is on its way, which would hit whatever runs when it arrives.
    var isBeingCancelled = false
    /// Whether the connection has answered a batch.
    private(set) var hasAnswered = false

    /// - Parameter handle: A connection that has just been made.
    init(_ handle: consuming PostgresHandle, at endpoint: PostgresEndpoint) throws(PostgresError) {
        self.handle = handle
        let pointer = self.handle.pointer
        PQsetErrorVerbosity(pointer, PQERRORS_DEFAULT)
        guard PQsetnonblocking(pointer, 1) == 0, PQenterPipelineMode(pointer) == 1 else {
            throw self.handle.connectionError(.connectionFailed, at: endpoint)
        }
        guard let style = PQparameterStatus(pointer, "DateStyle"), String(cString: style).hasPrefix("ISO") else {
            throw PostgresError(
                code: .connectionFailed,
                message: "the session's DateStyle must be ISO: unset PGDATESTYLE in the environment")
        }
    }

    var socket: Int32 { self.handle.socket }

    /// Whether another caller's batch may be sent now.
    var takesNeighbours: Bool {
        self.lease == nil && !self.isInScript && !self.isBeingCancelled && self.hangUpReason == nil && !self.isExclusive
    }

    /// Whether nothing is under way and nobody holds the connection.
    var isIdle: Bool { self.pipeline.isEmpty && self.takesNeighbours }

    /// Whether a caller's batch is under way here.
    func carries(_ id: UInt64) -> Bool { self.works.contains { $0.id == id } }

    /// The batch under way, if it is the only one.
    var onlyWork: UInt64? {
        guard self.pipeline.count == 1, case .caller(let work) = self.pipeline.first else { return nil }
        return work.id
    }

    var earliestDeadline: ContinuousClock.Instant? { self.works.map(\.deadline).min() }

    private var works: [PostgresWork] {
        self.pipeline.tokens.compactMap { if case .caller(let work) = $0 { work } else { nil } }
    }

    func cancelRequest() -> PostgresCancelRequest? { PostgresCancelRequest(self.handle) }

    /// Gives the connection up: its reader finds it lost, and what is under way fails with this error.
    func hangUp(_ reason: PostgresError) {
        if self.hangUpReason == nil { self.hangUpReason = reason }
        self.handle.hangUp()
    }

    // MARK: - Sending

    /// Puts a batch on the wire.
    ///
    /// What goes wrong here is found by the reader, which settles the batch.
    func send(_ work: PostgresWork, _ batch: PostgresBatch) {
        var batch = batch
        if self.lease != nil, let begin = self.lease?.begin {
            batch.begin = begin
            self.lease?.begin = nil
        }
        if batch.isScript { return self.sendScript(work, batch) }
        self.send(.caller(work), batch)
    }

    private func send(_ owner: Owner, _ batch: PostgresBatch) {
        var steps: [PostgresStep] = []
        var isSent = true
        batch.forEachCommand { query, role in
            isSent = isSent && self.send(query, role, &steps)
        }
        isSent = isSent && PQpipelineSync(self.handle.pointer) == 1
        self.pipeline.append(owner, steps: steps)
        if batch.needsConnectionOfItsOwn || batch.ending != nil { self.isExclusive = true }
        if !isSent { self.hangUp(self.loss) }
    }

    private func send(_ query: PostgresQuery, _ role: PostgresStep.Role, _ steps: inout [PostgresStep]) -> Bool {
        let pointer = self.handle.pointer
        let count = Int32(query.parameters.count)
        let use = self.statements.use(of: query)
        if case .prepare(let number) = use {
            steps.append(PostgresStep(role: .prepare, prepared: number))
            let types = query.parameters.map(\.type.oid)
            guard PQsendPrepare(pointer, PostgresStatements.name(number), query.sql, count, types) == 1 else {
                return false
            }
        }
        return CStrings(query.parameters.lazy.map(\.text)).withPointers { values in
            switch use {
            case .prepare(let number), .prepared(let number):
                steps.append(PostgresStep(role: role, prepared: number))
                let name = PostgresStatements.name(number)
                return PQsendQueryPrepared(pointer, name, count, values, nil, nil, 0) == 1
            case .text:
                steps.append(PostgresStep(role: role))
                let types = query.parameters.map(\.type.oid)
                return PQsendQueryParams(pointer, query.sql, count, types, values, nil, nil, 0) == 1
            }
        }
    }

    /// A script has several statements in one text, which only the simple protocol takes, outside pipeline mode.
    private func sendScript(_ work: PostgresWork, _ batch: PostgresBatch) {
        let script = batch.statements.map(\.sql).joined(separator: ";\n")
        self.pipeline.append(.caller(work), steps: [PostgresStep(role: .statement)])
        self.isInScript = true
        self.scriptFailure = nil
        guard PQexitPipelineMode(self.handle.pointer) == 1, PQsendQuery(self.handle.pointer, script) == 1 else {
            return self.hangUp(self.loss)
        }
    }

    /// Keeps what is sent until ``flush()``, if more is to follow.
    func holdWrites() {
        guard !self.holdsWrites else { return }
        self.holdsWrites = true
        self.handle.holdWrites(true)
    }

    /// Writes what is buffered.
    ///
    /// True when the socket is full and there is more.
    func flush() -> Bool {
        if self.holdsWrites {
            self.holdsWrites = false
            self.handle.holdWrites(false)
        }
        switch PQflush(self.handle.pointer) {
        case 0: return false
        case 1: return true
        default:
            self.hangUp(self.loss)
            return false
        }
    }

    // MARK: - Receiving

    /// Reads what has come, and appends the batches that it settles.
    ///
    /// False when the connection is lost: see ``lose()``.
    func receive(_ settled: inout [Pipeline.Settlement]) -> Bool {
        // The second round takes what the first left in TLS's buffer, which the socket no longer announces.
        for _ in 0..<(PQsslInUse(self.handle.pointer) == 0 ? 1 : 2) {
            let isAlive = PQconsumeInput(self.handle.pointer) == 1
            do throws(PostgresError) {
                if self.isInScript { try self.receiveScript(&settled) }
                if !self.isInScript { try self.receiveAnswers(&settled) }
            } catch {
                self.hangUp(error)
            }
            guard isAlive, self.hangUpReason == nil else { return false }
        }
        return true
    }

    private func receiveAnswers(_ settled: inout [Pipeline.Settlement]) throws(PostgresError) {
        var hasGap = false
        while !self.pipeline.isEmpty, PQisBusy(self.handle.pointer) == 0 {
            guard let reply = PostgresReply(PQgetResult(self.handle.pointer)) else {
                // One NULL ends the answers to a command; two in a row mean that there is nothing more to read.
                if hasGap { return }
                hasGap = true
                continue
            }
            hasGap = false
            switch try self.pipeline.receive(self.event(reply)) {
            case .none: break
            case .prepared(let number, exists: true): self.statements.confirm(number)
            case .prepared(let number, exists: false): self.statements.forget(number)
            case .settled(let settlement):
                self.hasAnswered = true
                settled.append(settlement)
                if self.pipeline.isEmpty { self.tidyUp() }
            }
        }
    }

    private func event(_ reply: borrowing PostgresReply) throws(PostgresError) -> Pipeline.Event {
        switch reply.status {
        case PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE:
            let number = self.pipeline.current?.prepared
            let rows = reply.rows(columns: self.statements.columns(of: number))
            if let columns = rows.first?.result.columns { self.statements.note(columns: columns, of: number) }
            return .done(rows)
        case PGRES_COMMAND_OK:
            return self.pipeline.current?.role == .commit && reply.isRollback ? .rolledBack : .done([])
        case PGRES_EMPTY_QUERY: return .done([])
        case PGRES_PIPELINE_SYNC: return .synchronised
        case PGRES_PIPELINE_ABORTED: return .skipped
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            throw PostgresError(code: .unsupported, message: "COPY is not supported by this client")
        default:
            guard let error = reply.error() else { throw self.loss }
            return .failed(error)
        }
    }

    /// A transaction that failed before its end is still open behind the sync, and so is one that a statement began by itself.
    private func tidyUp() {
        self.isExclusive = false
        guard self.lease == nil else { return }
        switch PQtransactionStatus(self.handle.pointer) {
        case PQTRANS_INTRANS, PQTRANS_INERROR:
            self.send(.housekeeping, PostgresBatch(statements: [], ending: .rollback))
            _ = self.flush()
        default: break
        }
    }

    private func receiveScript(_ settled: inout [Pipeline.Settlement]) throws(PostgresError) {
        while PQisBusy(self.handle.pointer) == 0 {
            guard let reply = PostgresReply(PQgetResult(self.handle.pointer)) else {
                guard PQenterPipelineMode(self.handle.pointer) == 1 else { throw self.loss }
                self.isInScript = false
                _ = try self.pipeline.receive(self.scriptFailure.map { .failed($0) } ?? .done([]))
                if case .settled(let settlement) = try self.pipeline.receive(.synchronised) {
                    settled.append(settlement)
                }
                return
            }
            switch reply.status {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                guard let error = reply.error() else { throw self.loss }
                self.scriptFailure = self.scriptFailure ?? error
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw PostgresError(code: .unsupported, message: "COPY is not supported in a script")
            default: break
            }
        }
    }

    // MARK: - Ending

    /// Settles what is under way when the connection is gone.
    func lose() -> [Pipeline.Settlement] {
        let reason = self.hangUpReason ?? self.loss
        return self.pipeline.lose { owner in
            // Only the one whose deadline has passed is told so.
            if case .caller(let work) = owner, reason.code == .deadline, work.deadline > .now { return self.loss }
            return reason
        }
    }

    private var loss: PostgresError {
        PostgresError(
            code: .connectionLost,
            message:
                "the connection to the database was lost while a statement was under way, which may have run or not")
    }
}

extension PostgresParameter {
    /// The text format, nil for NULL.
    ///
    /// A refused value is never sent: see `PostgresBatch.refusal`.
    fileprivate var text: String? {
        if case .text(let text) = self.value { text } else { nil }
    }
}

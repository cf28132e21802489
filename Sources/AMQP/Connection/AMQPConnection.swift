internal import EventLoops
import Glibc
import Synchronization

/// A connection to a broker, on a thread of its own. It does not recover: ``AMQPConsumer`` and ``AMQPPublisher`` do.
///
/// The thread reads, answers and sends heartbeats whatever the rest of the program is busy with. Close the connection
/// with ``close()``; until then the thread keeps it alive.
public actor AMQPConnection {
    /// How many frames are read before other work of the connection has its turn.
    private static let framesPerTurn = 512
    /// The longest sleep, so that limits are looked at that often.
    private static let longestWait = Duration.seconds(1)
    /// Bytes that fit in the socket for certain when it says that it is writable: a third of the smallest buffer.
    private static let writeAllowance = 16_384

    nonisolated let configuration: AMQPConfiguration
    /// The node that this is a connection to.
    public nonisolated let endpoint: AMQPConfiguration.Endpoint
    /// Why the connection ended, once it has.
    nonisolated let end = Outcome<AMQPError>()

    private nonisolated let loop: EventLoop
    private nonisolated let isTurnScheduled = Atomic<Bool>(false)

    private var handle: AMQPHandle?
    private var watch: AMQPWatch?
    private var channels: [UInt16: AMQPChannelState] = [:]
    private var assembler = AMQPDeliveryAssembler()
    private var failure: AMQPError?
    private var closeDeadline: ContinuousClock.Instant?
    private var isBlocked = false
    private var writeAllowance = 0
    private var isWaitingToWrite = false
    private var frames: [SettlementLedger.Frame] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    // MARK: - Opening and closing

    /// Connects to a node that accepts the connection and the login: each is tried once, in random order, so that many clients
    /// spread over the nodes.
    ///
    /// - Throws: What every node that was tried said. A refused login ends the trying, for the nodes share their users.
    public static func connect(_ configuration: AMQPConfiguration) async throws(AMQPError) -> AMQPConnection {
        try await self.connect(configuration, last: nil)
    }

    /// - Parameter last: The node to try after all others.
    static func connect(
        _ configuration: AMQPConfiguration, last: AMQPConfiguration.Endpoint?
    ) async throws(AMQPError) -> AMQPConnection {
        var generator = SystemRandomNumberGenerator()
        var failures: [AMQPError] = []
        for endpoint in configuration.round(last: last, using: &generator) {
            let connection = AMQPConnection(configuration, endpoint)
            do {
                try await connection.open()
                return connection
            } catch {
                connection.loop.shutdown()
                failures.append(error)
                if error.isRefusedEverywhere || Task.isCancelled { break }
            }
        }
        throw AMQPError(ofNodes: failures)
    }

    private init(_ configuration: AMQPConfiguration, _ endpoint: AMQPConfiguration.Endpoint) {
        self.configuration = configuration
        self.endpoint = endpoint
        self.loop = EventLoop(name: "amqp")
    }

    private func open() throws(AMQPError) {
        let handle = try AMQPHandle(to: self.endpoint)
        try handle.open(self.configuration)
        let watch = AMQPWatch(descriptor: handle.descriptor, limit: self.configuration.sendTimeout)
        self.handle = consume handle
        self.watch = watch
        Task { await AMQPWatchdog.shared.add(watch) }
        Task(executorPreference: self.loop.tasks) { await self.run() }
    }

    /// Sends what is settled, says goodbye to the broker, and returns when the socket is closed; within 2 seconds.
    public func close() async {
        self.beginClosing()
        _ = await self.end.value()
    }

    private func beginClosing() {
        guard self.failure == nil, self.closeDeadline == nil else { return }
        self.turn()
        for state in self.channels.values { state.settlements.end(AMQPError(.closed, "the connection was closed")) }
        self.closeDeadline = .now + .seconds(2)
        self.attempt { () throws(AMQPError) in try self.send(.connectionClose, on: 0) }
    }

    // MARK: - The thread's work

    /// Waits for the socket and takes turns, until the connection has failed or closed.
    private func run() async {
        let heartbeat = self.configuration.heartbeatSeconds
        let pause = heartbeat == 0 ? Self.longestWait : min(Self.longestWait, .seconds(Int(heartbeat)) / 2)
        while self.failure == nil {
            self.turn()
            guard self.failure == nil, let descriptor = self.handle?.descriptor else { break }
            _ = try? await self.loop.wait(for: .readable, on: descriptor, until: .now + pause)
            self.enforceLimits()
        }
        self.handle = nil
        self.watch?.end()
        self.end.fulfil(self.failure ?? AMQPError(.closed, "the connection was closed"))
        self.loop.shutdown()
    }

    /// Has a turn taken soon; from any thread. Calls that come before the turn begins share it.
    nonisolated func wake() {
        guard !self.isTurnScheduled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        self.loop.execute { self.assumeIsolated { $0.turn() } }
    }

    /// Reads what has come and writes what is to go.
    private func turn() {
        self.isTurnScheduled.store(false, ordering: .sequentiallyConsistent)
        self.attempt { () throws(AMQPError) in
            repeat {
                if try self.read() == Self.framesPerTurn { self.wake() }
                try self.write()
                // Writing reads too when the socket is full; what it read would not be announced again.
            } while self.failure == nil && self.handle?.hasFrames == true
                && !self.isTurnScheduled.load(ordering: .relaxed)
        }
    }

    private func read() throws(AMQPError) -> Int {
        var count = 0
        while count < Self.framesPerTurn, self.failure == nil {
            let isFrame = try self.handle?.nextFrame { (channel, frame) throws(AMQPError) in
                try self.dispatch(frame, on: channel)
            }
            guard isFrame == true else { break }
            count += 1
        }
        return count
    }

    private func write() throws(AMQPError) {
        guard self.failure == nil, self.closeDeadline == nil else { return }
        for (number, state) in self.channels {
            state.settlements.takeFrames(into: &self.frames)
            for frame in self.frames { try self.send(frame.request, on: number) }
            self.frames.removeAll(keepingCapacity: true)
            guard !self.isBlocked, let queue = state.publishing else { continue }
            while self.mayWrite(), let publication = queue.next() {
                try self.watch?.guarding { () throws(AMQPError) in try self.handle?.publish(publication, on: number) }
                self.writeAllowance -= publication.message.body.count + 256
            }
        }
    }

    /// Whether there is room in the socket. When there is not, a turn is taken as soon as there is.
    private func mayWrite() -> Bool {
        if self.writeAllowance > 0 { return true }
        guard !self.isWaitingToWrite, let descriptor = self.handle?.descriptor else { return false }
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if Glibc.poll(&poll, 1, 0) == 1 {
            self.writeAllowance = Self.writeAllowance
            return true
        }
        self.isWaitingToWrite = true
        Task(executorPreference: self.loop.tasks) { await self.writeWhenPossible(descriptor) }
        return false
    }

    private func writeWhenPossible(_ descriptor: Int32) async {
        _ = try? await self.loop.wait(for: .writable, on: descriptor, until: .now + Self.longestWait)
        self.isWaitingToWrite = false
        self.turn()
    }

    private func send(_ request: AMQPRequest, on channel: UInt16) throws(AMQPError) {
        try self.watch?.guarding { () throws(AMQPError) in try self.handle?.send(request, on: channel) }
    }

    private func enforceLimits() {
        let now = ContinuousClock.now
        if let deadline = self.closeDeadline, deadline <= now {
            return self.fail(AMQPError(.closed, "the connection was closed"))
        }
        for state in self.channels.values {
            state.publishing?.expire(at: now)
            self.giveUpIfOverdue(state, at: now)
            if let deadline = state.calls.first?.deadline, deadline <= now {
                return self.fail(
                    AMQPError(.timeout, "\(self.endpoint) did not answer a call on channel \(state.number) in time"))
            }
        }
    }

    /// Closes a publisher's channel when the broker owes a confirm for too long; its next channel sends again.
    private func giveUpIfOverdue(_ state: AMQPChannelState, at now: ContinuousClock.Instant) {
        guard !state.isGivenUp, let queue = state.publishing, queue !== state.channel.publishing,
            queue.isOverdue(self.configuration.confirmTimeout, at: now)
        else { return }
        state.isGivenUp = true
        Task { await self.close(state.channel) }
    }

    /// Runs a step; when it throws, the connection has failed.
    private func attempt(_ step: () throws(AMQPError) -> Void) {
        guard self.failure == nil else { return }
        do { try step() } catch { self.fail(error) }
    }

    private func fail(_ error: AMQPError) {
        guard self.failure == nil else { return }
        self.failure = error
        let channels = self.channels
        self.channels = [:]
        for state in channels.values { state.end(error) }
        self.watch?.cut()
    }

    // MARK: - Frames

    private func dispatch(_ frame: AMQPFrame, on number: UInt16) throws(AMQPError) {
        guard number != 0 else {
            if case .method(let method) = frame { try self.dispatch(method) }
            return
        }
        // Frames may follow for a channel that has just been closed.
        guard let state = self.channels[number] else { return }
        switch frame {
        case .method(.content(let envelope)):
            try self.assembler.begin(envelope, on: number)
        case .header(let bodySize, let properties):
            if let content = try self.assembler.header(bodySize: bodySize, properties: properties, on: number) {
                state.receive(content)
            }
        case .body(let bytes):
            if let content = try self.assembler.body(bytes, on: number) { state.receive(content) }
        case .method(.channelClose(let code, let text)):
            try self.send(.channelCloseOK, on: number)
            self.endChannel(state, AMQPError(.channelClosed, "the broker closed the channel: \(text)", replyCode: code))
        case .method(.channelCloseOK):
            self.endChannel(state, AMQPError(.closed, "the channel was closed"))
        case .method(let method):
            state.receive(method)
        case .other:
            break
        }
    }

    private func dispatch(_ method: AMQPMethod) throws(AMQPError) {
        switch method {
        case .connectionClose(let code, let text):
            try self.send(.connectionCloseOK, on: 0)
            self.fail(
                AMQPError(
                    .connectionClosed, "the broker at \(self.endpoint) closed the connection: \(text)", replyCode: code))
        case .connectionCloseOK:
            self.fail(AMQPError(.closed, "the connection was closed"))
        case .blocked:
            self.block(true)
        case .unblocked:
            self.block(false)
        default:
            break
        }
    }

    private func block(_ isBlocked: Bool) {
        self.isBlocked = isBlocked
        for state in self.channels.values { state.publishing?.block(isBlocked) }
    }

    // MARK: - Channels and calls

    /// Opens a channel.
    public func openChannel() async throws(AMQPError) -> AMQPChannel {
        if let failure { throw failure }
        guard let maximum = self.handle?.maximumChannels,
            let number = (1...maximum).first(where: { self.channels[$0] == nil })
        else { throw AMQPError(.closed, "the connection has no free channel") }
        let channel = AMQPChannel(connection: self, number: number)
        self.channels[number] = AMQPChannelState(channel)
        _ = try await self.call(channel, .channelOpen)
        return channel
    }

    /// Runs a body with a channel of its own, which a refused call may close without harm to others.
    public nonisolated func withChannel<Result: Sendable>(
        _ body: (AMQPChannel) async throws(AMQPError) -> Result
    ) async throws(AMQPError) -> Result {
        let channel = try await self.openChannel()
        let result: Result
        do {
            result = try await body(channel)
        } catch {
            await channel.close()
            throw error
        }
        await channel.close()
        return result
    }

    /// Sends a request and suspends until the broker has answered it.
    ///
    /// - Parameter receive: Run on the connection's thread with the answer, before the next frame is looked at.
    func call(
        _ channel: AMQPChannel, _ request: AMQPRequest,
        receive: ((AMQPAnswer, AMQPChannelState) -> Void)? = nil
    ) async throws(AMQPError) -> AMQPAnswer {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<AMQPAnswer, AMQPError>, Never>) in
            guard let state = self.channels[channel.number], state.channel === channel else {
                let error = channel.end.current ?? self.failure ?? AMQPError(.closed, "the channel was closed")
                return continuation.resume(returning: .failure(error))
            }
            state.calls.append(
                AMQPChannelState.Call(
                    deadline: .now + self.configuration.callTimeout, receive: receive, continuation: continuation))
            self.attempt { () throws(AMQPError) in
                try self.write()
                try self.send(request, on: channel.number)
            }
        }
        return try result.get()
    }

    /// Sends what is settled on the channel and closes it.
    func close(_ channel: AMQPChannel) async {
        self.attempt { () throws(AMQPError) in try self.write() }
        channel.settlements.end(AMQPError(.closed, "the channel was closed"))
        _ = try? await self.call(channel, .channelClose)
    }

    /// Sends a request that has no answer.
    func tell(_ channel: AMQPChannel, _ request: AMQPRequest) throws(AMQPError) {
        guard let state = self.channels[channel.number], state.channel === channel else {
            throw channel.end.current ?? self.failure ?? AMQPError(.closed, "the channel was closed")
        }
        self.attempt { () throws(AMQPError) in try self.send(request, on: channel.number) }
        if let failure { throw failure }
    }

    /// Sends everything that waits in this queue over the channel, from now on.
    func attach(_ queue: AMQPPublishQueue, to channel: AMQPChannel) {
        guard let state = self.channels[channel.number], state.channel === channel else { return }
        state.publishing = queue
        queue.attach { [weak self] in self?.wake() }
        if self.isBlocked { queue.block(true) }
    }

    private func endChannel(_ state: AMQPChannelState, _ error: AMQPError) {
        self.channels[state.number] = nil
        self.assembler.discard(channel: state.number)
        state.end(error)
    }
}

extension SettlementLedger.Frame {
    fileprivate var request: AMQPRequest {
        switch self.settlement {
        case .acknowledge: .acknowledge(tag: self.tag, multiple: self.multiple)
        case .reject(let requeue) where self.multiple: .nack(tag: self.tag, multiple: true, requeue: requeue)
        case .reject(let requeue): .reject(tag: self.tag, requeue: requeue)
        }
    }
}

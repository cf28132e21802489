import EventLoops
import Glibc
import Testing

/// An actor that lives on a loop, as the clients of C libraries do.
private actor Pinned {
    private let loop: EventLoop
    private(set) var count = 0
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) { self.loop = loop }

    func increment() { self.count += 1 }

    func thread() -> UInt { UInt(pthread_self()) }

    func wait(on descriptor: Int32, for time: Duration? = nil) async throws(CancellationError) -> EventLoop.Readiness {
        try await self.loop.wait(for: .readable, on: descriptor, until: time.map { .now + $0 })
    }

    /// Counts until the task is cancelled.
    func tick(every pause: Duration) async {
        while (try? await self.loop.wait(for: [], on: -1, until: .now + pause)) != nil { self.count += 1 }
    }

    /// Recurses as a decoder of nested data does, 1 kB a level, and returns the depth reached.
    func descend(_ depth: Int) -> Int {
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 16) { buffer in
            buffer[0] = UInt8(truncatingIfNeeded: depth)
            return depth == 0 ? Int(buffer[0]) : 1 + self.descend(depth - 1)
        }
    }
}

@Suite struct EventLoopTests {
    @Test(.timeLimit(.minutes(1))) func `no wakeup is lost between thousands of short jobs`() async {
        for _ in 0..<20 {
            let loop = EventLoop(name: "test")
            let pinned = Pinned(loop)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<200 { await pinned.increment() } }
                }
            }
            #expect(await pinned.count == 1_600)
            loop.shutdown()
            await loop.waitForShutdown()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `an actor on the loop always runs on the loop's thread`() async {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let first = await pinned.thread()
        for _ in 0..<50 {
            await Task.yield()
            #expect(await pinned.thread() == first)
        }
        let here = UInt(pthread_self())
        #expect(here != first)
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `a body runs on the thread and is isolated to its actor`() async {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        await withCheckedContinuation { continuation in
            loop.execute {
                pinned.assumeIsolated { $0.increment() }
                continuation.resume()
            }
        }
        #expect(await pinned.count == 1)
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `a waiter is resumed when its descriptor is readable`() async throws {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let pipe = Pipe()
        async let readiness = pinned.wait(on: pipe.reading)
        pipe.write()
        #expect(try await readiness.contains(.readable))
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `every one of several waiters on one descriptor is resumed`() async throws {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let pipe = Pipe()
        let resumed = try await withThrowingTaskGroup(of: EventLoop.Readiness.self) { group in
            for _ in 0..<10 { group.addTask { try await pinned.wait(on: pipe.reading) } }
            try await Task.sleep(for: .milliseconds(20))
            pipe.write()
            var resumed = 0
            for try await readiness in group where readiness.contains(.readable) { resumed += 1 }
            return resumed
        }
        #expect(resumed == 10)
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `sockets are looked at while jobs never stop coming`() async throws {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let pipe = Pipe()
        let busy = Task { while !Task.isCancelled { await pinned.increment() } }
        pipe.write()
        #expect(try await pinned.wait(on: pipe.reading).contains(.readable))
        busy.cancel()
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `a deadline ends a wait with nothing ready, and not early`() async throws {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let started = ContinuousClock.now
        #expect(try await pinned.wait(on: -1, for: .milliseconds(30)).isEmpty)
        #expect(ContinuousClock.now - started >= .milliseconds(30))
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `cancelling a task ends its wait and no other`() async throws {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let pipe = Pipe()
        let cancelled = Task { try await pinned.wait(on: pipe.reading) }
        let other = Task { try await pinned.wait(on: pipe.reading) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        pipe.write()
        #expect(try await other.value.contains(.readable))
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `a cancelled task does not begin to wait`() async {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await pinned.wait(on: -1)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func `shutdown fails what waits and can be awaited`() async {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let waiting = Task { try await pinned.wait(on: -1) }
        while await pinned.count < 5 { await pinned.increment() }
        loop.shutdown()
        await loop.waitForShutdown()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        await #expect(throws: CancellationError.self) { try await pinned.wait(on: -1) }
    }

    @Test(.timeLimit(.minutes(1))) func `a job that comes after shutdown is still run`() async {
        for _ in 0..<50 {
            let loop = EventLoop(name: "test")
            let pinned = Pinned(loop)
            async let increments: Void = {
                for _ in 0..<20 { await pinned.increment() }
            }()
            loop.shutdown()
            await increments
            #expect(await pinned.count == 20)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a task that prefers the loop needs no thread of the pool`() async {
        let loop = EventLoop(name: "test")
        let pinned = Pinned(loop)
        let ticking = Task(executorPreference: loop.tasks) { await pinned.tick(every: .milliseconds(5)) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<sysconf(Int32(_SC_NPROCESSORS_ONLN)) { group.addTask { usleep(500_000) } }
        }
        ticking.cancel()
        #expect(await pinned.count > 20)
        loop.shutdown()
    }

    @Test(.timeLimit(.minutes(1)), arguments: [256 << 10, 16 << 20])
    func `the stack has the size that was asked for`(stackSize: Int) async {
        let loop = EventLoop(name: "test", stackSize: stackSize)
        let levels = stackSize / 2 / 1500
        #expect(await Pinned(loop).descend(levels) == levels)
        loop.shutdown()
    }
}

/// A pipe that closes itself.
private final class Pipe: Sendable {
    let reading: Int32
    private let writing: Int32

    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (self.reading, self.writing) = (ends[0], ends[1])
    }

    deinit {
        close(self.reading)
        close(self.writing)
    }

    func write() {
        var byte: UInt8 = 1
        _ = Glibc.write(self.writing, &byte, 1)
    }
}

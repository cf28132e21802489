import CBaseline
import EventLoops
import Glibc

/// The processes of one measurement.
///
/// They end with the thread that started them, whatever becomes of this process, so that thread is the actor's own and lives
/// as long as they do.
actor BenchQueueProcesses {
    private nonisolated let loop = EventLoop(name: "bench")
    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }
    private var running: Set<pid_t> = []

    deinit { self.loop.shutdown() }

    func start(_ program: String, _ arguments: [String], environment: [String: String]) throws(BenchQueueError) -> pid_t {
        var argument = ([program] + arguments).map { strdup($0) } + [nil]
        var variable = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argument + variable { free(text) } }
        let process = baseline_spawn(program, &argument, &variable)
        guard process > 0 else { throw .cannotStart(program: program, reason: String(cString: strerror(errno))) }
        self.running.insert(process)
        return process
    }

    /// Makes them stand still, without ending them.
    func pause() { for process in self.running { kill(process, SIGSTOP) } }

    func resume() { for process in self.running { kill(process, SIGCONT) } }

    /// The exit status of a process that has ended by itself, if one has; 128 and the signal's number for one that was killed.
    func endedStatus() -> Int32? {
        for process in self.running {
            var status: Int32 = 0
            guard waitpid(process, &status, WNOHANG) == process else { continue }
            self.running.remove(process)
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
        }
        return nil
    }

    /// Ends them all: asks, and after some seconds kills.
    func stop() async {
        for process in self.running {
            kill(process, SIGTERM)
            kill(process, SIGCONT)
        }
        let deadline = ContinuousClock.now + .seconds(10)
        while !self.running.isEmpty {
            if ContinuousClock.now > deadline { for process in self.running { kill(process, SIGKILL) } }
            while self.endedStatus() != nil {}
            _ = try? await self.loop.wait(for: [], on: -1, until: .now + .milliseconds(20))
        }
    }
}

import Glibc
import Logging
import Telemetry
import Testing

/// Each in a process of its own, since a process has one log.
@Suite(.timeLimit(.minutes(1))) struct LogOutputTests {
    @Test func `what was logged is written before the process exits`() async throws {
        let result = try await #require(processExitsWith: .success, observing: [\.standardErrorContent]) {
            LogOutput.bootstrap(level: .notice)
            let logger = Logger(label: "worker")
            logger.info("unheard")
            // Fewer than fill a pipe (64 KiB): on a busy machine whoever reads it may come later than an exit waits.
            for number in 0..<400 { logger.notice("stopped", metadata: ["number": .stringConvertible(number)]) }
            exit(EXIT_SUCCESS)
        }
        let lines = String(decoding: result.standardErrorContent, as: UTF8.self).split(separator: "\n")
            .filter { $0.contains("\"label\":\"worker\"") }
        #expect(lines.count == 400)
        #expect(lines.last?.hasSuffix(#""level":"notice","label":"worker","message":"stopped","number":399}"#) == true)
    }

    @Test func `a standard error whose reader is gone neither stops the process nor goes uncounted`() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { exit(EX_OSERR) }
            close(ends[0])
            dup2(ends[1], STDERR_FILENO)
            LogOutput.bootstrap()
            Logger(label: "worker").info("started")
            guard LogOutput.flush(within: .seconds(10)) else { exit(EX_TEMPFAIL) }
            exit(LogWriter.standardError.droppedLines == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func `a standard error that was closed is never taken for a connection`() async {
        await #expect(processExitsWith: .success) {
            close(STDERR_FILENO)
            LogOutput.bootstrap()
            guard open("/dev/null", O_WRONLY) != STDERR_FILENO else { exit(EX_SOFTWARE) }
            Logger(label: "worker").info("started")
            guard LogOutput.flush(within: .seconds(10)) else { exit(EX_TEMPFAIL) }
            exit(LogWriter.standardError.droppedLines == 1 ? EXIT_SUCCESS : EXIT_FAILURE)
        }
    }

    @Test func `a standard error that nobody reads delays the exit by a second at most`() async {
        await #expect(processExitsWith: .success) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { exit(EX_OSERR) }
            dup2(ends[1], STDERR_FILENO)
            LogOutput.bootstrap()
            let logger = Logger(label: "worker")
            for _ in 0..<1_000 { logger.info("\(String(repeating: "x", count: 1_000))") }
            // Ends the process with a signal, which is no success, when exit takes longer than its second and some.
            alarm(10)
            exit(EXIT_SUCCESS)
        }
    }
}

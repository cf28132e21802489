import CoreMetrics
import Glibc
import Logging
import Telemetry
import Testing

@Suite(.timeLimit(.minutes(1))) struct LogWriterTests {
    init() {
        signal(SIGPIPE, SIG_IGN)
    }

    @Test func `lines arrive whole and in order`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd)
        let lines = (0..<1_000).map { "line \($0)\n" }
        for line in lines { writer.write(line) }
        #expect(writer.flush(within: .seconds(10)))
        #expect(pipe.read(lines.joined().utf8.count) == lines.joined())
        #expect(writer.droppedLines == 0)
    }

    @Test func `a sink that nobody reads loses lines but holds nobody up`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd, capacity: 200_000)
        let line = String(repeating: "x", count: 99) + "\n"
        let start = ContinuousClock.now
        // 500 kB: the pipe holds 64 KiB, the buffer and the thread 200 kB each.
        for _ in 0..<5_000 { writer.write(line) }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(!writer.flush(within: .milliseconds(50)))
        let dropped = writer.droppedLines
        #expect(dropped > 0 && dropped <= 3_000)

        // Once somebody reads, what was kept arrives and the log goes on.
        #expect(pipe.read((5_000 - dropped) * 100) == String(repeating: line, count: 5_000 - dropped))
        writer.write("after\n")
        #expect(pipe.read(6) == "after\n")
        #expect(writer.droppedLines == dropped)
    }

    @Test func `a pipe whose reader is gone loses lines and counts them`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let writer = LogWriter(descriptor: ends[1])
        for _ in 0..<3 {
            writer.write("one\n")
            #expect(writer.flush(within: .seconds(10)))
        }
        #expect(writer.droppedLines == 3)
    }

    @Test(arguments: ["/dev/full", "/dev/null"])
    func `a full disk or a closed descriptor loses lines and counts them`(path: String) throws {
        // Open for reading only, /dev/null refuses every write.
        let descriptor = open(path, path == "/dev/full" ? O_WRONLY : O_RDONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let writer = LogWriter(descriptor: descriptor)
        writer.write("one\ntwo\n")
        writer.write("three\n")
        #expect(writer.flush(within: .seconds(10)))
        #expect(writer.droppedLines == 3)
        #expect(
            PrometheusRegistry(collectors: [writer]).render().hasSuffix(
                "# TYPE teller_log_lines_dropped_total counter\nteller_log_lines_dropped_total 3\n"))
    }

    @Test func `a line that is cut short does not take the next one along`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[1]) }
        let writer = LogWriter(descriptor: ends[1])
        writer.write(String(repeating: "x", count: 100_000) + "\n")
        // The first byte came, and the pipe cannot hold them all: the thread is in the middle of the line.
        var byte: UInt8 = 0
        #expect(read(ends[0], &byte, 1) == 1)
        close(ends[0])
        #expect(writer.flush(within: .seconds(10)))
        #expect(writer.droppedLines == 1)

        let next = try Pipe()
        dup2(next.writeEnd, ends[1])
        writer.write("next\n")
        #expect(next.read(6) == "\nnext\n")
        #expect(writer.droppedLines == 1)
    }

    @Test func `a handler writes its level and above`() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writeEnd)
        var logger = Logger(label: "worker") { label in
            LineLogHandler(
                label: label, writer: writer, format: .console, logLevel: .notice,
                metadataProvider: Logger.MetadataProvider { ["provided": "p", "both": "provider"] })
        }
        logger[metadataKey: "own"] = "o"
        logger.info("unheard")
        logger.notice("heard", metadata: ["both": "event"])
        #expect(writer.flush(within: .seconds(10)))
        let expected = "notice   worker: heard both=event own=o provided=p\n"
        #expect(pipe.read(25 + expected.utf8.count).hasSuffix("Z \(expected)"))
    }
}

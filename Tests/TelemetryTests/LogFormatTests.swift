import Logging
import Testing

@testable import Telemetry

@Suite struct LogFormatTests {
    private struct Refused: Error {
        let customer = "C-1001"
    }

    private func line(
        _ message: String, label: String = "worker", metadata: Logger.Metadata = [:], error: (any Error)? = nil,
        format: LogFormat = .json
    ) -> String {
        let event = LogEvent(
            level: .warning, message: "\(message)", error: error, metadata: metadata, source: nil, file: "f",
            function: "g", line: 1)
        let record = LogRecord(
            event, label: label, metadata: ["attempt": "of the handler", "host": "h"],
            time: LogTime(seconds: 1_795_579_253, milliseconds: 7))
        return format.line(for: record)
    }

    private static let metadata: Logger.Metadata = [
        "attempt": .stringConvertible(2), "late": .stringConvertible(false), "ratio": .stringConvertible(0.5),
        "queue": ["name": "q 1", "depth": ["ready": "3"]], "hosts": ["a", "b"], "time": "noon",
    ]

    @Test func `an event is one JSON object with its metadata flattened`() {
        #expect(
            self.line("retried", metadata: Self.metadata) == """
                {"time":"2026-11-25T04:00:53.007Z","level":"warning","label":"worker","message":"retried",\
                "attempt":2,"host":"h","hosts":["a","b"],"late":false,"queue.depth.ready":"3","queue.name":"q 1",\
                "ratio":0.5,"metadata.time":"noon"}

                """)
    }

    @Test func `an event is one readable line on a console`() {
        #expect(
            self.line("retried", metadata: Self.metadata, format: .console) == """
                2026-11-25T04:00:53.007Z warning  worker: retried attempt=2 host=h hosts=[a,b] late=false \
                queue.depth.ready=3 queue.name="q 1" ratio=0.5 time=noon

                """)
    }

    @Test func `of an error only the type is logged`() {
        let line = self.line("failed", error: Refused())
        #expect(line.contains("Refused\""))
        #expect(line.contains("\"error.type\":\"TelemetryTests."))
        #expect(!line.contains("C-1001"))
    }

    @Test(arguments: [
        ("a\nb\r\tc", #"a\nb\r\tc"#), ("say \"no\" \\", #"say \"no\" \\"#), ("\u{1B}[31mred", #"\u001b[31mred"#),
        ("\0\u{7F}\u{9B}", #"\u0000\u007f\u009b"#), ("\u{202E}evil\u{2069}", #"\u202eevil\u2069"#),
        ("\u{2028}\u{2029}\u{200B}\u{FEFF}", #"\u2028\u2029\u200b\ufeff"#), ("\u{E0041}", #"\udb40\udc41"#),
        ("余额 1,234.56元 é 🙂", "余额 1,234.56元 é 🙂"),
    ])
    func `nothing in a text can leave its line or steer a terminal`(text: String, escaped: String) {
        for format in LogFormat.allCases {
            let line = self.line(text, label: text, metadata: [text: "\(text)"], format: format)
            #expect(line.components(of: escaped) == 4, "\(format) \(line)")
            #expect(line.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
            #expect(line.hasSuffix("\n"))
        }
    }

    @Test(arguments: [
        (0, 0, "1970-01-01T00:00:00.000Z"), (951_782_400, 999, "2000-02-29T00:00:00.999Z"),
        (4_102_444_799, 50, "2099-12-31T23:59:59.050Z"),
    ])
    func `time is RFC 3339 in UTC`(seconds: Int, milliseconds: Int, text: String) {
        #expect(LogTime(seconds: seconds, milliseconds: milliseconds).rfc3339 == text)
    }
}

extension String {
    /// How often the text occurs, without overlap.
    fileprivate func components(of text: String) -> Int {
        self.split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}

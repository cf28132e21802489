import Foundation
import Testing

@testable import TellerMessages

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-11-25T03:50:07Z", 1_795_578_607), ("2026-11-25T03:50:07.25Z", 1_795_578_607.25),
        ("2026-11-25T05:50:07+02:00", 1_795_578_607), ("2026-11-24T19:50:07-08:00", 1_795_578_607), ("2024-02-29t12:00:00z", 1_709_208_000),
        ("1969-12-31T23:59:59Z", -1), ("2000-03-01T00:00:00Z", 951_868_800), ("1900-03-01T00:00:00Z", -2_203_891_200),
    ])
    func `an instant of RFC 3339 is read`(_ text: String, _ seconds: TimeInterval) {
        #expect(Date(rfc3339: text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "2026-11-25", "2026-11-25T03:50:07", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-11-25T24:00:00Z", "2026-11-25T03:60:00Z", "2026-11-25 03:50:07Z", "2026-11-25T03:50:07.Z", "2026-11-25T03:50:07+0200",
        "2026-11-25T03:50:07Zjunk", "tomorrow", "１９７０-01-01T00:00:00Z", "2026-11-25T03:50:07+25:00", "-026-11-25T03:50:07Z",
    ])
    func `anything else is not`(_ text: String) {
        #expect(Date(rfc3339: text) == nil)
    }

    @Test func `an instant is written as it is read, to the millisecond`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let date = Date(timeIntervalSince1970: Double(Int.random(in: -2_000_000_000_000...4_000_000_000_000, using: &generator)) / 1000)
            let text = date.rfc3339
            let read = Date(rfc3339: text)
            #expect(read.map { abs($0.timeIntervalSince(date)) < 0.000_5 } == true, "\(text)")
        }
        #expect(Date(timeIntervalSince1970: 1_795_578_607.5).rfc3339 == "2026-11-25T03:50:07.500Z")
    }
}

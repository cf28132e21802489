import Foundation
import Testing

@testable import Postgres

@Suite struct PostgresNumberTests {
    @Test(arguments: [Int64.min, -1, 0, 1, Int64.max])
    func `an integer comes back as it was sent`(value: Int64) throws {
        #expect(try value.roundTrip() == value)
    }

    @Test func `an integer that does not fit is an error and no trap`() {
        #expect(throws: PostgresError.self) { try Int16(postgresCell: PostgresCell("32768", .int8)) }
        #expect(throws: PostgresError.self) { try Int32(postgresCell: PostgresCell("-2147483649", .int8)) }
    }

    @Test(arguments: [0, -0.0, 1.5, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity])
    func `a double comes back as it was sent`(value: Double) throws {
        #expect(try value.roundTrip().bitPattern == value.bitPattern)
    }

    @Test(arguments: [
        "0", "0.00", "1", "-1", "0.1", "12.50", "-0.0000123", "100000", "99999999999999999999999999999999999999",
        "-0.00000000000000000000000000000000000001", "12345678901234567890.123456789012345678",
        "1000000000000000000000000000000000000000000000000000000000000",
    ])
    func `a numeric is read exactly`(text: String) throws {
        let value = try Decimal(postgresCell: PostgresCell(text, .numeric))
        #expect(value == Decimal(string: text))
        #expect(try value.roundTrip() == value)
    }

    @Test(arguments: [
        "NaN", "Infinity", "-Infinity", "100000000000000000000000000000000000001",
        "1.00000000000000000000000000000000000001", "1" + String(repeating: "0", count: 128),
        "0." + String(repeating: "0", count: 128) + "1", "", "-", "1e5", "1.2.3",
    ])
    func `a number that Decimal cannot hold exactly is refused, without showing it`(text: String) {
        let error = #expect(throws: PostgresError.self) { try Decimal(postgresCell: PostgresCell(text, .numeric)) }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains("amount") == true)
        #expect(text.count < 6 || error?.message.contains(text) == false)
    }

    @Test func `a decimal that is not a number is not sent`() {
        #expect(Decimal.nan.isRefused)
    }

    @Test func `random decimals come back digit for digit`() throws {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...38, using: &generator)
            let digits = String((0..<count).map { _ in Character(String(Int.random(in: 0...9, using: &generator))) })
            let scale = Int.random(in: 0...count, using: &generator)
            let text =
                (Bool.random(using: &generator) ? "-" : "") + (scale == count ? "0" : "")
                + digits.dropLast(scale) + (scale > 0 ? "." + digits.suffix(scale) : "")
            let value = try Decimal(postgresCell: PostgresCell(text, .numeric))
            #expect(Self.canonical(value.wireText ?? "") == Self.canonical(text), "\(text)")
        }
    }

    /// Without leading and trailing zeros and without the sign of zero.
    private static func canonical(_ text: String) -> String {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts[0].drop { $0 == "0" }
        var fraction = parts.count > 1 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        return whole.isEmpty && fraction.isEmpty ? "0" : (isNegative ? "-" : "") + "\(whole).\(fraction)"
    }

    @Test func `a type that does not match names both types`() {
        let error = #expect(throws: PostgresError.self) { try Int(postgresCell: PostgresCell("12.5", .numeric)) }
        #expect(error?.message == "column amount is numeric and cannot be read as Int")
    }

    @Test func `NULL is read by an optional only`() throws {
        #expect(try Int?(postgresCell: PostgresCell(nil, .int8)) == nil)
        #expect(try Int?(postgresCell: PostgresCell("4", .int8)) == 4)
        let error = #expect(throws: PostgresError.self) { try Int(postgresCell: PostgresCell(nil, .int8)) }
        #expect(error?.message == "column amount is NULL: read it as Optional<Int>")
    }
}

/// A generator with a seed, so that a failure can be repeated.
///
/// Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { self.state = seed }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

import Foundation
import Ledger
import Testing

@testable import struct Ledger.Customer

@Suite struct CustomerTests {
    private static let key = TicketKey(bytes: Array(0..<32))

    @Test func `the ticket's message is length-prefixed text and big-endian microseconds`() {
        let message = Customer.message(customer: "客", request: "r1", microseconds: 258)
        #expect(
            message == Array("teller-ticket-v1".utf8) + [0, 0, 0, 3] + Array("客".utf8) + [0, 0, 0, 2] + Array("r1".utf8)
                + [0, 0, 0, 0, 0, 0, 1, 2])
    }

    @Test func `moving a character from customer to request changes the message`() {
        #expect(
            Customer.message(customer: "ab", request: "c", microseconds: 0)
                != Customer.message(customer: "a", request: "bc", microseconds: 0))
    }

    // The expected codes were computed with Python's hmac module.
    @Test(arguments: [
        ("C-1001", "req-0001", 1_764_063_000.75, "eefcc813d0ecd501b6c439426da24803a3b8d97f7130638ad9c2aed0a9d960c8"),
        ("客户", "r", 0.0, "28930688504338a3af40b143ff56ec81c63eb54caf65d0f4f8144db1242ed1eb"),
    ])
    func `the code is HMAC-SHA256 of the message, with the expiry in whole seconds`(
        id: String, request: String, expires: Double, code: String
    ) {
        let customer = Customer(
            verified: id, request: request, expires: Date(timeIntervalSince1970: expires), key: Self.key)
        #expect(customer.mac.map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined() == code)
        #expect(customer.expires.timeIntervalSince1970 == expires.rounded(.down))
    }

    @Test func `nothing of a key shows in its description or dump`() {
        var text = "\(Self.key)"
        dump(Self.key, to: &text)
        #expect(!text.contains("31"))
    }
}

@Suite struct TicketKeyFileTests {
    private func withFile<Result>(holding text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "ticket-key-" + UUID().uuidString
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    @Test func `hexadecimal digits and a line break are a key`() throws {
        let digits = String(repeating: "0aF1", count: 16)
        let customer = try self.withFile(holding: digits + "\n") { path in
            Customer(verified: "C-1", request: "r", expires: .distantFuture, key: try TicketKey(contentsOfFile: path))
        }
        let same = Customer(
            verified: "C-1", request: "r", expires: .distantFuture,
            key: TicketKey(bytes: Array(repeating: [0x0A, 0xF1], count: 16).flatMap { $0 }))
        #expect(customer.mac == same.mac)
    }

    @Test(arguments: [
        "", "secret", String(repeating: "ab", count: 31), String(repeating: "a", count: 65),
        String(repeating: "xy", count: 32),
    ])
    func `anything else is refused with the way to make one`(text: String) throws {
        let error = try self.withFile(holding: text) { path in
            #expect(throws: LedgerError.self) { try TicketKey(contentsOfFile: path) }
        }
        #expect(error?.code == .ticketKey)
        #expect(error?.message.contains("openssl rand -hex 32") == true)
    }

    @Test func `a missing file is named`() {
        let error = #expect(throws: LedgerError.self) { try TicketKey(contentsOfFile: "/nonexistent/key") }
        #expect(error?.message.contains("/nonexistent/key") == true)
    }
}

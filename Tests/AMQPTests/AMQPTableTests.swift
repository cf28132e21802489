import CRabbitMQ
import Testing

@testable import AMQP

/// A table through the library's encoder and decoder and back.
private func roundTrip(_ table: AMQPTable) throws -> (table: AMQPTable, size: Int, isComplete: Bool) {
    let arena = AMQPArena()
    var input = arena.table(table)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var size = 0
    let encoded = buffer.withUnsafeMutableBytes {
        amqp_encode_table(amqp_bytes_t(len: $0.count, bytes: $0.baseAddress), &input, &size)
    }
    try #require(encoded == 0)
    var pool = amqp_pool_t()
    init_amqp_pool(&pool, 4096)
    defer { empty_amqp_pool(&pool) }
    var output = amqp_table_t()
    var offset = 0
    let decoded = buffer.withUnsafeMutableBytes {
        amqp_decode_table(amqp_bytes_t(len: size, bytes: $0.baseAddress), &pool, &output, &offset)
    }
    try #require(decoded == 0)
    #expect(offset == size)
    var isComplete = true
    return (AMQPTable(output, isComplete: &isComplete), size, isComplete)
}

private func randomValue(_ depth: Int, _ generator: inout SeededGenerator) -> AMQPValue {
    func bytes(_ generator: inout SeededGenerator) -> [UInt8] {
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in .random(in: 0...255, using: &generator) }
    }
    switch Int.random(in: 0..<(depth > 0 ? 18 : 16), using: &generator) {
    case 0: return .bool(.random(using: &generator))
    case 1: return .int8(.random(in: .min ... .max, using: &generator))
    case 2: return .uint8(.random(in: .min ... .max, using: &generator))
    case 3: return .int16(.random(in: .min ... .max, using: &generator))
    case 4: return .uint16(.random(in: .min ... .max, using: &generator))
    case 5: return .int32(.random(in: .min ... .max, using: &generator))
    case 6: return .uint32(.random(in: .min ... .max, using: &generator))
    case 7: return .int64(.random(in: .min ... .max, using: &generator))
    case 8: return .float(.random(in: -1e30...1e30, using: &generator))
    case 9: return .double(.random(in: -1e300...1e300, using: &generator))
    case 10:
        return .decimal(
            decimals: .random(in: 0...20, using: &generator), value: .random(in: 0 ... .max, using: &generator))
    case 11: return .string(["", "text", "银行对账单", "e\u{301}", "a\0b"].randomElement(using: &generator) ?? "")
    case 12: return .longString([0xFF] + bytes(&generator))
    case 13: return .bytes(bytes(&generator))
    case 14: return .timestamp(.random(in: 0 ... .max, using: &generator))
    case 15: return .void
    case 16:
        return .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in randomValue(depth - 1, &generator) })
    default: return .table(randomTable(depth - 1, &generator))
    }
}

private func randomTable(_ depth: Int, _ generator: inout SeededGenerator) -> AMQPTable {
    AMQPTable(
        (0..<Int.random(in: 0...6, using: &generator)).map { index in
            .init(
                ["name-\(index)", "名\(index)", ""].randomElement(using: &generator) ?? "",
                randomValue(depth, &generator))
        })
}

private func nested(_ levels: Int) -> AMQPTable {
    let innermost: AMQPTable = ["end": .void]
    return (1..<levels).reduce(innermost) { table, _ in AMQPTable([.init("t", .table(table))]) }
}

@Suite struct AMQPTableTests {
    @Test(arguments: 1...300 as ClosedRange<UInt64>)
    func `any table comes back as it was, in the size that was foretold`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let table = randomTable(5, &generator)
        let result = try roundTrip(table)
        #expect(result.table == table)
        #expect(result.size == table.encodedSize)
        #expect(result.isComplete)
    }

    @Test func `a string that is not UTF-8 stays the bytes that it was`() throws {
        let table: AMQPTable = ["s": .longString([0x61, 0xC3]), "x": .bytes([0xC3]), "u": .string("é")]
        #expect(try roundTrip(table).table == table)
    }

    @Test func `a name that is not UTF-8 is repaired and reported`() throws {
        let name: [UInt8] = [0x61, 0xFF]
        let (table, isComplete) = name.withUnsafeBytes { bytes in
            var entry = amqp_table_entry_t()
            entry.key = amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            entry.value.kind = UInt8(AMQP_FIELD_KIND_VOID.rawValue)
            return withUnsafeMutablePointer(to: &entry) { entry in
                var isComplete = true
                return (AMQPTable(amqp_table_t(num_entries: 1, entries: entry), isComplete: &isComplete), isComplete)
            }
        }
        #expect(table.entries.map(\.name) == ["a\u{FFFD}"])
        #expect(!isComplete)
    }

    @Test func `nesting up to the limit is kept, and what is deeper is cut off and reported`() throws {
        let allowed = try roundTrip(nested(AMQPTable.maximumDepth))
        #expect(allowed.table == nested(AMQPTable.maximumDepth))
        #expect(allowed.isComplete)

        let deeper = try roundTrip(["good": "kept", "bad": .table(nested(AMQPTable.maximumDepth))])
        #expect(deeper.table["good"] == "kept")
        #expect(!deeper.isComplete)
    }

    @Test func `what cannot be sent is refused before it is`() {
        #expect(throws: AMQPError.self) { try nested(AMQPTable.maximumDepth + 1).validate() }
        #expect(throws: Never.self) { try nested(AMQPTable.maximumDepth).validate() }
        #expect(throws: AMQPError.self) {
            try AMQPTable([.init(String(repeating: "n", count: 256), .void)]).validate()
        }
    }

    @Test func `the subscript finds the first, replaces in place, appends and removes all`() {
        var table = AMQPTable([.init("a", 1), .init("b", 2), .init("a", 3)])
        #expect(table["a"] == 1)
        table["a"] = 9
        table["c"] = 4
        #expect(table.entries.map(\.value) == [9, 2, 3, 4])
        table["a"] = nil
        #expect(table.entries.map(\.name) == ["b", "c"])
        #expect(table["a"] == nil)
    }
}

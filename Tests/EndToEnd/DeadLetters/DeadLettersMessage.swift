import AMQP

/// Messages of every kind that the protocol can carry, at random from a seed.
struct DeadLettersMessage {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    /// SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators".
    private mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    private mutating func below(_ bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    private mutating func text(_ longest: Int) -> String {
        let scalars: [Unicode.Scalar] = ["a", "Z", "0", " ", "\0", "\"", "\\", "\n", "\u{7F}", "é", "e\u{301}".unicodeScalars.last ?? "e", "余", "\u{FFFD}", "\u{1F600}"]
        var text = String.UnicodeScalarView()
        for _ in 0..<self.below(longest / 4 + 1) { text.append(scalars[self.below(scalars.count)]) }
        return String(text)
    }

    private mutating func bytes(_ longest: Int) -> [UInt8] { (0..<self.below(longest + 1)).map { _ in UInt8(truncatingIfNeeded: self.next()) } }

    private mutating func maybe<Value>(_ make: (inout Self) -> Value) -> Value? { self.below(2) == 0 ? nil : make(&self) }

    private mutating func value(depth: Int) -> AMQPValue {
        switch self.below(depth > 0 ? 19 : 17) {
        case 0: .bool(self.below(2) == 0)
        case 1: .int8(Int8(truncatingIfNeeded: self.next()))
        case 2: .uint8(UInt8(truncatingIfNeeded: self.next()))
        case 3: .int16(Int16(truncatingIfNeeded: self.next()))
        case 4: .uint16(UInt16(truncatingIfNeeded: self.next()))
        case 5: .int32(Int32(truncatingIfNeeded: self.next()))
        case 6: .uint32(UInt32(truncatingIfNeeded: self.next()))
        case 7: .int64(Int64(bitPattern: self.next()))
        // RabbitMQ closes the connection over a number that is not finite.
        case 8: .float([-0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1][self.below(4)])
        case 9: .double([-0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude, 0.1][self.below(4)])
        case 10: .decimal(decimals: UInt8(self.below(256)), value: UInt32(truncatingIfNeeded: self.next()))
        case 11: .string(self.text(self.below(20) == 0 ? 20_000 : 60))
        case 12: .longString([0xFF] + self.bytes(40))
        case 13: .bytes(self.bytes(40))
        case 14: .timestamp(self.next() >> 1)
        case 15: .void
        case 16: .string("")
        case 17: .array((0..<self.below(5)).map { _ in self.value(depth: depth - 1) })
        default: .table(self.table(depth: depth - 1))
        }
    }

    private mutating func table(depth: Int) -> AMQPTable {
        AMQPTable((0..<self.below(8)).map { number in
            // A name may repeat, be empty and hold anything; it must only not be one that the broker acts on.
            AMQPTable.Entry(self.below(6) == 0 ? "authorization" : "h" + self.text(80), self.value(depth: depth))
        })
    }

    /// A message that a broker takes: what would close the channel is left out.
    mutating func message() -> AMQPMessage {
        var properties = AMQPProperties()
        properties.contentType = self.maybe { $0.text(120) }
        properties.contentEncoding = self.maybe { $0.text(120) }
        properties.headers = self.maybe { $0.table(depth: 6) }
        properties.deliveryMode = self.maybe { UInt8(1 + $0.below(2)) }
        properties.priority = self.maybe { UInt8($0.below(256)) }
        properties.correlationID = self.maybe { $0.text(200) }
        properties.replyTo = self.maybe { "r" + $0.text(200) }
        properties.expiration = self.maybe { String(600_000 + $0.below(1_000_000)) }
        properties.messageID = self.maybe { $0.text(200) }
        properties.timestamp = self.maybe { $0.next() >> 1 }
        properties.type = self.maybe { $0.text(200) }
        properties.appID = self.maybe { $0.text(200) }
        properties.clusterID = self.maybe { $0.text(200) }
        return AMQPMessage(properties: properties, body: self.bytes(self.below(10) == 0 ? 60_000 : 200))
    }
}

extension AMQPMessage {
    /// Every bit of the message as text: unlike `==`, it tells NaNs, zeros, and texts that only look alike apart.
    var bits: String {
        let p = self.properties
        let texts = [
            p.contentType, p.contentEncoding, p.correlationID, p.replyTo, p.expiration, p.messageID, p.type, p.userID, p.appID, p.clusterID,
        ].map { $0.map { "\(Array($0.utf8))" } ?? "-" }
        let numbers = "\(String(describing: p.deliveryMode)) \(String(describing: p.priority)) \(String(describing: p.timestamp))"
        return "\(texts) \(numbers) \(p.headers.map(Self.bits(of:)) ?? "-") \(p.malformed) \(self.body)"
    }

    private static func bits(of table: AMQPTable) -> String {
        "{" + table.entries.map { "\(Array($0.name.utf8)): \(Self.bits(of: $0.value))" }.joined(separator: ", ") + "}"
    }

    private static func bits(of value: AMQPValue) -> String {
        switch value {
        case .string(let text): "string \(Array(text.utf8))"
        case .float(let number): "float \(number.bitPattern)"
        case .double(let number): "double \(number.bitPattern)"
        case .array(let values): "[" + values.map(Self.bits(of:)).joined(separator: ", ") + "]"
        case .table(let table): Self.bits(of: table)
        default: "\(value)"
        }
    }
}

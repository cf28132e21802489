import AMQP
import EventLoops
import Glibc

/// A client that writes whatever bytes it is told to, as a hostile one may: no library stands in its way.
actor AMQPRawClient {
    struct Failure: Error {
        let step: String
        /// The code with which the broker closed the channel or the connection instead.
        var replyCode: UInt16?
    }

    private let loop = EventLoop(name: "raw")
    private var descriptor: Int32 = -1

    nonisolated var unownedExecutor: UnownedSerialExecutor { self.loop.asUnownedSerialExecutor() }

    deinit {
        if self.descriptor >= 0 { close(self.descriptor) }
        self.loop.shutdown()
    }

    /// Publishes an empty message with these header bytes (a field table without its length) to a queue.
    ///
    /// - Parameter properties: Properties after the headers, with their flags; none by default.
    func publish(
        headers: [UInt8], flags: UInt16 = 0, properties: [UInt8] = [], to queue: String, _ broker: AMQPConfiguration
    ) throws {
        try self.publish(
            propertyList: Self.integer(flags | 1 << 13) + Self.long(headers) + properties, body: [], exchange: "",
            routingKey: Array(queue.utf8), broker)
    }

    /// Publishes a message.
    ///
    /// - Parameters:
    ///   - propertyList: The flags and after them the properties, as they are to be on the wire.
    ///   - body: Bytes that fit in one frame.
    func publish(
        propertyList: [UInt8], body: [UInt8], exchange: String, routingKey: [UInt8], _ broker: AMQPConfiguration
    ) throws {
        try self.connect(broker)
        let publish = Self.method(60, 40, [0, 0] + Self.short(exchange) + Self.short(routingKey) + [0])
        let header = Self.integer(UInt16(60)) + Self.integer(UInt16(0)) + Self.integer(UInt64(body.count)) + propertyList
        try self.write(Self.frame(1, channel: 1, publish) + Self.frame(2, channel: 1, header))
        if !body.isEmpty { try self.write(Self.frame(3, channel: 1, body)) }
        // The answer to the close says that the broker has taken the message before it.
        try self.write(Self.frame(1, channel: 1, Self.method(20, 40, [0, 200, 0, 0, 0, 0, 0])))
        try self.expect(20, 41)
        try self.write(Self.frame(1, channel: 0, Self.method(10, 50, [0, 200, 0, 0, 0, 0, 0])))
        try self.expect(10, 51)
    }

    private func connect(_ broker: AMQPConfiguration) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = broker.endpoints[0].port.bigEndian
        inet_pton(AF_INET, broker.endpoints[0].host, &address.sin_addr)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(step: "connect") }
        try self.write(Array("AMQP".utf8) + [0, 0, 9, 1])
        try self.expect(10, 10)
        let login = [0] + Array(broker.user.utf8) + [0] + Array(broker.password.utf8)
        let start = Self.long([]) + Self.short("PLAIN") + Self.long(login) + Self.short("en_US")
        try self.write(Self.frame(1, channel: 0, Self.method(10, 11, start)))
        try self.expect(10, 30)
        let tune = Self.integer(UInt16(8)) + Self.integer(UInt32(131_072)) + Self.integer(UInt16(0))
        try self.write(Self.frame(1, channel: 0, Self.method(10, 31, tune)))
        try self.write(Self.frame(1, channel: 0, Self.method(10, 40, Self.short(broker.virtualHost) + [0, 0])))
        try self.expect(10, 41)
        try self.write(Self.frame(1, channel: 1, Self.method(20, 10, [0])))
        try self.expect(20, 11)
    }

    /// Reads the next frame, which must be that method.
    private func expect(_ classID: UInt16, _ methodID: UInt16) throws {
        let head = try self.read(7)
        let size = head[3...6].reduce(0) { $0 << 8 | Int($1) }
        let body = try self.read(size + 1)
        guard Array(body.prefix(4)) == Self.integer(classID) + Self.integer(methodID) else {
            let isClose = [[0, 20, 0, 40], [0, 10, 0, 50]].contains(Array(body.prefix(4))) && body.count > 6
            throw Failure(
                step: "expected \(classID).\(methodID), got \(body.prefix(60)): "
                    + String(decoding: body.dropFirst(7).prefix(200), as: UTF8.self),
                replyCode: isClose ? UInt16(body[4]) << 8 | UInt16(body[5]) : nil)
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard recv(self.descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else { throw Failure(step: "read") }
        return bytes
    }

    private func write(_ bytes: [UInt8]) throws {
        guard send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure(step: "write")
        }
    }

    private static func frame(_ kind: UInt8, channel: UInt16, _ payload: [UInt8]) -> [UInt8] {
        [kind] + Self.integer(channel) + Self.long(payload) + [0xCE]
    }

    private static func method(_ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8]) -> [UInt8] {
        Self.integer(classID) + Self.integer(methodID) + arguments
    }

    static func integer(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian, Array.init)
    }

    /// A long string or table: 4 bytes of length first.
    static func long(_ bytes: [UInt8]) -> [UInt8] { Self.integer(UInt32(bytes.count)) + bytes }

    static func short(_ text: String) -> [UInt8] { Self.short(Array(text.utf8)) }
    static func short(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count)] + bytes }

    /// A header named `deep` that nests tables in each other.
    static func nested(_ levels: Int) -> [UInt8] {
        // From the inside out, the lengths first: each level adds a name of one byte, a type and a length.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(levels * 7)
        for level in 0..<levels {
            bytes += [1, UInt8(ascii: "t"), UInt8(ascii: "F")] + Self.integer(UInt32((levels - level - 1) * 7))
        }
        return bytes
    }
}

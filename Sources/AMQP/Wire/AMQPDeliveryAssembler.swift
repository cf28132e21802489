/// Puts messages together from method, header and body frames.
///
/// The frames of one channel come in order; those of other channels may come in between. The assembler is fed and never
/// waits, unlike the library's own reader, which has no time limit.
struct AMQPDeliveryAssembler {
    /// A message with the reason why it came.
    struct Content: Sendable, Hashable {
        let envelope: AMQPEnvelope
        let message: AMQPMessage
    }

    private struct Partial {
        let envelope: AMQPEnvelope
        var properties: AMQPProperties?
        var missing: UInt64 = 0
        var body: [UInt8] = []
    }

    /// Room made ahead for a body; what says that it is larger grows as it comes.
    private static let reserveLimit = 1 << 20

    private var partials: [UInt16: Partial] = [:]

    /// Takes the method that announces a message.
    mutating func begin(_ envelope: AMQPEnvelope, on channel: UInt16) throws(AMQPError) {
        guard self.partials.updateValue(Partial(envelope: envelope), forKey: channel) == nil else {
            throw Self.unexpected("a message began inside another", channel)
        }
    }

    /// Takes the header; returns the message when it has no body.
    mutating func header(
        bodySize: UInt64, properties: AMQPProperties, on channel: UInt16
    ) throws(AMQPError) -> Content? {
        guard let index = self.partials.index(forKey: channel), self.partials.values[index].properties == nil else {
            throw Self.unexpected("a header came without its message", channel)
        }
        self.partials.values[index].properties = properties
        self.partials.values[index].missing = bodySize
        self.partials.values[index].body.reserveCapacity(Int(min(bodySize, UInt64(Self.reserveLimit))))
        return bodySize == 0 ? self.finish(at: index) : nil
    }

    /// Takes a part of the body; returns the message when it is the last one.
    mutating func body(_ bytes: UnsafeRawBufferPointer, on channel: UInt16) throws(AMQPError) -> Content? {
        guard let index = self.partials.index(forKey: channel), self.partials.values[index].properties != nil else {
            throw Self.unexpected("a body came without its header", channel)
        }
        guard UInt64(bytes.count) <= self.partials.values[index].missing else {
            throw Self.unexpected("a body is longer than its header says", channel)
        }
        self.partials.values[index].body.append(contentsOf: bytes)
        self.partials.values[index].missing -= UInt64(bytes.count)
        return self.partials.values[index].missing == 0 ? self.finish(at: index) : nil
    }

    /// Forgets what came of a message on a channel that has ended.
    mutating func discard(channel: UInt16) {
        self.partials[channel] = nil
    }

    private mutating func finish(at index: Dictionary<UInt16, Partial>.Index) -> Content? {
        let partial = self.partials.remove(at: index).value
        guard let properties = partial.properties else { return nil }
        return Content(envelope: partial.envelope, message: AMQPMessage(properties: properties, body: partial.body))
    }

    private static func unexpected(_ what: String, _ channel: UInt16) -> AMQPError {
        AMQPError(.connectionLost, "the broker broke the protocol: \(what) on channel \(channel)")
    }
}

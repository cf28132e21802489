/// The properties of a message (AMQP 0-9-1 class basic).
public struct AMQPProperties: Sendable, Hashable {
    public var contentType: String?
    public var contentEncoding: String?
    public var headers: AMQPTable?
    /// 1 transient, 2 persistent. The broker closes the channel for anything else.
    public var deliveryMode: UInt8?
    public var priority: UInt8?
    public var correlationID: String?
    public var replyTo: String?
    /// Milliseconds as text. The broker closes the channel when it is not a whole number.
    public var expiration: String?
    public var messageID: String?
    /// Seconds since 1970, UTC.
    public var timestamp: UInt64?
    public var type: String?
    /// The broker closes the channel when it is not the login's own name.
    public var userID: String?
    public var appID: String?
    public var clusterID: String?

    /// What came but could not be read, by the protocol's names (`correlation-id`): a text that is not UTF-8, which is
    /// then `nil`; `headers` when a name in them is not UTF-8 or they are nested beyond ``AMQPTable/maximumDepth``.
    public internal(set) var malformed: Set<String> = []

    public init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: AMQPTable? = nil,
        deliveryMode: UInt8? = nil, priority: UInt8? = nil, correlationID: String? = nil, replyTo: String? = nil,
        expiration: String? = nil, messageID: String? = nil, timestamp: UInt64? = nil, type: String? = nil,
        userID: String? = nil, appID: String? = nil, clusterID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
        self.clusterID = clusterID
    }

    private var texts: [(name: String, text: String?)] {
        [
            ("content-type", self.contentType), ("content-encoding", self.contentEncoding),
            ("correlation-id", self.correlationID), ("reply-to", self.replyTo), ("expiration", self.expiration),
            ("message-id", self.messageID), ("type", self.type), ("user-id", self.userID), ("app-id", self.appID),
            ("cluster-id", self.clusterID),
        ]
    }

    /// Throws when the properties cannot be sent in one frame of that size.
    ///
    /// Checked before anything is sent: the library finds out after the publish method is on the wire, and the broker
    /// closes the connection over the missing header.
    func validate(frameSize: Int) throws(AMQPError) {
        var size = 64
        for (name, text) in self.texts {
            guard let count = text?.utf8.count else { continue }
            guard count <= 255 else {
                throw AMQPError(.invalidArgument, "the property \(name) has \(count) bytes; 255 fit")
            }
            size += 1 + count
        }
        if let headers = self.headers {
            try headers.validate()
            size += headers.encodedSize
        }
        guard size <= frameSize else {
            throw AMQPError(.invalidArgument, "the headers take \(size) bytes; \(frameSize) fit in a frame")
        }
    }
}

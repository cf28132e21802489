/// Why something on the broker's side of the program did not happen.
///
/// The message names the cause and the cure; it carries neither passwords nor what is in a message.
public struct AMQPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The class of an error. More may be added: switch over it with a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// The URL or another setting cannot be used.
        public static let invalidConfiguration = Code(description: "invalidConfiguration")
        /// The message, name or table cannot be sent: too long, too large or too deep.
        public static let invalidArgument = Code(description: "invalidArgument")
        /// No connection could be made: the name, the network, or nothing listens.
        public static let connectionFailed = Code(description: "connectionFailed")
        /// The TLS handshake failed, or the certificate was not accepted.
        public static let tlsFailed = Code(description: "tlsFailed")
        /// The broker refused the user, the password or the virtual host.
        public static let loginRefused = Code(description: "loginRefused")
        /// The broker closed the connection and said why (``AMQPError/replyCode``).
        public static let connectionClosed = Code(description: "connectionClosed")
        /// The connection ended without a word: network, heartbeat, watchdog. What was unsettled is delivered again.
        public static let connectionLost = Code(description: "connectionLost")
        /// The broker closed the channel and said why (``AMQPError/replyCode``).
        public static let channelClosed = Code(description: "channelClosed")
        /// The broker cancelled the consumer: its queue was deleted or moved.
        public static let consumerCancelled = Code(description: "consumerCancelled")
        /// A mandatory message reached no queue (basic.return).
        public static let unroutable = Code(description: "unroutable")
        /// The broker refused the message (basic.nack): a full queue, or an internal error.
        public static let nacked = Code(description: "nacked")
        /// The broker did not answer in time. A publish that timed out may have arrived.
        public static let timeout = Code(description: "timeout")
        /// The broker has paused publishing (memory or disk alarm) for longer than the caller would wait.
        public static let blocked = Code(description: "blocked")
        /// The task that waited was cancelled. A publish that was cancelled may have arrived.
        public static let cancelled = Code(description: "cancelled")
        /// The connection, channel, consumer or publisher was closed by this program.
        public static let closed = Code(description: "closed")
        /// The delivery was acknowledged, rejected or nacked before.
        public static let alreadySettled = Code(description: "alreadySettled")
    }

    /// The class of the error.
    public let code: Code
    /// What happened and what helps, for a log or an operator.
    public let message: String
    /// Whether the same call may succeed later without anything being changed by hand.
    public let isTransient: Bool
    /// The AMQP reply code, when the broker gave one: 404, 406, 541 …
    public let replyCode: UInt16?

    /// Makes an error; whether it is transient follows from its codes unless it is given.
    public init(_ code: Code, _ message: String, replyCode: UInt16? = nil, isTransient: Bool? = nil) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.isTransient = isTransient ?? Self.isTransient(code, replyCode)
    }

    public var description: String {
        "\(self.code): \(self.message)"
    }

    private static func isTransient(_ code: Code, _ replyCode: UInt16?) -> Bool {
        switch code {
        case .connectionFailed, .connectionLost, .consumerCancelled, .nacked, .timeout, .blocked: true
        // 320 forced by an operator or a shutdown, 405 locked by another, 504 to 506 and 541 the broker's own trouble.
        case .connectionClosed, .channelClosed: [320, 405, 504, 505, 506, 541].contains(replyCode)
        default: false
        }
    }
}

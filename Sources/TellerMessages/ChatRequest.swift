public import Foundation

/// A customer's question, as an integrating system publishes it: `teller.chat.request.v1`.
public struct ChatRequest: Sendable, Hashable {
    public static let messageType = "teller.chat.request.v1"
    public static let maximumBodySize = 65_536
    /// In Unicode scalars, after normalisation to NFC.
    public static let maximumQuestionLength = 8000

    /// The request's id (the property `message_id`).
    public var id: String
    /// Echoed on the answer; the request's id when the requester gave none.
    public var correlationID: String
    /// The queue that the requester wants the answer in.
    public var replyTo: String?
    /// When an answer is of no more use.
    public var deadline: Date?
    /// The JWT of the header `authorization: Bearer …`.
    public var token: String?
    public var trace: TraceContext?
    public var body: Body

    public init(
        id: String, correlationID: String? = nil, replyTo: String? = nil, deadline: Date? = nil, token: String? = nil,
        trace: TraceContext? = nil, body: Body
    ) {
        self.id = id
        self.correlationID = correlationID ?? id
        self.replyTo = replyTo
        self.deadline = deadline
        self.token = token
        self.trace = trace
        self.body = body
    }

    /// The JSON document of a request.
    public struct Body: Sendable, Hashable {
        public var conversationID: String
        public var customerID: String
        /// In Unicode normalisation form C.
        public var question: String
        public var channel: String?
        public var locale: String?
        public var wantsStream = false
        public var accountID: String?
        /// A plan that the requester made (an app's button): no inference is spent on planning.
        public var plan: ToolCall?
        /// Whether the facts are to be worded without inference.
        public var wantsPlainWording = false

        public init(conversationID: String, customerID: String, question: String) {
            self.conversationID = conversationID
            self.customerID = customerID
            self.question = question
        }
    }
}

public import AMQP

extension ChatAnswer {
    /// The properties of an answer's message. Nothing of the request's properties is on it but these checked values.
    ///
    /// - Parameters:
    ///   - id: The answer's id, the same on each repeat.
    ///   - request: The request that it answers.
    public static func properties(
        id: String, requestID: String, correlationID: String, trace: TraceContext?
    ) -> AMQPProperties {
        var headers: AMQPTable = [
            "cloudEvents_specversion": "1.0", "cloudEvents_id": .string(id), "cloudEvents_source": "/teller",
            "cloudEvents_type": .string(Self.messageType), "cloudEvents_subject": .string(requestID),
        ]
        headers.set(trace)
        var properties = AMQPProperties()
        properties.contentType = "application/json"
        properties.deliveryMode = 2
        properties.type = Self.messageType
        properties.messageID = id
        properties.correlationID = correlationID
        properties.appID = "teller"
        properties.headers = headers
        return properties
    }
}

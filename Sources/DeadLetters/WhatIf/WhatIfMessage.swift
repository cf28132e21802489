import AMQP
import Foundation
import Postgres
import TellerMessages

/// A message that was handed out to be tried again, with what is known of it.
struct WhatIfMessage: Sendable {
    let failureID: UUID?
    let requestID: String?
    /// Whom the request was proven to speak for.
    let customerID: String?
    /// When a worker first took it.
    let claimed: Date
    let previousPlan: ToolCall?
    let earlier: AnswerDifference.Earlier
    /// `nil` where the message was not kept.
    let message: AMQPMessage?

    /// Reads a row of `teller.take_requests`.
    init(request row: PostgresRow) throws {
        let id: String = try row.decode("request_id")
        self.failureID = nil
        self.requestID = id
        self.customerID = try row.decode("customer_id")
        self.claimed = try row.decode("received_at")
        self.previousPlan = try Self.plan(row)
        self.earlier = try Self.earlier(row)
        self.message = try row.decode("body", as: [UInt8]?.self).map { body in
            var properties = AMQPProperties()
            properties.messageID = id
            return AMQPMessage(properties: properties, body: body)
        }
    }

    /// Reads a row of `teller.take_trials`.
    init(deadLetter row: PostgresRow) throws {
        self.failureID = try row.decode("failure_id")
        self.requestID = try row.decode("request_id")
        self.customerID = try row.decode("customer_id")
        self.claimed = try row.decode("received_at")
        self.previousPlan = try Self.plan(row)
        self.earlier = try Self.earlier(row)
        self.message = try? StoredMessage(
            StoredMessage.Columns(
                queue: try row.decode("queue"), exchange: try row.decode("exchange"), routingKey: try row.decode("routing_key"),
                properties: try JSONValue(kept: try row.decode("properties")), withheld: try JSONValue(kept: try row.decode("withheld")),
                body: try row.decode("body"))
        ).message
    }

    private static func plan(_ row: PostgresRow) throws -> ToolCall? {
        try row.decode("previous_plan", as: PostgresJSON?.self).map { try ToolCall(parsing: $0.text) }
    }

    private static func earlier(_ row: PostgresRow) throws -> AnswerDifference.Earlier {
        try row.decode("answer", as: [UInt8]?.self).map { .init(try ChatAnswer(decoding: $0)) } ?? .givenUp
    }
}

public import AMQP
public import Foundation
public import Ledger
public import TellerMessages

/// A message to be rehearsed, with what a worker would learn beside it.
public struct RehearsedRequest: Sendable {
    public var message: AMQPMessage
    /// Whom the request was proven to speak for when a worker had it; never what the message says of itself.
    public var customerID: String?
    /// The plan of the conversation's turn before.
    public var previousPlan: ToolCall?
    /// The moment of the question, from which its periods are counted.
    public var now: Date
    /// The moment whose ledger the answer is read from.
    public var ledger: LedgerMoment

    public init(
        message: AMQPMessage, customerID: String?, previousPlan: ToolCall? = nil, now: Date, ledger: LedgerMoment = .latest
    ) {
        self.message = message
        self.customerID = customerID
        self.previousPlan = previousPlan
        self.now = now
        self.ledger = ledger
    }
}

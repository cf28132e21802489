import AMQP
import Foundation
import Postgres
import Teller
import TellerMessages

/// A message that a plan is about to send.
struct ReplayedMessage: Sendable {
    let failure: UUID
    /// What to publish, and under which routing key of the exchange for requests; why it cannot be published.
    let publication: Result<(message: AMQPMessage, routingKey: String), StoredMessage.Unreadable>

    init(_ row: PostgresRow, plan: UUID) throws {
        let failure: UUID = try row.decode("failure")
        let deadline = try row.decode("answer_by", as: Date?.self)
        let columns = try StoredMessage.Columns(row)
        self.failure = failure
        self.publication = Result { () throws(StoredMessage.Unreadable) in
            let stored = try StoredMessage(columns)
            let mark = ReplayMark(plan: plan, failure: failure)
            return (CleanCopy.forReplay(of: stored, deadline: deadline, as: mark), stored.returnKey)
        }
    }
}

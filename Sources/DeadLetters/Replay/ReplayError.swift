public import Foundation

/// Why a replay cannot be made, edited, or go on.
public enum ReplayError: Error, CustomStringConvertible {
    case noSuchPlan(UUID)
    case noSuchMessage(UUID)
    /// The plan or the message is in a state that does not allow it.
    case refused
    /// Another process works on the plan.
    case overtaken
    /// The edited message would not be a request that a worker can read.
    case invalidEdit(String)

    public var description: String {
        switch self {
        case .noSuchPlan(let id): "there is no plan \(id.uuidString.lowercased()); see teller dead plan list"
        case .noSuchMessage(let id): "the plan has no message of the dead letter \(id.uuidString.lowercased()); see teller dead plan show --items"
        case .refused: "the plan, or the message in it, is in a state that does not allow this; see teller dead plan show"
        case .overtaken: "another process works on the plan; there is nothing to do here while it runs"
        case .invalidEdit(let reason): "the edit is refused: \(reason)"
        }
    }
}

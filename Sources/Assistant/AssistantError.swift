/// Why the assistant could not plan or word an answer.
public enum AssistantError: Error, Hashable, CustomStringConvertible {
    /// A given plan names a tool that does not exist.
    case unknownTool(takes: String)
    /// A given plan has an argument that the tool does not take, or a value that the argument does not take.
    case invalidArgument(name: String, takes: String)
    /// A given plan lacks an argument that the tool needs.
    case missingArgument(name: String, takes: String)
    /// The model had no time left before the request's deadline.
    case deadlineExceeded
    /// The model's vocabulary lacks the special tokens of every dialect that the assistant speaks.
    case unsupportedModel(missing: String)

    public var description: String {
        switch self {
        case .unknownTool(let takes): "The plan's tool is unknown; it takes one of \(takes)."
        case .invalidArgument(let name, let takes): "The plan's argument '\(name)' is not valid; it takes \(takes)."
        case .missingArgument(let name, let takes): "The plan lacks the argument '\(name)', which takes \(takes)."
        case .deadlineExceeded: "The request's deadline passed while the model was at work."
        case .unsupportedModel(let missing):
            "The checkpoint has no token \(missing); use one trained for Teller's plans."
        }
    }
}

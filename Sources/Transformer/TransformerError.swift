/// Why a checkpoint could not be used or a request could not be answered.
///
/// The message names the file, tensor, field or limit and what would be accepted; it never carries prompt text.
public struct TransformerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case unreadable, malformed, unsupported, missing, mismatch, limitExceeded, contextExceeded, invalidRequest
            case numericalFailure, unwritable
        }

        private let value: Value
        public var description: String { self.value.rawValue }

        /// A file is absent or cannot be opened, read or mapped.
        public static let unreadable = Code(value: .unreadable)
        /// A file is not what its format says.
        public static let malformed = Code(value: .malformed)
        /// A file cannot be created or written.
        public static let unwritable = Code(value: .unwritable)
        /// A well-formed file asks for something that would not be computed as it means.
        public static let unsupported = Code(value: .unsupported)
        /// A field or tensor that the model needs is absent.
        public static let missing = Code(value: .missing)
        /// Two parts of a checkpoint contradict each other.
        public static let mismatch = Code(value: .mismatch)
        /// A size is beyond what any model of these families has.
        public static let limitExceeded = Code(value: .limitExceeded)
        /// Prompt and new tokens together are longer than the model's context.
        public static let contextExceeded = Code(value: .contextExceeded)
        /// A request's values make no sense.
        public static let invalidRequest = Code(value: .invalidRequest)
        /// The model computed something that is not a number.
        public static let numericalFailure = Code(value: .numericalFailure)
    }

    public let code: Code
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { self.message }
}

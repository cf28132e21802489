/// What kind of failure ended an attempt; the kind alone decides what becomes of the request.
public enum FailureClass: String, Sendable, CaseIterable {
    /// The message itself cannot be answered, however often it is tried.
    case poison
    /// The request may not be answered.
    case refused
    /// The answer would come too late.
    case expired
    /// A server that Teller needs is away: nobody's fault, and no attempt is used.
    case infrastructure
    /// It may go better in a moment.
    case transient
    /// What nobody foresaw.
    case bug
}

/// What a sequence's request is told, in this order: texts, if it wants them, then one of the others.
enum SequenceEvent: Sendable {
    case text(String)
    case generation(Generation)
    case logits([[Float]])
    case failure(any Error)
}

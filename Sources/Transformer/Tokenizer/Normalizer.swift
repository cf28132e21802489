import Foundation

/// What is done to text before it is cut.
enum Normalizer: Sendable, Hashable {
    case none
    /// Unicode Normalization Form C.
    case canonicalComposition

    func normalize(_ text: String) -> String {
        switch self {
        case .none: text
        case .canonicalComposition:
            // Nothing below U+0300 composes with what precedes it or has another form.
            text.unicodeScalars.allSatisfy { $0.value < 0x300 } ? text : text.precomposedStringWithCanonicalMapping
        }
    }
}

/// What is wrong with the audit chain, and where.
public enum AuditFault: Sendable, Hashable, CustomStringConvertible {
    /// There is no entry at this position, though there are later ones: it was taken out or moved.
    case missing(Int64)
    /// The entry's fields do not give its hash: it was edited.
    case edited(Int64)
    /// The entry does not follow from the one before: one of them was replaced.
    case unlinked(Int64)
    /// The entry that was written down as the head is another one now, or gone.
    case headDiffers(Int64)

    public var description: String {
        switch self {
        case .missing(let position): "entry \(position) is missing"
        case .edited(let position): "entry \(position) was changed"
        case .unlinked(let position): "entry \(position) does not follow entry \(position - 1)"
        case .headDiffers(let position): "entry \(position) is not the one that was written down: the chain was cut or rewritten"
        }
    }
}

/// Walks along an audit chain from its first entry and stops at the first fault.
struct AuditCheck {
    private let anchor: AuditHead?
    /// Entries that were in order.
    private(set) var count: Int64 = 0
    private(set) var head: AuditHead?
    private(set) var fault: AuditFault?

    init(anchor: AuditHead?) {
        self.anchor = anchor
    }

    mutating func take(_ entry: AuditEntry) {
        let expected = self.count + 1
        if entry.position != expected {
            self.fault = .missing(expected)
        } else if entry.computedHash != entry.hash {
            self.fault = .edited(expected)
        } else if entry.previousHash != self.head?.hash ?? [UInt8](repeating: 0, count: 32) {
            self.fault = .unlinked(expected)
        } else if let anchor = self.anchor, anchor.position == expected, anchor.hash != entry.hash {
            self.fault = .headDiffers(expected)
        } else {
            self.count = expected
            self.head = AuditHead(position: expected, hash: entry.hash)
        }
    }

    mutating func finish() {
        if self.fault == nil, let anchor = self.anchor, anchor.position > self.count { self.fault = .headDiffers(anchor.position) }
    }
}

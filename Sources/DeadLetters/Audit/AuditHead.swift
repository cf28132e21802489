import TellerMessages

/// The end of the audit chain as it was at some time. Written down elsewhere, it shows whether entries were cut off later.
public struct AuditHead: Sendable, Hashable, CustomStringConvertible {
    public let position: Int64
    public let hash: [UInt8]

    public init(position: Int64, hash: [UInt8]) {
        self.position = position
        self.hash = hash
    }

    /// Reads what ``description`` wrote: `17:9f86d0…`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let position = Int64(parts[0]), position > 0, let hash = [UInt8](hexadecimal: String(parts[1])),
            hash.count == 32
        else { return nil }
        self.init(position: position, hash: hash)
    }

    public var description: String { "\(self.position):\(self.hash.hexadecimal)" }
}

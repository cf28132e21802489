import Crypto
public import Foundation

/// Makes the identifiers of answers: the same request and version give the same answer id, whoever answers.
public enum AnswerID {
    /// The namespace for request ids that are not UUIDs themselves.
    private static let namespace = UUID(uuid: (
        0x6d, 0x5e, 0x2a, 0x3c, 0x93, 0x0b, 0x5f, 0x1e, 0x8a, 0x41, 0x70, 0x9c, 0x1d, 0x44, 0xb2, 0x57
    ))

    /// UUIDv5 (RFC 9562) of the version's decimal digits, in the namespace of the request.
    ///
    /// A request id in the canonical lower-case form of a UUID is that namespace; any other text is first made one, so
    /// that two ids that differ only in case stay apart.
    public static func make(request id: String, version: Int) -> UUID {
        let uuid = UUID(uuidString: id)
        let isCanonical = uuid.map { $0.uuidString.lowercased() == id } ?? false
        let namespace = isCanonical ? uuid ?? Self.namespace : Self.version5(of: id, in: Self.namespace)
        return Self.version5(of: String(version), in: namespace)
    }

    private static func version5(of name: String, in namespace: UUID) -> UUID {
        var hash = Insecure.SHA1()
        withUnsafeBytes(of: namespace.uuid) { hash.update(bufferPointer: $0) }
        hash.update(data: Array(name.utf8))
        var bytes = Array(hash.finalize().prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        return UUID(uuid: (
            bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
            bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
        ))
    }
}

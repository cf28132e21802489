internal import Crypto

/// A short name for what a checkpoint computes: a SHA-256 over its configuration, tokenizer and weights.
///
/// Weight files of up to 64 MiB count in full. Of larger ones the header, the size and 4,096 pages spread evenly over
/// the file count: retraining or converting changes nearly every page, so that two different models do not share a
/// name, while a file of 100 GB is named in milliseconds.
enum CheckpointFingerprint {
    private static let fullyHashedSize = 64 << 20
    private static let sampleCount = 4096
    private static let sampleSize = 4096

    /// 16 hexadecimal digits.
    static func revision(of checkpoint: Checkpoint, documents: [String]) throws(TransformerError) -> String {
        var hash = SHA256()
        for path in documents where FileStatus.exists(path) {
            try ReadOnlyMemory(mapping: path).withBytes { bytes in self.add(bytes, to: &hash) }
        }
        for file in checkpoint.files {
            file.memory.withBytes { bytes in
                if bytes.count <= Self.fullyHashedSize {
                    self.add(bytes, to: &hash)
                } else {
                    self.addSamples(of: bytes, headerSize: file.headerSize, to: &hash)
                }
            }
        }
        return hash.finalize().prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The length comes first, so that bytes cannot move from one file to the next unnoticed.
    private static func add(_ bytes: UnsafeRawBufferPointer, to hash: inout SHA256) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: bytes)
    }

    private static func addSamples(of bytes: UnsafeRawBufferPointer, headerSize: Int, to hash: inout SHA256) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<headerSize]))
        let stride = (bytes.count - headerSize) / Self.sampleCount
        for sample in 0..<Self.sampleCount {
            let start = headerSize + sample * stride
            let end = min(start + Self.sampleSize, bytes.count)
            hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }
}

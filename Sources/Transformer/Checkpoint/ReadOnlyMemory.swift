import Glibc

/// Bytes that no longer change: a file mapped into memory, or a buffer that was filled once.
///
/// A mapped file must not be truncated while it is in use; replace a checkpoint by renaming, not by writing into it.
final class ReadOnlyMemory: Sendable {
    /// The bytes; valid as long as the object lives.
    ///
    /// Safe to share: the pages are written at most by `filled`, before any other thread can see the
    /// object, and are unmapped only in `deinit`.
    nonisolated(unsafe) private let bytes: UnsafeRawBufferPointer

    var count: Int { self.bytes.count }

    /// Maps a regular file that is not empty.
    init(mapping path: String) throws(TransformerError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TransformerError(.unreadable, "\(path) is not a regular file.")
        }
        guard status.st_size > 0 else { throw TransformerError(.malformed, "\(path) is empty.") }
        let size = Int(status.st_size)
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw .unreadable(path, errno) }
        self.bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Reserves memory, lets `fill` write it, and returns it with what `fill` returns.
    static func filled<R>(
        count: Int, _ fill: (UnsafeMutableRawPointer) -> R
    ) throws(TransformerError) -> (ReadOnlyMemory, R) {
        let address = mmap(nil, max(1, count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            throw TransformerError(.limitExceeded, "There is no memory for \(count) bytes of weights.")
        }
        let memory = ReadOnlyMemory(UnsafeRawBufferPointer(start: address, count: count))
        return (memory, fill(address))
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: self.bytes.baseAddress), max(1, self.bytes.count))
    }

    /// Gives access to the bytes for the duration of the call.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try withExtendedLifetime(self) { () throws(E) in try body(self.bytes) }
    }
}

extension TransformerError {
    fileprivate static func unreadable(_ path: String, _ number: Int32) -> Self {
        Self(.unreadable, "\(path) cannot be read: \(String(cString: strerror(number))).")
    }
}

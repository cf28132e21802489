import Glibc

/// A new file that is being written, or a directory that is being made.
struct FileOutput: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Creates a file where there is none.
    init(creating path: String) throws(TransformerError) {
        self.path = path
        self.descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard self.descriptor >= 0 else { throw .unwritable(path, errno) }
    }

    deinit { close(self.descriptor) }

    func write(_ bytes: UnsafeRawBufferPointer) throws(TransformerError) {
        var remaining = bytes
        while let start = remaining.baseAddress, !remaining.isEmpty {
            let count = Glibc.write(self.descriptor, start, remaining.count)
            guard count >= 0 || errno == EINTR else { throw .unwritable(self.path, errno) }
            remaining = UnsafeRawBufferPointer(rebasing: remaining[max(0, count)...])
        }
    }

    /// Returns when the bytes are on the disk.
    func synchronize() throws(TransformerError) {
        guard fsync(self.descriptor) == 0 else { throw .unwritable(self.path, errno) }
    }

    /// Makes a directory under a temporary name, lets `body` fill it, and renames it when everything is on the disk.
    ///
    /// Where anything fails, nothing is left under either name.
    static func writeDirectory(
        _ path: String, _ body: (_ temporary: String) throws(TransformerError) -> Void
    ) throws(TransformerError) {
        guard !FileStatus.exists(path) else {
            throw TransformerError(.unwritable, "\(path) exists already; name a new directory, or remove it first.")
        }
        let temporary = "\(path).\(getpid()).partial"
        guard mkdir(temporary, 0o755) == 0 else { throw .unwritable(temporary, errno) }
        do throws(TransformerError) {
            try body(temporary)
            try Self.synchronizeDirectory(temporary)
            guard rename(temporary, path) == 0 else { throw TransformerError.unwritable(path, errno) }
            try Self.synchronizeDirectory("\(path)/..")
        } catch {
            Self.removeDirectory(temporary)
            throw error
        }
    }

    private static func synchronizeDirectory(_ path: String) throws(TransformerError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unwritable(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unwritable(path, errno) }
    }

    /// Removes a directory of plain files.
    private static func removeDirectory(_ path: String) {
        guard let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(directory)
        rmdir(path)
    }
}

extension TransformerError {
    fileprivate static func unwritable(_ path: String, _ number: Int32) -> Self {
        Self(.unwritable, "\(path) cannot be written: \(String(cString: strerror(number))).")
    }
}

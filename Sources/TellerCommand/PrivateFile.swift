import Glibc

/// A file that only its owner may read, which appears under its name when it is complete.
struct PrivateFile: ~Copyable {
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    private var unfinished: String { self.path + ".unfinished" }

    init(creating path: String) throws {
        guard access(path, F_OK) != 0 else { throw FileFailure(path, "is there already") }
        let unfinished = path + ".unfinished"
        // What an interrupted export left may be readable for others; a file that is made anew is not.
        unlink(unfinished)
        let descriptor = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileFailure(path, String(cString: strerror(errno))) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    mutating func write(_ bytes: [UInt8]) throws {
        self.buffer += bytes
        if self.buffer.count >= 1 << 16 { try self.flush() }
    }

    /// Writes everything to the disk and gives the file its name.
    mutating func finish() throws {
        try self.flush()
        guard fsync(self.descriptor) == 0, rename(self.unfinished, self.path) == 0 else {
            throw FileFailure(self.path, String(cString: strerror(errno)))
        }
    }

    private mutating func flush() throws {
        var rest = self.buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(self.descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileFailure(self.path, String(cString: strerror(errno))) }
            rest = rest.dropFirst(count)
        }
        self.buffer.removeAll(keepingCapacity: true)
    }
}

/// What is wrong with a file that the command line names.
struct FileFailure: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ reason: String) {
        self.description = "\(path): \(reason)"
    }
}

import Glibc

/// The lines of a file, one at a time: however long the file is, one line of it is in memory.
struct LineFile: ~Copyable {
    /// No line of an export comes near it: a body has at most 128 MiB with the broker's own limit.
    private static let longestLine = 1 << 29

    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    init(reading path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure(path, String(cString: strerror(errno))) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }

    /// The next line without its end; `nil` after the last.
    mutating func next() throws -> [UInt8]? {
        var searched = self.position
        while true {
            if let end = self.buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return self.take(through: end, next: end + 1)
            }
            if self.isAtEnd { return self.position < self.buffer.count ? self.take(through: self.buffer.count, next: self.buffer.count) : nil }
            self.buffer.removeFirst(self.position)
            self.position = 0
            searched = self.buffer.count
            try self.fill()
        }
    }

    private mutating func take(through end: Int, next: Int) -> [UInt8] {
        let line = Array(self.buffer[self.position..<end])
        self.position = next
        self.number += 1
        return line
    }

    private mutating func fill() throws {
        guard self.buffer.count < Self.longestLine else { throw FileFailure(self.path, "line \(self.number + 1) is too long") }
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = chunk.withUnsafeMutableBytes { read(self.descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw FileFailure(self.path, String(cString: strerror(errno))) }
        self.buffer += chunk.prefix(count)
        self.isAtEnd = count == 0
    }
}

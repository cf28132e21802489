import Glibc

/// A pipe that closes itself.
final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure(code: errno) }
        (self.readEnd, self.writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(self.readEnd)
        close(self.writeEnd)
    }

    /// Reads until as many bytes came, blocking.
    func read(_ count: Int) -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while text.count < count {
            let read = Glibc.read(self.readEnd, &buffer, min(buffer.count, count - text.count))
            guard read > 0 else { break }
            text += buffer[..<read]
        }
        return String(decoding: text, as: UTF8.self)
    }

    struct Failure: Error {
        let code: Int32
    }
}

import Glibc

/// A port that accepts connections and never says a word.
final class AMQPSilentListener: Sendable {
    struct Failure: Error {}

    let port: UInt16
    private let descriptor: Int32

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { [descriptor] in
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) + listen(descriptor, 8) + getsockname(descriptor, $0, &size)
            }
        }
        self.port = UInt16(bigEndian: address.sin_port)
        guard status == 0 else { throw Failure() }
    }

    deinit { close(self.descriptor) }
}

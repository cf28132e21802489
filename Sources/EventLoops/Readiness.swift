import Glibc

extension EventLoop {
    /// What a descriptor is waited for, or was found to be.
    public struct Readiness: OptionSet, Sendable {
        public let rawValue: Int16

        public init(rawValue: Int16) { self.rawValue = rawValue }

        /// There is something to read, or the end of it.
        public static let readable = Readiness(rawValue: Int16(POLLIN))
        /// There is room to write.
        public static let writable = Readiness(rawValue: Int16(POLLOUT))
        /// The descriptor is broken, hung up or not open. Never waited for: always reported.
        public static let failed = Readiness(rawValue: Int16(POLLERR | POLLHUP | POLLNVAL))
    }
}

internal import CPostgres
import Glibc

/// libpq's connection (`PGconn`), finished exactly once.
///
/// Like libpq's, its functions belong to one thread at a time.
struct PostgresHandle: ~Copyable {
    let pointer: OpaquePointer

    /// Starts to connect; the name lookup blocks the calling thread.
    init?(connectingTo endpoint: PostgresEndpoint) {
        let parameters = endpoint.parameters.map { ($0.key, $0.value) }
        let pointer = CStrings(parameters.map(\.0) + [nil]).withPointers { keywords in
            CStrings(parameters.map(\.1) + [nil]).withPointers { PQconnectStartParams(keywords, $0, 0) }
        }
        guard let pointer else { return nil }
        self.pointer = pointer
        // Until the login is done, only the verbose form of an error carries the SQLSTATE.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        // A notice may quote rows, and standard error is not ours.
        PQsetNoticeProcessor(pointer, { _, _ in }, nil)
    }

    deinit { PQfinish(self.pointer) }

    var socket: Int32 { PQsocket(self.pointer) }

    /// Makes the socket readable and at its end, so that whoever waits for it finds the connection lost.
    borrowing func hangUp() {
        let socket = self.socket
        if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Keeps small writes together until they are released, because libpq writes at each sync: one packet and one
    /// wake-up of the server for all of them.
    ///
    /// Does nothing on a local socket.
    borrowing func holdWrites(_ isHeld: Bool) {
        var flag: Int32 = isHeld ? 1 : 0
        setsockopt(self.socket, Int32(IPPROTO_TCP), TCP_CORK, &flag, socklen_t(MemoryLayout<Int32>.size))
    }

    /// What libpq says about the connection as a whole, which names hosts, users and databases.
    borrowing func connectionError(_ code: PostgresError.Code, at endpoint: PostgresEndpoint) -> PostgresError {
        let text = String(cString: PQerrorMessage(self.pointer))
        return PostgresError(
            code: code, sqlState: Self.sqlState(in: text), message: Self.summary(of: text, at: endpoint))
    }

    /// `FATAL:  28P01: password …` in a verbose message.
    private static func sqlState(in text: String) -> String? {
        for part in text.split(separator: ":") {
            let word = part.drop { $0 == " " }
            let isState =
                word.utf8.count == 5 && part.utf8.count == 7
                && word.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if isState { return String(word) }
        }
        return nil
    }

    private static func summary(of text: String, at endpoint: PostgresEndpoint) -> String {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        return lines.isEmpty ? "no answer from \(endpoint)" : lines.joined(separator: "; ")
    }

    /// The parameters of a connection URI by keyword, nil when libpq cannot read it.
    static func parameters(ofURL url: String) -> [String: String]? {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(url, &message) else {
            PQfreemem(message)
            return nil
        }
        defer { PQconninfoFree(options) }
        var parameters: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { parameters[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return parameters
    }
}

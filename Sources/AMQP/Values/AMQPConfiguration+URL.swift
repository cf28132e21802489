extension AMQPConfiguration {
    /// Reads `amqp://user:password@host:port,host2:port/vhost?parameter=value`; `amqps` for TLS.
    ///
    /// As in RabbitMQ's URI specification, parts are percent-encoded, ports default to 5672 and 5671, user and password
    /// to `guest`, the virtual host to `/`, and an IPv6 address is in brackets. The nodes of a cluster are separated by commas,
    /// as hosts are in PostgreSQL's connection URIs; a port belongs to its host alone. Parameters: `heartbeat` (seconds),
    /// `connection_timeout` (milliseconds), `name`, and with TLS `cacertfile`, `certfile`, `keyfile`, `verify_hostname` (true
    /// or false).
    ///
    /// - Throws: `invalidConfiguration`, with the part that is wrong and never the password.
    public init(url: String) throws(AMQPError) {
        guard let separator = url.firstRange(of: "://") else {
            throw Self.invalid("it has no scheme; write amqp://… or amqps://…")
        }
        let isTLS: Bool
        switch url[..<separator.lowerBound].lowercased() {
        case "amqp": isTLS = false
        case "amqps": isTLS = true
        default: throw Self.invalid("the scheme is \(url[..<separator.lowerBound]), and amqp or amqps are known")
        }
        var rest = url[separator.upperBound...]
        guard !rest.contains("#") else { throw Self.invalid("a # must be written %23") }

        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        var path: Substring = ""
        if let slash = rest.firstIndex(of: "/") {
            path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
        }
        guard !path.contains("/") else {
            throw Self.invalid("the virtual host holds a /, which must be written %2F")
        }
        var (user, password) = ("guest", "guest")
        if let at = rest.lastIndex(of: "@") {
            let login = rest[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(login[0], "user")
            if login.count == 2 { password = try Self.decoded(login[1], "password") }
            rest = rest[rest.index(after: at)...]
        }
        var endpoints: [Endpoint] = []
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try Self.endpoint(part, defaultPort: isTLS ? 5671 : 5672))
        }
        let virtualHost = try Self.decoded(path, "virtual host")
        self.init(
            endpoints: endpoints, user: user, password: password, virtualHost: virtualHost.isEmpty ? "/" : virtualHost,
            tls: isTLS ? TLS() : nil)
        for parameter in query.split(separator: "&") { try self.apply(parameter) }
        if let tls = self.tls, (tls.certificateFile == nil) != (tls.keyFile == nil) {
            throw Self.invalid("certfile and keyfile go together, and only one is given")
        }
    }

    private mutating func apply(_ parameter: Substring) throws(AMQPError) {
        let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard parts.count == 2 else { throw Self.invalid("the parameter \(name) has no value") }
        let value = try Self.decoded(parts[1], name)
        switch name {
        case "heartbeat":
            guard let seconds = UInt16(value) else {
                throw Self.invalid("heartbeat is \(value); it takes whole seconds")
            }
            self.heartbeat = .seconds(Int(seconds))
        case "connection_timeout":
            guard let milliseconds = UInt32(value), milliseconds > 0 else {
                throw Self.invalid("connection_timeout is \(value); it takes milliseconds above 0")
            }
            self.connectTimeout = .milliseconds(Int(milliseconds))
        case "name":
            self.connectionName = value
        case "cacertfile", "certfile", "keyfile", "verify_hostname":
            guard self.tls != nil else { throw Self.invalid("\(name) is for amqps:// only") }
            switch (name, value) {
            case ("cacertfile", _): self.tls?.caFile = value
            case ("certfile", _): self.tls?.certificateFile = value
            case ("keyfile", _): self.tls?.keyFile = value
            case (_, "true"): self.tls?.verifyHostname = true
            case (_, "false"): self.tls?.verifyHostname = false
            default: throw Self.invalid("verify_hostname is \(value); it takes true or false")
            }
        default:
            throw Self.invalid(
                "the parameter \(name) is not known; heartbeat, connection_timeout, name, cacertfile, certfile, keyfile and verify_hostname are"
            )
        }
    }

    private static func endpoint(_ part: Substring, defaultPort: UInt16) throws(AMQPError) -> Endpoint {
        var host = part
        var port = defaultPort
        let end = part.hasPrefix("[") ? part.firstIndex(of: "]") ?? part.endIndex : part.startIndex
        if let colon = part[end...].firstIndex(of: ":") {
            host = part[..<colon]
            let text = part[part.index(after: colon)...]
            guard !text.contains(":") else {
                throw Self.invalid("a host has several colons; an IPv6 address is written in brackets, as [::1]")
            }
            guard let number = UInt16(text), number > 0 else {
                // What stands here may be a password whose @ is missing: not shown.
                throw Self.invalid("the port of a host is none; it takes 1 to 65535")
            }
            port = number
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { throw Self.invalid("the address \(host) has no closing ]") }
            host = host.dropFirst().dropLast()
        }
        let name = try Self.decoded(host, "host")
        guard !name.isEmpty else { throw Self.invalid("a host is empty") }
        guard !name.contains(where: \.isWhitespace) else { throw Self.invalid("a host holds a space") }
        return Endpoint(host: name, port: port)
    }

    /// Decodes %XX, strictly.
    private static func decoded(_ text: Substring, _ part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var utf8 = text.utf8[...]
        while let byte = utf8.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = utf8.popFirst().flatMap(Self.hexDigit), let low = utf8.popFirst().flatMap(Self.hexDigit)
            else {
                throw Self.invalid(
                    "the \(part) holds a % that is not followed by two hexadecimal digits; write %25 for %")
            }
            bytes.append(high << 4 | low)
        }
        guard let string = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            throw Self.invalid("the \(part) is not UTF-8 text")
        }
        return string
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }

    private static func invalid(_ reason: String) -> AMQPError {
        AMQPError(.invalidConfiguration, "the AMQP URL cannot be used: \(reason)")
    }
}

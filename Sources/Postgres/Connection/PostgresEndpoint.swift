/// One host of a configuration, with everything that libpq needs to connect to it.
///
/// Each host is tried by a connection of its own, because libpq leaves a silent host for the next one only in its blocking
/// functions.
struct PostgresEndpoint: Sendable, CustomStringConvertible {
    let parameters: [String: String]

    /// The host and port, for messages.
    var description: String {
        let host = self.parameters["host"] ?? self.parameters["hostaddr"] ?? "the local socket"
        return "\(host)\(self.parameters["port"].map { ":\($0)" } ?? "")"
    }
}

extension PostgresConfiguration {
    /// The hosts in the order of the URL.
    var endpoints: [PostgresEndpoint] {
        let lists = ["host", "hostaddr", "port"].map { keyword in
            self.parameters[keyword]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
        }
        let count = max(1, lists[0].count, lists[1].count)
        return (0..<count).map { index in
            var parameters = self.parameters
            for (keyword, list) in zip(["host", "hostaddr", "port"], lists) {
                // One port serves every host.
                let value = index < list.count ? list[index] : keyword == "port" ? list.last : nil
                parameters[keyword] = value?.isEmpty == false ? value : nil
            }
            return PostgresEndpoint(parameters: parameters.merging(self.sessionParameters) { _, ours in ours })
        }
    }

    /// The attempts of one round of connecting.
    ///
    /// With `prefer-standby` every host is first asked for a standby.
    var attempts: [PostgresEndpoint] {
        guard self.parameters["target_session_attrs"] == "prefer-standby" else { return self.endpoints }
        return ["standby", "any"].flatMap { wanted in
            self.endpoints.map {
                PostgresEndpoint(parameters: $0.parameters.merging(["target_session_attrs": wanted]) { $1 })
            }
        }
    }

    /// Whether the URL asks for a host that takes writes.
    var wantsWritableHost: Bool { ["read-write", "primary"].contains(self.parameters["target_session_attrs"]) }

    private var sessionParameters: [String: String] {
        var settings = self.parameters["options"].map { [$0] } ?? []
        settings += [
            "-c statement_timeout=\(self.statementTimeout.wholeMilliseconds)",
            "-c lock_timeout=\(self.lockTimeout.wholeMilliseconds)",
            "-c idle_in_transaction_session_timeout=\(self.idleInTransactionTimeout.wholeMilliseconds)",
            "-c TimeZone=UTC", "-c DateStyle=ISO", "-c bytea_output=hex",
        ]
        if self.isReadOnly { settings.append("-c default_transaction_read_only=on") }
        var ours = [
            "options": settings.joined(separator: " "), "client_encoding": "UTF8",
            "application_name": self.applicationName,
        ]
        // A peer that has gone away is noticed within some 20 seconds even on an idle connection.
        let defaults = [
            "keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "5", "keepalives_count": "3",
            "tcp_user_timeout": "10000", "gssencmode": "disable",
        ]
        for (keyword, value) in defaults where self.parameters[keyword] == nil { ours[keyword] = value }
        return ours
    }
}

extension Duration {
    /// At least 1, because 0 turns a server's time limit off.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}

internal import CRabbitMQ
import Glibc

/// The library's connection. It cannot be copied, so it cannot have two owners or be freed twice.
struct AMQPHandle: ~Copyable {
    private let state: amqp_connection_state_t
    private let endpoint: AMQPConfiguration.Endpoint
    private let arena = AMQPArena()

    init(to endpoint: AMQPConfiguration.Endpoint) throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw Self.outOfMemory }
        self.state = state
        self.endpoint = endpoint
    }

    deinit { _ = amqp_destroy_connection(self.state) }

    var descriptor: Int32 { amqp_get_sockfd(self.state) }
    var maximumChannels: UInt16 {
        let negotiated = amqp_get_channel_max(self.state)
        return negotiated == 0 ? .max : UInt16(clamping: negotiated)
    }

    // MARK: - Opening

    /// Connects and logs in; blocks for as long as the configuration's connect timeout, for each half.
    func open(_ configuration: AMQPConfiguration) throws(AMQPError) {
        try self.connect(configuration)
        try self.logIn(configuration)
    }

    private func connect(_ configuration: AMQPConfiguration) throws(AMQPError) {
        let socket: OpaquePointer
        if let tls = configuration.tls {
            socket = try self.tlsSocket(tls)
        } else {
            guard let plain = amqp_tcp_socket_new(self.state) else { throw Self.outOfMemory }
            socket = plain
        }
        var timeout = timeval(configuration.connectTimeout)
        let status = amqp_socket_open_noblock(socket, self.endpoint.host, Int32(self.endpoint.port), &timeout)
        guard status != 0 else { return }
        throw Self.connectError(status, self.endpoint, configuration.tls)
    }

    private func tlsSocket(_ tls: AMQPConfiguration.TLS) throws(AMQPError) -> OpaquePointer {
        guard let socket = amqp_ssl_socket_new(self.state) else { throw Self.outOfMemory }
        let authorities = tls.caFile ?? "/etc/ssl/certs/ca-certificates.crt"
        guard amqp_ssl_socket_set_cacert(socket, authorities) == 0 else {
            throw AMQPError(
                .tlsFailed, "the certificates of the authorities cannot be read from \(authorities)", isTransient: false
            )
        }
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            guard amqp_ssl_socket_set_key(socket, certificate, key) == 0 else {
                throw AMQPError(
                    .tlsFailed, "the client certificate \(certificate) and key \(key) cannot be read or do not match",
                    isTransient: false)
            }
        }
        amqp_ssl_socket_set_verify_peer(socket, 1)
        let isAddressVerified = tls.verifyHostname && rabbitmq_verify_address(socket, self.endpoint.host) == 1
        amqp_ssl_socket_set_verify_hostname(socket, tls.verifyHostname && !isAddressVerified ? 1 : 0)
        amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        return socket
    }

    private static func connectError(
        _ status: Int32, _ endpoint: AMQPConfiguration.Endpoint, _ tls: AMQPConfiguration.TLS?
    ) -> AMQPError {
        let authorities = tls?.caFile ?? "the system's list"
        return switch amqp_status_enum(status) {
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED:
            AMQPError(.tlsFailed, "the broker's certificate does not name the host \(endpoint.host)")
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED, AMQP_STATUS_SSL_CONNECTION_FAILED, AMQP_STATUS_SSL_ERROR:
            AMQPError(
                .tlsFailed,
                """
                no TLS connection to \(endpoint): its certificate is not from an authority in \(authorities), has expired \
                or does not list that address; or it asks for a client certificate; or it does not speak TLS
                """)
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED:
            AMQPError(.connectionFailed, "the host \(endpoint.host) has no address")
        case AMQP_STATUS_TIMEOUT:
            AMQPError(.connectionFailed, "\(endpoint) did not accept the connection in time")
        default:
            AMQPError(
                .connectionFailed,
                "no connection to \(endpoint): \(Self.text(status)); is the broker running and reachable?")
        }
    }

    private func logIn(_ configuration: AMQPConfiguration) throws(AMQPError) {
        var timeout = timeval(configuration.connectTimeout)
        amqp_set_handshake_timeout(self.state, &timeout)
        amqp_set_rpc_timeout(self.state, &timeout)
        // Without consumer_cancel_notify a deleted queue leaves its consumer waiting for ever, unheard; without
        // connection.blocked nothing tells that the broker has stopped reading.
        let capabilities: AMQPTable = [
            "consumer_cancel_notify": true, "connection.blocked": true, "basic.nack": true, "publisher_confirms": true,
            "exchange_exchange_bindings": true, "authentication_failure_close": true,
        ]
        var properties = self.arena.table([
            "connection_name": .string(configuration.connectionName), "capabilities": .table(capabilities),
        ])
        let reply = rabbitmq_login(
            self.state, configuration.virtualHost, 0, Int32(AMQPConfiguration.frameMax), configuration.heartbeatSeconds,
            &properties, configuration.user, configuration.password)
        self.arena.recycle()
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL:
            return
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard case .connectionClose(let code, let text) = AMQPMethod(reply.reply) else {
                throw AMQPError(.loginRefused, "\(self.endpoint) refused the login")
            }
            // 320 and 541: the broker is stopping or starting.
            throw AMQPError(
                .loginRefused,
                "\(self.endpoint) refused user \(configuration.user) on virtual host \(configuration.virtualHost): \(text)",
                replyCode: code, isTransient: [320, 541].contains(code))
        default:
            throw AMQPError(.connectionFailed, "no login at \(self.endpoint): \(Self.text(reply.library_error))")
        }
    }

    // MARK: - Speaking

    /// The next frame if one is there. Also sends the heartbeats that are due, and fails when the broker's are missing.
    func nextFrame(_ body: (UInt16, AMQPFrame) throws(AMQPError) -> Void) throws(AMQPError) -> Bool {
        var frame = amqp_frame_t()
        var noTime = timeval()
        let status = amqp_simple_wait_frame_noblock(self.state, &frame, &noTime)
        if status == AMQP_STATUS_TIMEOUT.rawValue { return false }
        guard status == 0 else { throw self.lost(status) }
        defer { amqp_maybe_release_buffers(self.state) }
        try body(frame.channel, AMQPFrame(frame))
        return true
    }

    /// Whether a frame was read while something was written, so that the socket will not announce it.
    var hasFrames: Bool {
        amqp_frames_enqueued(self.state) != 0 || amqp_data_in_buffer(self.state) != 0
    }

    /// Writes a method; may block while the socket is full.
    func send(_ request: AMQPRequest, on channel: UInt16) throws(AMQPError) {
        defer { self.arena.recycle() }
        let status = request.send(self.state, channel: channel, arena: self.arena)
        guard status == 0 else { throw self.lost(status) }
    }

    /// Writes a message; may block while the socket is full.
    func publish(_ publication: AMQPPublication, on channel: UInt16) throws(AMQPError) {
        defer { self.arena.recycle() }
        var properties = publication.message.properties.wire(in: self.arena)
        let (exchange, routingKey) = (self.arena.bytes(publication.exchange), self.arena.bytes(publication.routingKey))
        let status = publication.message.body.withUnsafeBytes { body in
            amqp_basic_publish(
                self.state, channel, exchange, routingKey, publication.isMandatory ? 1 : 0, 0, &properties,
                amqp_bytes_t(len: body.count, bytes: UnsafeMutableRawPointer(mutating: body.baseAddress)))
        }
        guard status == 0 else { throw self.lost(status) }
    }

    // MARK: - Errors

    private static var outOfMemory: AMQPError {
        AMQPError(.connectionFailed, "there is no memory for a connection")
    }

    private func lost(_ status: Int32) -> AMQPError {
        AMQPError(.connectionLost, "the connection to the broker at \(self.endpoint) was lost: \(Self.text(status))")
    }

    private static func text(_ status: Int32) -> String {
        amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)"
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}

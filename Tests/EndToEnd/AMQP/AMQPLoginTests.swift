import AMQP
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1))) struct AMQPLoginTests {
    private let broker: AMQPTestBroker

    init() throws { self.broker = try AMQPTestBroker.shared() }

    private func tls(_ tls: AMQPConfiguration.TLS, host: String = "127.0.0.1") -> AMQPConfiguration {
        var configuration = self.broker.configuration
        configuration.endpoints = [.init(host: host, port: self.broker.tlsPort)]
        configuration.tls = tls
        configuration.connectionName = "e2e.\(UUID().uuidString)"
        return configuration
    }

    private var ca: String { "\(self.broker.tlsDirectory)/ca.pem" }

    private func connectError(_ configuration: AMQPConfiguration) async -> AMQPError? {
        await #expect(throws: AMQPError.self) { try await AMQPConnection.connect(configuration).close() }
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `a certificate of a trusted authority for this host is accepted`(host: String) async throws {
        let queue = try await self.broker.queue()
        try await AMQPPublisher.with(self.tls(.init(caFile: self.ca), host: host)) { publisher in
            try await publisher.publish("over TLS", to: queue)
        }
        try await AMQPConsumer.with(self.tls(.init(caFile: self.ca), host: host), queues: [queue]) { consumer in
            var iterator = consumer.deliveries.makeAsyncIterator()
            let delivery = try #require(await iterator.next())
            #expect(delivery.text == "over TLS")
            try await delivery.acknowledge()
        }
    }

    @Test func `a certificate of another authority is refused`() async throws {
        let error = await self.connectError(self.tls(.init(caFile: "\(self.broker.tlsDirectory)/client.pem")))
        #expect(error?.code == .tlsFailed)
        #expect(error?.message.contains("authority") == true)
    }

    @Test func `a certificate that does not name the host is refused, unless that is switched off`() async throws {
        // Another way to write 127.0.0.1, which the certificate does not name.
        let error = await self.connectError(self.tls(.init(caFile: self.ca), host: "127.1"))
        #expect(error?.code == .tlsFailed)
        #expect(error?.message.contains("does not name the host 127.1") == true)
        try await AMQPConnection.connect(self.tls(.init(caFile: self.ca, verifyHostname: false), host: "127.1")).close()
    }

    @Test func `a client certificate is presented to the broker`() async throws {
        let folder = self.broker.tlsDirectory
        let configuration = self.tls(
            .init(
                caFile: self.ca, certificateFile: "\(folder)/client.pem", keyFile: "\(folder)/client.key"))
        let connection = try await AMQPConnection.connect(configuration)
        let list = try await self.broker.control("list_connections", "client_properties", "peer_cert_subject")
        let line = list.split(separator: "\n").first { $0.contains(configuration.connectionName) }
        #expect(line?.contains("CN=teller-client") == true)
        await connection.close()
    }

    @Test func `files that cannot be read are named`() async throws {
        let noCA = await self.connectError(self.tls(.init(caFile: "/no/such.pem")))
        #expect(noCA?.message.contains("/no/such.pem") == true)
        let noKey = await self.connectError(
            self.tls(
                .init(
                    caFile: self.ca, certificateFile: "\(self.broker.tlsDirectory)/client.pem", keyFile: "/no/such.key")
            ))
        #expect(noKey?.code == .tlsFailed)
        #expect(noKey?.message.contains("/no/such.key") == true)
    }

    @Test func `a wrong password and a wrong virtual host are refused with the reason`() async throws {
        var configuration = self.broker.configuration
        configuration.password = "s3cret"
        let password = await self.connectError(configuration)
        #expect(password?.code == .loginRefused)
        #expect(password?.replyCode == 403)
        #expect(password?.isTransient == false)
        #expect(password?.message.contains("s3cret") == false)
        configuration = self.broker.configuration
        configuration.virtualHost = "nowhere"
        let host = await self.connectError(configuration)
        #expect(host?.code == .loginRefused)
        #expect(host?.message.contains("nowhere") == true)
    }

    @Test func `of several hosts one that answers is taken`() async throws {
        var configuration = self.broker.configuration
        configuration.endpoints += [1, 2, 3].map { .init(host: "127.0.0.1", port: $0) }
        for _ in 0..<8 {
            let connection = try await AMQPConnection.connect(configuration)
            #expect(connection.endpoint == configuration.endpoints[0])
            await connection.close()
        }
    }

    @Test func `when no host answers, the error names each of them`() async throws {
        var configuration = self.broker.configuration
        configuration.endpoints = [.init(host: "127.0.0.1", port: 1), .init(host: "localhost", port: 2)]
        let error = await self.connectError(configuration)
        #expect(error?.message.contains("127.0.0.1:1") == true && error?.message.contains("localhost:2") == true)
        #expect(error?.isTransient == true)
    }

    @Test func `a wrong password is tried at one host only`() async throws {
        var configuration = self.broker.configuration
        configuration.password = "s3cret"
        configuration.endpoints.append(.init(host: "localhost", port: configuration.endpoints[0].port))
        let error = await self.connectError(configuration)
        #expect(error?.code == .loginRefused && error?.message.contains("; ") == false)
    }

    @Test func `the certificate must name the very host that is connected to`() async throws {
        // The certificate does not name 127.1, so that only the other host can be taken.
        var configuration = self.tls(.init(caFile: self.ca), host: "127.1")
        configuration.endpoints.append(.init(host: "localhost", port: self.broker.tlsPort))
        for _ in 0..<4 {
            let connection = try await AMQPConnection.connect(configuration)
            #expect(connection.endpoint.host == "localhost")
            await connection.close()
        }
    }

    @Test func `a host that accepts and says nothing is given up in time`() async throws {
        let listener = try AMQPSilentListener()
        var configuration = self.broker.configuration
        configuration.endpoints = [.init(host: "127.0.0.1", port: listener.port)]
        configuration.connectTimeout = .milliseconds(500)
        let started = ContinuousClock.now
        let error = await self.connectError(configuration)
        #expect(error?.code == .connectionFailed)
        #expect(.now - started < .seconds(20))
    }
}

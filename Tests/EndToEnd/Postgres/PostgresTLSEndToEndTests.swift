import Foundation
import Postgres
import Testing

@Suite(.timeLimit(.minutes(1))) struct PostgresTLSEndToEndTests {
    /// Why a client with these parameters cannot connect, within a deadline; nil when it can.
    private func error(
        _ parameters: String, host: String? = nil, within limit: Duration = .seconds(3)
    ) async throws -> PostgresError? {
        var url = PostgresTestServer.url(try PostgresTestServer.url, adding: parameters)
        if let host { url = url.replacing(#/@[^/:]+/#, with: "@\(host)") }
        var configuration = try PostgresConfiguration(url: url)
        configuration.queryDeadline = limit
        return try await PostgresTestServer.withClient(of: configuration) { client in
            do throws(PostgresError) {
                try await client.query("SELECT 1")
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func `the right authority and the right name are let in`() async throws {
        let folder = try PostgresTestServer.variable("TELLER_TEST_TLS_DIR")
        #expect(try await self.error("sslmode=verify-full&sslrootcert=\(folder)/ca.pem", within: .seconds(15)) == nil)
    }

    @Test func `a large answer arrives whole over TLS`() async throws {
        let url = PostgresTestServer.url(try PostgresTestServer.url, adding: "sslmode=require")
        try await PostgresTestServer.withClient(of: PostgresConfiguration(url: url)) { client in
            for size in [8_000, 16_000, 16_384, 20_000, 40_000, 1_000_000] {
                let text: String = try await client.value("SELECT repeat('x', \(Int32(size)))")
                #expect(text.utf8.count == size)
            }
            let isEncrypted: Bool = try await client.value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            #expect(isEncrypted)
        }
    }

    @Test func `another authority is refused`() async throws {
        let file = FileManager.default.temporaryDirectory.path + "/teller-ca-\(UUID().uuidString).pem"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Self.strangeAuthority.write(toFile: file, atomically: true, encoding: .utf8)
        let error = try #require(await self.error("sslmode=verify-full&sslrootcert=\(file)"))
        #expect(error.kind == .infrastructure)
        #expect(error.message.contains("certificate verify failed"))
    }

    @Test func `another name than the certificate's is refused`() async throws {
        let folder = try PostgresTestServer.variable("TELLER_TEST_TLS_DIR")
        let error = try #require(
            await self.error("sslmode=verify-full&sslrootcert=\(folder)/ca.pem", host: "127.0.0.2"))
        #expect(error.kind == .infrastructure)
    }

    /// A certificate authority that signed nothing here.
    private static let strangeAuthority = """
        -----BEGIN CERTIFICATE-----
        MIIBkDCCATWgAwIBAgIUFUwFd1Z0wcLxJGuIaEmX8QrXL64wCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRYW5vdGhlciBhdXRob3JpdHkwIBcNMjYxMTI1MDQyMDIyWhgP
        MjEyNjExMDEwNDIwMjJaMBwxGjAYBgNVBAMMEWFub3RoZXIgYXV0aG9yaXR5MFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyDxiQ94BPT5MvUKKmdPhE0HJ4KPW7/J0
        recbKdkkSa5OQL++I/NsrDc22akfl2qvODfmqU63YP5A+jH3XPZMgKNTMFEwHQYD
        VR0OBBYEFN+BQOxmTF7WlPh9wwliL2glfeJEMB8GA1UdIwQYMBaAFN+BQOxmTF7W
        lPh9wwliL2glfeJEMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
        AJ2VxikDzgFYjRGNRZqE3Zq7cJUKHD5OnvirblwA/CwdAiEAgm+aUzPPyNvoLY41
        Uycy5ELcEVUI3w9ER370Ea8jprM=
        -----END CERTIFICATE-----
        """
}

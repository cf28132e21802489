public import AMQP
import Configuration
import Foundation
public import Postgres
import SystemPackage

/// Reads settings by key, first from the environment, then from a file.
public struct SettingsSource: Sendable {
    private let reader: ConfigReader

    /// - Parameters:
    ///   - environment: The process's own when there is none.
    ///   - file: A JSON file of the form `{"teller": {"amqp": {"url": "…"}}}`.
    public init(environment: [String: String]? = nil, file: String? = nil) async throws {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider(
            environmentVariables: environment ?? ProcessInfo.processInfo.environment)]
        if let file {
            do {
                providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(file)))
            } catch {
                throw ConfigurationError(option: "--config", got: file, takes: "a readable JSON file (\(error))")
            }
        }
        self.reader = ConfigReader(providers: providers).scoped(to: "teller")
    }

    static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }

    /// The environment variable of a key: `amqp.url` is `TELLER_AMQP_URL`.
    static func variable(_ key: String) -> String {
        "TELLER_" + key.uppercased().replacing(".", with: "_")
    }

    /// The text of a setting, or the content of the file that its `_FILE` form names, without a trailing line break.
    public func text(_ key: String) -> String? {
        if let text = self.reader.string(forKey: ConfigKey(key)), !text.isEmpty { return text }
        guard let file = self.reader.string(forKey: ConfigKey(key + ".file")), !file.isEmpty,
            let content = try? String(contentsOfFile: file, encoding: .utf8)
        else { return nil }
        return content.trimmingCharacters(in: .newlines)
    }

    func required(_ key: String, takes: String) throws(ConfigurationError) -> String {
        guard let text = self.text(key) else { throw ConfigurationError(key, got: nil, takes: takes) }
        return text
    }

    func list(_ key: String) -> [String]? {
        self.text(key)?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let text = self.text(key) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(key, got: text, takes: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func choice(_ key: String, of choices: [String]) throws(ConfigurationError) -> String? {
        guard let text = self.text(key) else { return nil }
        guard choices.contains(text.lowercased()) else {
            throw ConfigurationError(key, got: text, takes: choices.joined(separator: ", "))
        }
        return text.lowercased()
    }

    /// The broker's address, `TELLER_AMQP_URL`.
    public func amqp() throws(ConfigurationError) -> AMQPConfiguration {
        let takes = "a URL such as amqp://user:password@host:5672/vhost"
        let url = try self.required("amqp.url", takes: takes)
        do {
            return try AMQPConfiguration(url: url)
        } catch {
            throw ConfigurationError("amqp.url", got: nil, takes: "\(takes) (\(error.message))")
        }
    }

    /// The file of the key that signs the database's tickets, `TELLER_TICKET_KEY_FILE`.
    public func ticketKeyFile() throws(ConfigurationError) -> String {
        try self.required("ticket.key.file", takes: "the path of a file with at least 32 random bytes")
    }

    /// The database's address, `TELLER_POSTGRES_URL` unless another key is named.
    public func postgres(_ key: String = "postgres.url") throws(ConfigurationError) -> PostgresConfiguration {
        let takes = "a URL such as postgres://user:password@host:5432/database?sslmode=verify-full"
        let url = try self.required(key, takes: takes)
        do {
            return try PostgresConfiguration(url: url)
        } catch {
            throw ConfigurationError(key, got: nil, takes: "\(takes) (\(error.message))")
        }
    }
}

/// The contracts that travel in the binary: database migrations, message schemas and the demonstration's articles.
public enum Schemas {
    /// One migration of the database.
    public struct Migration: Sendable {
        /// Unique and in the order of application.
        public let name: String
        public let sql: String

        init(_ name: String, _ resource: [UInt8]) {
            self.name = name
            self.sql = String(decoding: resource, as: UTF8.self)
        }
    }

    /// Every migration, in the order in which they are applied.
    public static let migrations = [
        Migration("0001_roles_and_identity", PackageResources.m0001_roles_and_identity_sql),
        Migration("0002_ledger", PackageResources.m0001_ledger_sql),
        Migration("0003_worker", PackageResources.m0002_worker_sql),
        Migration("0004_dead_letters", PackageResources.m0003_dead_letters_sql),
        Migration("0005_replay", PackageResources.m0004_replay_sql),
        Migration("0006_what_if", PackageResources.m0005_what_if_sql),
        Migration("0007_kept_plans", PackageResources.m0006_kept_plans_sql),
    ]

    /// The JSON Schema of each message's body, by the message's type.
    public static let messages = [
        "teller.chat.request.v1": String(decoding: PackageResources.chat_request_v1_json, as: UTF8.self),
        "teller.chat.answer.v1": String(decoding: PackageResources.chat_answer_v1_json, as: UTF8.self),
        "teller.chat.chunk.v1": String(decoding: PackageResources.chat_chunk_v1_json, as: UTF8.self),
    ]

    /// The knowledge articles of the demonstration, a JSON array.
    public static let articles = String(decoding: PackageResources.articles_json, as: UTF8.self)
}

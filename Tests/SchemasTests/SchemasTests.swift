import Foundation
import Schemas
import TellerMessages
import Testing

@Suite struct SchemasTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Schemas")

    static func examples(of type: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: Self.folder.path + "/examples")
            .filter { $0.hasPrefix(type + ".") }.sorted()
    }

    private static func example(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: Self.folder.appendingPathComponent("examples/\(name)")))
    }

    private static func schema(of type: String) throws -> JSONObject {
        let text = try #require(Schemas.messages[type])
        return try #require(JSONValue(parsing: Array(text.utf8)).object)
    }

    @Test(arguments: [
        ("teller.chat.request.v1", ["conversation_id", "customer_id", "question"]),
        (
            "teller.chat.answer.v1",
            [
                "request_id", "answer_id", "version", "conversation_id", "status", "language", "text", "facts",
                "disclosures",
            ]
        ),
        ("teller.chat.chunk.v1", ["request_id", "seq", "text", "final"]),
    ])
    func `each message has a schema that requires its members`(type: String, members: [String]) throws {
        let schema = try Self.schema(of: type)
        #expect(schema["$schema"]?.string == "https://json-schema.org/draft/2020-12/schema")
        #expect(schema["$id"]?.string == "https://teller.dev/schemas/" + type.dropFirst("teller.".count) + ".json")
        let required = try #require(schema["required"]?.array).compactMap(\.string)
        #expect(Set(members).isSubset(of: required))
        let properties = try #require(schema["properties"]?.object)
        #expect(required.allSatisfy { properties[$0] != nil })
    }

    @Test func `requests are closed and answers open`() throws {
        #expect(try Self.schema(of: "teller.chat.request.v1")["unevaluatedProperties"]?.bool == false)
        #expect(try Self.schema(of: "teller.chat.answer.v1")["unevaluatedProperties"] == nil)
    }

    @Test(arguments: try Self.examples(of: "chat.request.v1"))
    func `each example of a request decodes`(name: String) throws {
        let body = try ChatRequest.Body(decoding: try Self.example(name))
        #expect(!body.question.isEmpty)
    }

    @Test(arguments: try Self.examples(of: "chat.answer.v1"))
    func `each example of an answer decodes, and its id is that of request and version`(name: String) throws {
        let bytes = try Self.example(name)
        let answer = try ChatAnswer(decoding: bytes)
        #expect(try JSONValue(parsing: bytes).object?["answer_id"]?.string == answer.id.uuidString.lowercased())
        #expect((answer.status == .answered) == (answer.problem == nil))
    }

    @Test(arguments: try Self.examples(of: "chat.chunk.v1"))
    func `each example of a chunk is JSON with its four members`(name: String) throws {
        let value = try JSONValue(parsing: Self.example(name))
        let object = try #require(value.object)
        _ = try #require(object["request_id"]?.string)
        _ = try #require(object["seq"]?.integer)
        _ = try #require(object["text"]?.string)
        let isFinal: Bool? = object["final"]?.bool
        #expect(isFinal != nil)
    }

    @Test func `migrations are named in the order in which they apply`() {
        let names = Schemas.migrations.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(Schemas.migrations.allSatisfy { $0.sql.contains("teller_owner") })
    }

    @Test func `every article exists in both languages, with three to six sentences`() throws {
        let document = try JSONValue(parsing: Array(Schemas.articles.utf8), maximumSize: 1 << 20)
        let articles = try #require(document.array)
        var languages: [String: Set<String>] = [:]
        for article in articles {
            let object = try #require(article.object)
            let topic = try #require(object["topic"]?.string)
            let language = try #require(object["language"]?.string)
            let body = try #require(object["body"]?.string)
            languages[topic, default: []].insert(language)
            #expect(object["article_id"]?.string == "\(topic).\(language)")
            let keywords = try #require(object["keywords"]?.array)
            #expect(!keywords.isEmpty)
            let sentences = language == "zh" ? body.count(where: { $0 == "。" }) : body.ranges(of: /\.( |$)/).count
            #expect((3...6).contains(sentences), "\(topic).\(language)")
        }
        #expect(languages.count >= 40 && languages.values.allSatisfy { $0 == ["en", "zh"] })
    }
}

import Testing

@testable import Transformer

@Suite struct JSONSchemaConstraintTests {
    /// Writes a document of random bytes that the constraint accepts, as if by a model without any sense.
    private static func walk(
        _ start: JSONSchemaConstraint, _ generator: inout SplitMix64
    ) throws -> String {
        var constraint = start
        var bytes: [UInt8] = []
        while true {
            if constraint.mayEnd, generator.next() % 3 == 0 { break }
            let closing = Array("\"]},:".utf8).shuffled(using: &generator)
            let others = (UInt8.min...UInt8.max).shuffled(using: &generator)
            let order = generator.next() % 4 == 0 ? closing + others : others
            guard let byte = order.first(where: { constraint.accepts([$0]) }) else {
                try #require(constraint.mayEnd, "dead end after \(String(decoding: bytes, as: UTF8.self))")
                break
            }
            if let forced = constraint.forcedByte {
                #expect(forced == byte && !constraint.mayEnd)
                #expect((UInt8.min...UInt8.max).filter { constraint.accepts([$0]) } == [forced])
            }
            constraint.append([byte])
            bytes.append(byte)
        }
        #expect(start.accepts(bytes))
        return try #require(String(validating: bytes, as: UTF8.self))
    }

    @Test(arguments: JSONSchemaExample.all)
    func `every complete text is a document that the schema allows`(example: JSONSchemaExample) throws {
        let start = try JSONSchemaConstraint(schema: example.schema)
        let validator = try JSONSchemaValidator(example.schema)
        var generator = SplitMix64(seed: UInt64(example.schema.utf8.count))
        for _ in 0..<30 {
            let document = try Self.walk(start, &generator)
            #expect(try validator.accepts(document), "\(document)")
        }
    }

    /// Whether a text may be written and ended, given byte by byte.
    private static func writes(_ text: String, _ start: JSONSchemaConstraint) -> Bool {
        var constraint = start
        for byte in text.utf8 {
            guard constraint.accepts([byte]) else { return false }
            constraint.append([byte])
        }
        return constraint.mayEnd && start.accepts(Array(text.utf8))
    }

    @Test(arguments: JSONSchemaExample.all)
    func `a text is accepted whole exactly when it is such a document`(example: JSONSchemaExample) throws {
        let constraint = try JSONSchemaConstraint(schema: example.schema)
        for text in example.accepted { #expect(Self.writes(text, constraint), "\(text)") }
        for text in example.refused { #expect(!Self.writes(text, constraint), "\(text)") }
    }

    @Test func `bytes that are refused leave the constraint where it is`() throws {
        var constraint = try JSONSchemaConstraint(schema: #"{"const": "abc"}"#)
        for text in ["\"a", "x", "bc\"\"", "bc\""] { constraint.append(Array(text.utf8)) }
        #expect(constraint.mayEnd)
    }

    @Test(arguments: JSONSchemaExample.unsupported)
    func `what would not be honoured is refused by name`(schema: String, name: String) {
        let error = #expect(throws: TransformerError.self) { try JSONSchemaConstraint(schema: schema) }
        #expect(error?.code == .unsupported && error?.message.contains(name) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: ["", "{", #"{"type": "null"} x"#, #"{"type": "null", "type": "null"}"#])
    func `a schema that is no JSON is refused`(schema: String) {
        let error = #expect(throws: TransformerError.self) { try JSONSchemaConstraint(schema: schema) }
        #expect(error?.code == .malformed)
    }

    @Test func `alternatives that are over are forgotten, and too many at one place are refused`() throws {
        let either = #"{"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 9}]}"#
        let constraint = try JSONSchemaConstraint(schema: #"{"type": "array", "items": \#(either)}"#)
        let items = [String](repeating: #""ab""#, count: 200).joined(separator: ",")
        #expect(constraint.accepts(Array("[\(items)".utf8)))
        let nested = (0..<7).reduce(#"{"type": "null"}"#) { inner, _ in
            #"{"anyOf": [{"type": "array", "items": \#(inner)}, {"type": "array", "items": \#(inner)}]}"#
        }
        let error = #expect(throws: TransformerError.self) { try JSONSchemaConstraint(schema: nested) }
        #expect(error?.message.contains("alternatives") == true)
    }

    @Test func `more properties than anybody writes are refused`() throws {
        func schema(_ count: Int) -> String {
            let properties = (0..<count).map { "\"p\($0)\": {\"type\": \"null\"}" }.joined(separator: ", ")
            return "{\"type\": \"object\", \"properties\": {\(properties)}}"
        }
        #expect(try JSONSchemaConstraint(schema: schema(256)).accepts(Array(#"{"p7":null,"p255":null}"#.utf8)))
        let error = #expect(throws: TransformerError.self) { try JSONSchemaConstraint(schema: schema(257)) }
        #expect(error?.message.contains("256 properties") == true)
    }

    @Test func `what must come next is known ahead, in the spacing that the document began with`() throws {
        var constraint = try JSONSchemaConstraint(
            schema:
                """
                {"type": "object", "properties": {"first": {"type": "boolean"}, "second": {"const": "two"}},
                "required": ["first", "second"]}
                """)
        #expect(constraint.forcedText(limit: 64) == #"{"first":"#)
        #expect(constraint.forcedText(limit: 4) == #"{"fi"#)
        constraint.append(Array(#"{"first": t"#.utf8))
        #expect(constraint.forcedText(limit: 64) == "rue,")
        constraint.append(Array("rue, ".utf8))
        #expect(constraint.forcedText(limit: 64) == #""second": "two"}"#)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func `a model writes nothing but documents of the schema`(seed: UInt64) async throws {
        let schema = """
            {"type": "object", "properties": {"n": {"type": "integer"}, "t": {"type": "string", "maxLength": 6},
            "o": {"enum": ["aaaa", null]}}, "required": ["n", "o"]}
            """
        let engine = InferenceEngine(model: try TinyCheckpoint.shared.get(), threads: 1)
        let generation = try await engine.generate(
            GenerationRequest(
                prompt: [9, 30], maximumNewTokens: 200, sampling: .random(temperature: 2, seed: seed),
                constraint: JSONSchemaConstraint(schema: schema)))
        #expect(generation.finish == .stop)
        #expect(try JSONSchemaValidator(schema).accepts(generation.text), "\(generation.text)")
    }
}

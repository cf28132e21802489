import Testing

/// A JSON Schema, texts that are documents of it, and texts that are not, or are not written so.
struct JSONSchemaExample: Sendable, CustomTestStringConvertible {
    let schema: String
    var accepted: [String] = []
    var refused: [String] = []

    var testDescription: String { self.schema }

    static let all: [Self] = [
        Self(
            schema: """
                {"type": "object", "properties": {"name": {"type": "string", "maxLength": 12},
                "age": {"type": "integer", "minimum": 0, "maximum": 130}, "isOpen": {"type": "boolean"}},
                "required": ["name", "age"], "additionalProperties": false}
                """,
            accepted: [
                #"{"name":"Zoë","age":42}"#, #"{"name": "Zoë", "age": 0, "isOpen": true}"#,
                #"{"name":"\u00e9\n\"","age":130,"isOpen":false}"#, #"{"name": "","age": 7}"#,
            ],
            refused: [
                #"{"name":"Zoë","age":131}"#, #"{"name":"Zoë","age":-1}"#, #"{"name":"Zoë"}"#,
                #"{"age":42,"name":"Zoë"}"#, #"{"name":"Zoë","age":42,"x":1}"#, #"{"name":"Zoë","age":042}"#,
                #"{"name":"Zoë","age":4.2}"#, #"{"name":"1234567890123","age":4}"#, "{\"name\":\"a\tb\",\"age\":4}",
                #"{"name":"\ud800","age":4}"#, #"{"name":"\x","age":4}"#, #"{ "name":"Zoë","age":4}"#,
                #"{"name": "Zoë","age":4}"#, #"{"name":  "Zoë"}"#, #"{"name":"Zoë","age":4,}"#,
                #"{"name":"Zoë","age":4} "#, #"{"name":"Zoë","age":4,  "isOpen":true}"#, "", "{",
            ]),
        Self(
            schema: """
                {"type": "object", "properties": {"a": {"type": "null"}, "ab": {"type": "null"},
                "b \\"é\\n": {"type": "null"}, "中": {"type": "null"}}}
                """,
            accepted: [
                "{}", #"{"ab":null,"中":null}"#, #"{"a":null, "b \"é\n":null}"#, #"{"ab": null, "b \"é\n": null}"#,
            ],
            refused: [#"{"ab":null,"a":null}"#, #"{"a":null,"a":null}"#, #"{"b":null}"#, #"{"":null}"#, "null"]),
        Self(
            schema: """
                {"type": "array", "items": {"type": "array", "items": {"enum": ["x", 1, 12, null, [1, 2], {"k": "v"}]},
                "maxItems": 3}, "minItems": 1, "maxItems": 4}
                """,
            accepted: [#"[["x",[1,2],{"k":"v"}],[12]]"#, "[[]]", "[[1, 12], []]"],
            refused: ["[]", "[[13]]", #"[[],["x",1,12,null],[]]"#, "[[],[],[],[],[]]", "[[1],]", "[[],[]"]),
        Self(
            schema: """
                {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "string", "minLength": 5, "maxLength": 9},
                {"type": "integer"}]}
                """,
            accepted: [#""abc""#, #""abcde""#, "-12", "0", "999999999999999", #""中文😀""#],
            refused: [#""abcd""#, #""abcdeabcde""#, "-0", "1e3", "1.0", "01", "1000000000000000", "-"]),
        Self(
            schema: """
                {"oneOf": [{"type": "object", "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}},
                "required": ["kind", "r"]}, {"type": "object", "properties": {"kind": {"const": "square"},
                "a": {"type": "number"}}, "required": ["kind", "a"]}]}
                """,
            accepted: [#"{"kind":"square","a":1.5}"#, #"{"kind": "circle", "r": -0.25}"#],
            refused: [#"{"kind":"square","r":1.5}"#, #"{"kind":"cube","a":1}"#, #"{"a":1.5,"kind":"square"}"#]),
        Self(
            schema: """
                {"$defs": {"money": {"type": "object", "properties": {"amount": {"type": "number", "minimum": 0,
                "exclusiveMaximum": 1000.01}, "currency": {"enum": ["USD", "CNY"]}}, "required": ["amount",
                "currency"]}}, "type": "object", "properties": {"from": {"$ref": "#/$defs/money"},
                "to": {"$ref": "#/$defs/money"}}, "required": ["to"]}
                """,
            accepted: [#"{"to":{"amount":1000.009,"currency":"CNY"}}"#],
            refused: [#"{"to":{"amount":1000.01,"currency":"CNY"}}"#, #"{"from":{"amount":1,"currency":"USD"}}"#]),
        Self(
            schema: #"{"type": "integer", "minimum": -5, "maximum": 17}"#, accepted: ["-5", "17"],
            refused: ["18", "-6"]),
        Self(
            schema: #"{"type": "integer", "exclusiveMinimum": 98, "maximum": 1002}"#, accepted: ["99", "1002"],
            refused: ["98", "9", "1003", "-1"]),
        Self(schema: #"{"type": "integer", "maximum": -10}"#, accepted: ["-10", "-99"], refused: ["-9", "0", "10"]),
        Self(
            schema: #"{"type": "number", "minimum": 0.1, "maximum": 0.25}"#, accepted: ["0.1", "0.10", "0.2500"],
            refused: ["0.251", "0.0999", "0.3", "1", "0.", "0.1e0", "0"]),
        Self(
            schema: #"{"type": "number", "exclusiveMinimum": -0.5, "exclusiveMaximum": 0.5}"#,
            accepted: ["-0.4999", "0", "0.0"], refused: ["-0.5", "0.5", "-1"]),
        Self(
            schema: #"{"type": "number", "minimum": 99.995}"#, accepted: ["99.995", "100", "999999999999999.5"],
            refused: ["99.994", "1000000000000000", "9", "100."]),
        Self(schema: #"{"type": ["string", "null", "boolean", "number"], "maxLength": 2}"#, accepted: ["true", "1.5"]),
        Self(
            schema: #"{"const": {"a": [true, null, "\" \\ \u0001"], "b": -1.50}}"#,
            accepted: [#"{"a":[true,null,"\" \\ \u0001"],"b":-1.50}"#]),
        Self(schema: #"{"type": "string", "minLength": 2, "maxLength": 2}"#, accepted: [#""é\n""#], refused: [#""a""#]),
        Self(schema: #"{"type": "array", "maxItems": 0}"#, accepted: ["[]"], refused: ["[[]]"]),
        Self(schema: #"{"type": "object"}"#, accepted: ["{}"], refused: [#"{"a":1}"#]),
        Self(
            schema: #"{"enum": [1, 2.5, "2", true, null], "type": ["integer", "boolean"], "title": "t"}"#,
            accepted: ["1", "true"], refused: ["2.5", "null", #""2""#]),
    ]

    /// Schemas that would not be honoured, and what the error has to name.
    static let unsupported: [(schema: String, name: String)] = [
        (#"{"type": "string", "pattern": "^a"}"#, "\"pattern\""),
        (#"{"type": "string", "format": "date"}"#, "\"format\""),
        (#"{"type": "integer", "multipleOf": 2}"#, "\"multipleOf\""),
        (#"{"allOf": [{"type": "null"}]}"#, "\"type\""),
        (#"{"type": "object", "patternProperties": {}}"#, "\"patternProperties\""),
        (#"{"type": "object", "additionalProperties": true}"#, "\"additionalProperties\""),
        (#"{"type": "object", "required": ["a"]}"#, "\"required\""),
        (#"{"type": "string", "minimum": 3}"#, "\"minimum\""),
        (#"{"type": "array", "prefixItems": []}"#, "\"prefixItems\""),
        (#"{"type": "array"}"#, "\"items\""), (#"{"type": "text"}"#, "\"type\""), ("{}", "\"type\""),
        ("true", "object"),
        (#"{"enum": []}"#, "no value"), (#"{"const": 1, "type": "string"}"#, "no value"),
        (#"{"type": "string", "minLength": 3, "maxLength": 2}"#, "maxLength"),
        (#"{"type": "string", "maxLength": -1}"#, "\"maxLength\""),
        (#"{"type": "integer", "minimum": 1e3}"#, "\"minimum\""),
        (#"{"type": "integer", "minimum": 2.1, "maximum": 2.9}"#, "no number"),
        (#"{"type": "number", "minimum": 1, "exclusiveMaximum": 1}"#, "no number"),
        (#"{"oneOf": [{"type": "string"}, {"enum": ["a"]}]}"#, "0 and 1"),
        (#"{"oneOf": [{"type": "number"}, {"type": "integer"}]}"#, "0 and 1"),
        (#"{"oneOf": [{"enum": [1]}, {"enum": [1.0]}]}"#, "0 and 1"),
        (
            #"{"oneOf": [{"type": "object"}, {"type": "object", "properties": {"a": {"type": "null"}}}]}"#, "0 and 1"
        ),
        (#"{"anyOf": []}"#, "anyOf"), (#"{"anyOf": [{"type": "null"}], "type": "null"}"#, "\"type\""),
        (
            ##"{"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}}"##, "recursion"
        ),
        (
            ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}"##, "recursion"
        ),
        (##"{"type": "array", "items": {"$ref": "#"}}"##, "recursion"), (##"{"$ref": "#/$defs/a"}"##, "#/$defs/a"),
        (#"{"$ref": "https://example.com/a"}"#, "\"$ref\""),
        (
            #"{"type": "object", "properties": {"a": {"items": {"type": "null"}, "type": "array", "contains": {}}}}"#,
            "#/properties/a"
        ),
    ]
}

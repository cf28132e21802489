import TellerMessages
import Testing

/// JSON Patch as RFC 6902 has it; the first cases are its appendix A.
@Suite struct JSONPatchTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let document: String
        let patch: String
        /// nil where the patch must fail.
        let result: String?

        init(_ name: String, _ document: String, _ patch: String, _ result: String?) {
            (self.name, self.document, self.patch, self.result) = (name, document, patch, result)
        }

        var testDescription: String { self.name }
    }

    static let appendix = [
        Case("A.1 adding a member", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"baz":"qux","foo":"bar"}"#),
        Case(
            "A.2 adding an array element", #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            #"{"foo":["bar","qux","baz"]}"#),
        Case("A.3 removing a member", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
        Case(
            "A.4 removing an array element", #"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#,
            #"{"foo":["bar","baz"]}"#),
        Case(
            "A.5 replacing a value", #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            #"{"baz":"boo","foo":"bar"}"#),
        Case(
            "A.6 moving a value", #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#),
        Case(
            "A.7 moving an array element", #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            #"{"foo":["all","cows","eat","grass"]}"#),
        Case(
            "A.8 testing a value", #"{"baz":"qux","foo":["a",2,"c"]}"#,
            #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#, #"{"baz":"qux","foo":["a",2,"c"]}"#),
        Case("A.9 a test that fails", #"{"baz":"qux"}"#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, nil),
        Case(
            "A.10 adding a nested object", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            #"{"foo":"bar","child":{"grandchild":{}}}"#),
        Case(
            "A.11 unknown members are ignored", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            #"{"foo":"bar","baz":"qux"}"#),
        Case("A.12 adding to nothing", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, nil),
        Case("A.13 a member twice", #"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#, nil),
        Case("A.14 escapes", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
        Case("A.15 strings are no numbers", #"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, nil),
        Case(
            "A.16 adding an array", #"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            #"{"foo":["bar",["abc","def"]]}"#),
    ]

    static let further = [
        Case("all or none", #"{"a":1}"#, #"[{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}]"#, nil),
        Case("the whole document", #"{"a":1}"#, #"[{"op":"replace","path":"","value":[1]}]"#, "[1]"),
        Case("copying", #"{"a":[1]}"#, #"[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/0","value":0}]"#, #"{"a":[1],"b":[0,1]}"#),
        Case("a value into itself", #"{"a":{"b":1}}"#, #"[{"op":"move","from":"/a","path":"/a/b"}]"#, nil),
        Case("replacing nothing", #"{"a":1}"#, #"[{"op":"replace","path":"/b","value":1}]"#, nil),
        Case("past the end", #"{"a":[1]}"#, #"[{"op":"add","path":"/a/2","value":1}]"#, nil),
        Case("just past the end", #"{"a":[1]}"#, #"[{"op":"add","path":"/a/1","value":2}]"#, #"{"a":[1,2]}"#),
        Case("an index with a leading zero", #"{"a":[1,2]}"#, #"[{"op":"remove","path":"/a/01"}]"#, nil),
        Case("no pointer", #"{"a":1}"#, #"[{"op":"remove","path":"a"}]"#, nil),
        Case("a half escape", #"{"a~":1}"#, #"[{"op":"remove","path":"/a~"}]"#, nil),
        Case("no such operation", #"{"a":1}"#, #"[{"op":"erase","path":"/a"}]"#, nil),
        Case("no value", #"{"a":1}"#, #"[{"op":"add","path":"/b"}]"#, nil),
        Case("null is a value", #"{"a":1}"#, #"[{"op":"add","path":"/b","value":null}]"#, #"{"a":1,"b":null}"#),
        Case("not an array", #"{"a":1}"#, #"{"op":"remove","path":"/a"}"#, nil),
        Case("numbers by value", #"{"a":1.50e2}"#, #"[{"op":"test","path":"/a","value":150}]"#, #"{"a":150}"#),
        Case("numbers that differ far out", #"{"a":0.1000000000000000000001}"#, #"[{"op":"test","path":"/a","value":0.1}]"#, nil),
        Case("zero is zero", #"{"a":-0.0}"#, #"[{"op":"test","path":"/a","value":0e5}]"#, #"{"a":0}"#),
        Case("members in any order", #"{"a":{"x":1,"y":2}}"#, #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#, #"{"a":{"x":1,"y":2}}"#),
    ]

    @Test(arguments: appendix + further) func `a patch gives the document that it says, or nothing`(_ example: Case) throws {
        let document = try JSONValue(parsing: Array(example.document.utf8))
        let result = try? JSONPatch(try JSONValue(parsing: Array(example.patch.utf8))).applied(to: document)
        switch example.result {
        case nil: #expect(result == nil)
        case let expected?: #expect(try result?.means(JSONValue(parsing: Array(expected.utf8))) == true)
        }
    }

    @Test func `a failure names the operation and the place, not the values`() throws {
        let patch = try JSONPatch([["op": "test", "path": "/question", "value": "secret"]])
        let error = try #require(throws: JSONPatch.Failure.self) { try patch.applied(to: ["question": "my card 4111"]) }
        #expect(error.description == "operation 0 of the patch: /question is not what the test expects")
    }
}

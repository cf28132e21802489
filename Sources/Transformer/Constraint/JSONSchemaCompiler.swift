/// Makes rules of a JSON Schema, and refuses what they would not honour.
struct JSONSchemaCompiler {
    /// A schema and where it stands, for errors.
    private struct Place {
        let schema: OrderedJSON
        let path: String

        func below(_ steps: String...) -> String { ([self.path] + steps).joined(separator: "/") }
    }

    private static let maximumDepth = 64
    /// How many rules may be followed at once, where alternatives begin alike.
    private static let maximumWidth = 64
    private static let maximumProperties = 256
    private static let annotations: Set<String> = [
        "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment",
    ]
    private static let rootOnly: Set<String> = ["$schema", "$id", "$defs", "definitions"]
    private static let words = ["boolean": ["true", "false"], "null": ["null"]]

    private(set) var rules: [JSONRule] = []
    private var meanings: [Int: Set<JSON>] = [:]
    private var widths: [Int] = []
    private let root: OrderedJSON
    private var definitions: [String: Int] = [:]
    private var open: [String] = []

    private init(_ root: OrderedJSON) { self.root = root }

    /// The rules of a schema, and which of them is that of the whole document.
    static func compile(_ schema: String) throws(TransformerError) -> (rules: [JSONRule], root: Int) {
        let document = try OrderedJSON(schema, source: "The JSON Schema")
        guard let members = document.members else { throw Self.failure("#", "must be an object") }
        var compiler = Self(document)
        let root = OrderedJSON.object(members.filter { !Self.rootOnly.contains($0.name) })
        let rule = try compiler.rule(for: Place(schema: root, path: "#"))
        return (compiler.rules, rule)
    }

    // MARK: - Keywords

    private mutating func rule(for place: Place) throws(TransformerError) -> Int {
        guard let members = place.schema.members else { throw Self.failure(place.path, "must be an object") }
        let keywords = members.map(\.name).filter { !Self.annotations.contains($0) }
        func only(_ allowed: String...) throws(TransformerError) {
            for keyword in keywords where !allowed.contains(keyword) {
                throw Self.failure(place.path, "has \"\(keyword)\", which is not supported here")
            }
        }
        if let reference = place.schema["$ref"] {
            try only("$ref")
            return try self.definition(reference, at: place.path)
        }
        if place.schema["const"] != nil || place.schema["enum"] != nil {
            try only("const", "enum", "type")
            return try self.values(place)
        }
        for keyword in ["anyOf", "oneOf"] {
            guard let alternatives = place.schema[keyword] else { continue }
            try only(keyword)
            return try self.choice(alternatives, at: place.below(keyword), isExclusive: keyword == "oneOf")
        }
        let types = try Self.types(place)
        let known = types.flatMap { Self.keywords[$0] ?? [] }
        for keyword in keywords where keyword != "type" && !known.contains(keyword) {
            throw Self.failure(place.path, "has \"\(keyword)\", which is not supported here")
        }
        var rules: [Int] = []
        for type in types { rules.append(try self.rule(ofType: type, place)) }
        return rules.count == 1 ? rules[0] : try self.add(.choice(rules), at: place.path)
    }

    /// The keywords that each type takes.
    private static let keywords: [String: [String]] = [
        "object": ["properties", "required", "additionalProperties"], "array": ["items", "minItems", "maxItems"],
        "string": ["minLength", "maxLength"], "boolean": [], "null": [],
        "number": ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
        "integer": ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
    ]

    private static func types(_ place: Place) throws(TransformerError) -> [String] {
        guard let type = place.schema["type"] else {
            throw self.failure(place.path, "needs a \"type\", \"enum\", \"const\", \"anyOf\", \"oneOf\" or \"$ref\"")
        }
        let names = type.string.map { [$0] } ?? type.elements?.map { $0.string ?? "" } ?? []
        guard !names.isEmpty, Set(names).count == names.count, names.allSatisfy({ self.keywords[$0] != nil }) else {
            throw self.failure(place.path, "has a \"type\" that is none of JSON Schema's")
        }
        // Every integer is a number too, and one way to write it is enough.
        return names.contains("number") ? names.filter { $0 != "integer" } : names
    }

    private mutating func rule(ofType type: String, _ place: Place) throws(TransformerError) -> Int {
        switch type {
        case "object": return try self.object(place)
        case "array":
            let count = try Self.range(place, "minItems", "maxItems")
            guard count.upperBound > 0 else { return try self.add(.array(items: 0, count: count), at: place.path) }
            guard let items = place.schema["items"] else { throw Self.failure(place.path, "needs \"items\"") }
            let rule = try self.rule(for: Place(schema: items, path: place.below("items")))
            return try self.add(.array(items: rule, count: count), at: place.path)
        case "string":
            return try self.add(.string(length: Self.range(place, "minLength", "maxLength")), at: place.path)
        case "number", "integer":
            return try self.add(.number(Self.numbers(place, isInteger: type == "integer")), at: place.path)
        default: return try self.add(words: Self.words[type] ?? [], at: place.path)
        }
    }

    private mutating func object(_ place: Place) throws(TransformerError) -> Int {
        if let more = place.schema["additionalProperties"], more.meaning != .bool(false) {
            throw Self.failure(place.path, "has \"additionalProperties\", which can only be false")
        }
        guard let properties = (place.schema["properties"] ?? .object([])).members else {
            throw Self.failure(place.path, "has \"properties\" that are no object")
        }
        guard properties.count <= Self.maximumProperties else {
            throw Self.failure(place.path, "has more than \(Self.maximumProperties) properties")
        }
        let required = (place.schema["required"] ?? .array([])).elements?.map(\.string) ?? [nil]
        for name in required where !properties.contains(where: { $0.name == name }) {
            throw Self.failure(place.path, "has \"required\" with a name that is none of its properties")
        }
        var members: [JSONObjectRule.Member] = []
        for property in properties {
            let rule = try self.rule(
                for: Place(schema: property.value, path: place.below("properties", property.name)))
            members.append(
                JSONObjectRule.Member(name: property.name, rule: rule, isRequired: required.contains(property.name)))
        }
        return try self.add(.object(JSONObjectRule(members)), at: place.path)
    }

    private mutating func values(_ place: Place) throws(TransformerError) -> Int {
        var values = place.schema["const"].map { [$0] } ?? place.schema["enum"]?.elements ?? []
        if place.schema["const"] != nil, let allowed = place.schema["enum"]?.elements {
            values = values.filter { value in allowed.contains { $0.meaning == value.meaning } }
        }
        if place.schema["type"] != nil {
            let types = try Self.types(place)
            values = values.filter { value in types.contains { Self.is(value, $0) } }
        }
        guard !values.isEmpty else { throw Self.failure(place.path, "allows no value") }
        let rule = try self.add(words: values.map(\.compact), at: place.path)
        self.meanings[rule] = Set(values.map(\.meaning))
        return rule
    }

    private mutating func choice(
        _ alternatives: OrderedJSON, at path: String, isExclusive: Bool
    ) throws(TransformerError) -> Int {
        guard let alternatives = alternatives.elements, !alternatives.isEmpty else {
            throw Self.failure(path, "must be an array that is not empty")
        }
        var rules: [Int] = []
        for (index, schema) in alternatives.enumerated() {
            let rule = try self.rule(for: Place(schema: schema, path: "\(path)/\(index)"))
            if isExclusive, let other = rules.firstIndex(where: { !self.areDisjoint($0, rule) }) {
                throw Self.failure(
                    path, "has alternatives \(other) and \(index), which are not told apart by type, values or members")
            }
            rules.append(rule)
        }
        return try self.add(.choice(rules), at: path)
    }

    private mutating func definition(_ reference: OrderedJSON, at path: String) throws(TransformerError) -> Int {
        let text = reference.string ?? ""
        if let rule = self.definitions[text] { return rule }
        guard !self.open.contains(text), text != "#" else {
            throw Self.failure(path, "has a \"$ref\" to \(text), which contains itself; recursion is not supported")
        }
        let steps = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard steps.count == 3, steps[0] == "#", ["$defs", "definitions"].contains(steps[1]),
            let schema = self.root[steps[1]]?[steps[2].replacing("~1", with: "/").replacing("~0", with: "~")]
        else { throw Self.failure(path, "has a \"$ref\" to \(text), which is no definition of this schema") }
        guard self.open.count < Self.maximumDepth else {
            throw Self.failure(path, "has a \"$ref\" more than \(Self.maximumDepth) deep")
        }
        self.open.append(text)
        let rule = try self.rule(for: Place(schema: schema, path: text))
        self.open.removeLast()
        self.definitions[text] = rule
        return rule
    }

    // MARK: - Numbers of things

    private static func range(
        _ place: Place, _ least: String, _ most: String
    ) throws(TransformerError) -> ClosedRange<Int> {
        func number(_ keyword: String, default value: Int) throws(TransformerError) -> Int {
            guard let written = place.schema[keyword] else { return value }
            guard let number = written.integer, number >= 0 else {
                throw self.failure(place.path, "has a \"\(keyword)\" that is no whole number from 0")
            }
            return number
        }
        let lower = try number(least, default: 0)
        let upper = try number(most, default: Int.max)
        guard lower <= upper else { throw self.failure(place.path, "allows no value: \(least) is above \(most)") }
        return lower...upper
    }

    private static func numbers(_ place: Place, isInteger: Bool) throws(TransformerError) -> JSONNumberRange {
        var range = JSONNumberRange(isInteger: isInteger)
        for keyword in self.keywords["number"] ?? [] {
            guard let bound = place.schema[keyword] else { continue }
            let isExclusive = keyword.hasPrefix("exclusive")
            let isExact =
                keyword.hasSuffix("inimum")
                ? bound.number.map { range.raise(to: $0, exclusive: isExclusive) }
                : bound.number.map { range.cut(to: $0, exclusive: isExclusive) }
            guard isExact == true else {
                throw self.failure(
                    place.path,
                    "has a \"\(keyword)\" that is no number of at most 15 digits before the point and 15 after it")
            }
        }
        guard !range.isEmpty else { throw self.failure(place.path, "allows no number") }
        return range
    }

    // MARK: - Rules

    private mutating func add(words: [String], at path: String) throws(TransformerError) -> Int {
        let distinct = Set(words).map { (bytes: Array($0.utf8), value: 0) }
        let rule = try self.add(.words(ByteWords(distinct)), at: path)
        self.meanings[rule] = Set(words.map { $0 == "null" ? .null : .bool($0 == "true") })
        return rule
    }

    private mutating func add(_ rule: JSONRule, at path: String) throws(TransformerError) -> Int {
        let width =
            switch rule {
            case .words, .string, .number: 1
            case .array(let items, let count): count.upperBound == 0 ? 1 : self.widths[items]
            case .object(let object): object.members.map { self.widths[$0.rule] }.max() ?? 1
            case .choice(let rules): rules.reduce(0) { $0 + self.widths[$1] }
            }
        guard width <= Self.maximumWidth else {
            throw Self.failure(path, "has more than \(Self.maximumWidth) alternatives at one place")
        }
        self.rules.append(rule)
        self.widths.append(width)
        return self.rules.count - 1
    }

    /// Whether no document is allowed by both rules, as far as their types, values and required members tell.
    private func areDisjoint(_ left: Int, _ right: Int) -> Bool {
        switch (self.rules[left], self.rules[right]) {
        case (.choice(let rules), _): rules.allSatisfy { self.areDisjoint($0, right) }
        case (_, .choice(let rules)): rules.allSatisfy { self.areDisjoint(left, $0) }
        case (.words, .words):
            (self.meanings[left] ?? []).isDisjoint(with: self.meanings[right] ?? [])
        case (.words, let other): !(self.meanings[left] ?? []).contains { Self.hasKind(of: other, $0) }
        case (let other, .words): !(self.meanings[right] ?? []).contains { Self.hasKind(of: other, $0) }
        case (.string, .string), (.number, .number), (.array, .array): false
        case (.object(let first), .object(let second)):
            self.isToldApart(first, from: second) || self.isToldApart(second, from: first)
        default: true
        }
    }

    /// Whether an object needs a member that the other lacks, or has only with other values.
    private func isToldApart(_ first: JSONObjectRule, from second: JSONObjectRule) -> Bool {
        first.members.contains { member in
            guard member.isRequired else { return false }
            return second.members.first { $0.name == member.name }.map { self.areDisjoint(member.rule, $0.rule) }
                ?? true
        }
    }

    private static func hasKind(of rule: JSONRule, _ value: JSON) -> Bool {
        switch (rule, value) {
        case (.string, .string), (.number, .number), (.array, .array), (.object, .object): true
        default: false
        }
    }

    private static func `is`(_ value: OrderedJSON, _ type: String) -> Bool {
        switch (type, value.meaning) {
        case ("object", .object), ("array", .array), ("string", .string), ("number", .number), ("boolean", .bool),
            ("null", .null):
            true
        case ("integer", .number(let number)): number.rounded() == number
        default: false
        }
    }

    private static func failure(_ path: String, _ reason: String) -> TransformerError {
        TransformerError(.unsupported, "The JSON Schema at \(path) \(reason).")
    }
}

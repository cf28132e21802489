/// Changes to a JSON document (RFC 6902), applied one after the other: all of them, or none.
public struct JSONPatch: Sendable, Hashable {
    public enum Operation: Sendable, Hashable {
        case add(JSONPointer, JSONValue)
        case remove(JSONPointer)
        case replace(JSONPointer, JSONValue)
        case move(from: JSONPointer, to: JSONPointer)
        case copy(from: JSONPointer, to: JSONPointer)
        case test(JSONPointer, JSONValue)
    }

    /// Why a patch cannot be read, or does not fit a document. It quotes places and never values.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The operation, counted from 0; nil for the patch as a whole.
        public let operation: Int?
        public let reason: String

        public var description: String {
            self.operation.map { "operation \($0) of the patch: \(self.reason)" } ?? "the patch \(self.reason)"
        }
    }

    public let operations: [Operation]
    /// The patch as it was written.
    public let json: JSONValue

    public init(_ json: JSONValue) throws(Failure) {
        guard let elements = json.array else { throw Failure(operation: nil, reason: "must be an array of operations, not \(json.kind)") }
        var operations: [Operation] = []
        for (index, element) in elements.enumerated() {
            do {
                operations.append(try Operation(element))
            } catch {
                throw Failure(operation: index, reason: error.reason)
            }
        }
        self.operations = operations
        self.json = json
    }

    /// The document with every operation applied.
    public func applied(to document: JSONValue) throws(Failure) -> JSONValue {
        var result = document
        for (index, operation) in self.operations.enumerated() {
            do {
                try operation.apply(to: &result)
            } catch {
                throw Failure(operation: index, reason: error.reason)
            }
        }
        return result
    }
}

extension JSONPatch.Operation {
    /// What is wrong with one operation.
    fileprivate struct Misfit: Error {
        let reason: String
        init(_ reason: String) { self.reason = reason }
    }

    fileprivate init(_ json: JSONValue) throws(Misfit) {
        // Members that an operation does not know are to be ignored (section 4).
        guard let members = json.object else { throw Misfit("must be an object, not \(json.kind)") }
        func member(_ name: String) throws(Misfit) -> JSONValue {
            guard let value = members[name] else { throw Misfit("\(name) is required") }
            return value
        }
        func pointer(_ name: String) throws(Misfit) -> JSONPointer {
            guard let pointer = try member(name).string.flatMap({ JSONPointer($0) }) else {
                throw Misfit("\(name) must be a JSON Pointer, such as /question")
            }
            return pointer
        }
        switch try member("op").string {
        case "add": self = .add(try pointer("path"), try member("value"))
        case "remove": self = .remove(try pointer("path"))
        case "replace": self = .replace(try pointer("path"), try member("value"))
        case "move": self = .move(from: try pointer("from"), to: try pointer("path"))
        case "copy": self = .copy(from: try pointer("from"), to: try pointer("path"))
        case "test": self = .test(try pointer("path"), try member("value"))
        default: throw Misfit("op must be add, remove, replace, move, copy or test")
        }
    }

    fileprivate func apply(to document: inout JSONValue) throws(Misfit) {
        switch self {
        case .add(let place, let value): try document.add(value, at: place.tokens[...], of: place)
        case .remove(let place): _ = try document.remove(at: place.tokens[...], of: place)
        case .replace(let place, let value):
            _ = try document.value(at: place)
            try document.replace(at: place.tokens[...], with: value)
        case .move(let from, let place):
            guard !from.contains(place) else { throw Misfit("a value cannot be moved into itself") }
            let value = try document.value(at: from)
            if from == place { return }
            _ = try document.remove(at: from.tokens[...], of: from)
            try document.add(value, at: place.tokens[...], of: place)
        case .copy(let from, let place): try document.add(try document.value(at: from), at: place.tokens[...], of: place)
        case .test(let place, let value):
            guard try document.value(at: place).means(value) else { throw Misfit("\(place) is not what the test expects") }
        }
    }
}

extension JSONValue {
    fileprivate typealias Misfit = JSONPatch.Operation.Misfit

    private static func missing(_ place: JSONPointer) -> Misfit { Misfit("there is nothing at \(place)") }

    fileprivate func value(at place: JSONPointer) throws(Misfit) -> JSONValue {
        var value = self
        for token in place.tokens {
            guard let inner = value.child(token) else { throw Self.missing(place) }
            value = inner
        }
        return value
    }

    private func child(_ token: String) -> JSONValue? {
        switch self {
        case .object(let object): object[token]
        case .array(let array): JSONPointer.index(token, in: array.count).map { array[$0] }
        default: nil
        }
    }

    fileprivate mutating func add(_ value: JSONValue, at tokens: ArraySlice<String>, of place: JSONPointer) throws(Misfit) {
        guard let token = tokens.first else {
            self = value
            return
        }
        if tokens.count > 1 {
            guard var inner = self.child(token) else { throw Self.missing(place) }
            try inner.add(value, at: tokens.dropFirst(), of: place)
            try self.replace(at: [token], with: inner)
            return
        }
        switch self {
        case .object(var object):
            object[token] = value
            self = .object(object)
        case .array(var array):
            // One past the end, also written -, appends.
            guard let index = token == "-" ? array.count : JSONPointer.index(token, in: array.count + 1) else { throw Self.missing(place) }
            array.insert(value, at: index)
            self = .array(array)
        default: throw Self.missing(place)
        }
    }

    fileprivate mutating func remove(at tokens: ArraySlice<String>, of place: JSONPointer) throws(Misfit) -> JSONValue {
        guard let token = tokens.first else { throw Misfit("the whole document cannot be removed") }
        guard var inner = self.child(token) else { throw Self.missing(place) }
        if tokens.count > 1 {
            let removed = try inner.remove(at: tokens.dropFirst(), of: place)
            try self.replace(at: [token], with: inner)
            return removed
        }
        if case .object(var object) = self {
            object[token] = nil
            self = .object(object)
        } else if case .array(var array) = self, let index = JSONPointer.index(token, in: array.count) {
            array.remove(at: index)
            self = .array(array)
        }
        return inner
    }

    /// Puts a value in the place of one that is known to be there.
    fileprivate mutating func replace(at tokens: ArraySlice<String>, with value: JSONValue) throws(Misfit) {
        guard let token = tokens.first else {
            self = value
            return
        }
        var inner = self.child(token) ?? .null
        try inner.replace(at: tokens.dropFirst(), with: value)
        if case .object(var object) = self {
            object[token] = inner
            self = .object(object)
        } else if case .array(var array) = self, let index = JSONPointer.index(token, in: array.count) {
            array[index] = inner
            self = .array(array)
        }
    }
}

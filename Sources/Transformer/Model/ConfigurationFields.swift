/// The members of a configuration object, of which every one must be read or known to change nothing.
struct ConfigurationFields {
    private let members: [String: JSON]
    private let source: String
    private var read: Set<String> = []

    init(_ json: JSON, source: String) throws(TransformerError) {
        guard let members = json.object else { throw TransformerError(.malformed, "\(source) is no JSON object.") }
        self.members = members.filter { !$0.value.isNull }
        self.source = source
    }

    /// The member, and notes that it was read.
    mutating func value(_ name: String) -> JSON? {
        self.read.insert(name)
        return self.members[name]
    }

    mutating func string(_ name: String) throws(TransformerError) -> String? {
        guard let value = self.value(name) else { return nil }
        guard let text = value.string else { throw self.malformed(name, "a string") }
        return text
    }

    mutating func bool(_ name: String) throws(TransformerError) -> Bool? {
        guard let value = self.value(name) else { return nil }
        guard let bool = value.bool else { throw self.malformed(name, "true or false") }
        return bool
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(TransformerError) -> Int? {
        guard let value = self.value(name) else { return nil }
        guard let integer = value.integer, range.contains(integer) else {
            throw self.malformed(name, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    mutating func requiredInteger(_ name: String, in range: ClosedRange<Int>) throws(TransformerError) -> Int {
        guard let integer = try self.integer(name, in: range) else { throw self.missing(name) }
        return integer
    }

    /// A positive number.
    mutating func positive(_ name: String) throws(TransformerError) -> Float? {
        guard let value = self.value(name) else { return nil }
        guard let number = value.double, Float(number) > 0, Float(number).isFinite else {
            throw self.malformed(name, "a positive number")
        }
        return Float(number)
    }

    mutating func requiredPositive(_ name: String) throws(TransformerError) -> Float {
        guard let number = try self.positive(name) else { throw self.missing(name) }
        return number
    }

    /// Accepts only values that are computed as they mean.
    mutating func require(_ name: String, _ accepted: String, _ isHonoured: (JSON) -> Bool) throws(TransformerError) {
        guard let value = self.value(name), !isHonoured(value) else { return }
        throw TransformerError(
            .unsupported, "\(self.source): this value of \"\(name)\" is not supported; supported: \(accepted).")
    }

    /// Fails on the first member that was neither read nor is in `ignored`.
    func finish(ignoring ignored: Set<String>) throws(TransformerError) {
        for name in self.members.keys.sorted() where !self.read.contains(name) && !ignored.contains(name) {
            throw TransformerError(
                .unsupported,
                "\(self.source): the field \"\(name.prefix(80))\" is not supported. If it does not change what the "
                    + "model computes, remove it.")
        }
    }

    func malformed(_ name: String, _ expected: String) -> TransformerError {
        TransformerError(.malformed, "\(self.source): \"\(name)\" must be \(expected).")
    }

    func missing(_ name: String) -> TransformerError {
        TransformerError(.missing, "\(self.source) lacks \"\(name)\".")
    }
}

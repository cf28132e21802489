/// A field table: names and values in the order in which they are on the wire.
///
/// A name may occur twice in what others send; the subscript finds the first.
public struct AMQPTable: Sendable, Hashable {
    /// One name with its value.
    public struct Entry: Sendable, Hashable {
        public var name: String
        public var value: AMQPValue

        public init(_ name: String, _ value: AMQPValue) {
            self.name = name
            self.value = value
        }
    }

    /// Levels of tables and arrays within each other that are read and written. What a stranger nests deeper is not
    /// read (``AMQPProperties/malformed``): releasing such a value alone could overflow a thread's stack.
    public static let maximumDepth = 64

    public var entries: [Entry]

    public init(_ entries: [Entry] = []) {
        self.entries = entries
    }

    /// The first value of that name. Setting replaces it in place, appends, or with `nil` removes every one.
    public subscript(name: String) -> AMQPValue? {
        get { self.entries.first { $0.name == name }?.value }
        set {
            guard let newValue else { return self.entries.removeAll { $0.name == name } }
            if let index = self.entries.firstIndex(where: { $0.name == name }) {
                self.entries[index].value = newValue
            } else {
                self.entries.append(Entry(name, newValue))
            }
        }
    }

    public var isEmpty: Bool { self.entries.isEmpty }

    /// Bytes that the table takes on the wire, its length field included.
    var encodedSize: Int {
        self.entries.reduce(4) { $0 + 1 + $1.name.utf8.count + $1.value.encodedSize }
    }

    /// Throws when the table cannot be sent: a name over 255 bytes, or nesting beyond ``maximumDepth``.
    func validate(depth: Int = 1) throws(AMQPError) {
        for entry in self.entries {
            guard entry.name.utf8.count <= 255 else {
                throw AMQPError(.invalidArgument, "a table holds a name of \(entry.name.utf8.count) bytes; 255 fit")
            }
            try entry.value.validate(depth: depth)
        }
    }
}

extension AMQPValue {
    fileprivate func validate(depth: Int) throws(AMQPError) {
        guard depth <= AMQPTable.maximumDepth else {
            throw AMQPError(.invalidArgument, "a table is nested more than \(AMQPTable.maximumDepth) levels deep")
        }
        switch self {
        case .table(let table): try table.validate(depth: depth + 1)
        case .array(let values): for value in values { try value.validate(depth: depth + 1) }
        default: break
        }
    }
}

extension AMQPTable: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, AMQPValue)...) {
        self.init(elements.map { Entry($0.0, $0.1) })
    }
}

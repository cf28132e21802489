/// Reads the fields of a GGUF file one after the other, each length and count held against the bytes that are left.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
struct GGUFReader {
    /// The types of metadata values.
    private enum ValueType: UInt32 {
        case u8 = 0
        case i8, u16, i16, u32, i32, f32, bool, string, array, u64, i64, f64

        /// The fewest bytes that a value takes.
        var minimumSize: Int {
            switch self {
            case .u8, .i8, .bool: 1
            case .u16, .i16: 2
            case .u32, .i32, .f32: 4
            case .string, .u64, .i64, .f64: 8
            case .array: 12
            }
        }
    }

    /// Longer than any name or chat template, and far below what would strain the memory.
    private static let maximumStringSize = 1 << 24
    /// Elements of all arrays of a file together; a vocabulary of 256,000 tokens makes less than a million.
    private static let maximumElements = 1 << 24

    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private(set) var offset = 0
    private var elements = 0

    init(_ bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    private var remaining: Int { self.bytes.count - self.offset }

    /// A little-endian integer.
    mutating func read<T: FixedWidthInteger>(_ type: T.Type) throws(TransformerError) -> T {
        let size = MemoryLayout<T>.size
        guard self.remaining >= size else { throw self.malformed("it ends inside a field") }
        defer { self.offset += size }
        return T(littleEndian: self.bytes.loadUnaligned(fromByteOffset: self.offset, as: T.self))
    }

    /// A count of items that take at least `minimumSize` bytes each.
    mutating func readCount(
        of items: String, minimumSize: Int, limit: Int
    ) throws(TransformerError) -> Int {
        let count = try self.read(UInt64.self)
        guard count <= UInt64(self.remaining / minimumSize) else {
            throw self.malformed("it claims \(count) \(items), more than its bytes can hold")
        }
        guard count <= UInt64(limit) else {
            throw TransformerError(.limitExceeded, "\(self.path) has \(count) \(items); at most \(limit) are read.")
        }
        return Int(count)
    }

    mutating func readString() throws(TransformerError) -> String {
        let size = try self.readCount(of: "bytes of a string", minimumSize: 1, limit: Self.maximumStringSize)
        defer { self.offset += size }
        guard let text = String(validating: self.bytes[self.offset..<self.offset + size], as: UTF8.self) else {
            throw self.malformed("a string is not UTF-8")
        }
        return text
    }

    /// A type and a value of it.
    mutating func readValue(of key: String) throws(TransformerError) -> GGUFValue {
        let type = try self.readType(of: key)
        guard type == .array else { return try self.readScalar(type, of: key) }
        let elementType = try self.readType(of: key)
        guard elementType != .array else {
            throw TransformerError(
                .unsupported, "\(self.path): the metadata \"\(key.prefix(80))\" is an array of arrays.")
        }
        let count = try self.readCount(
            of: "elements of \"\(key.prefix(80))\"", minimumSize: elementType.minimumSize,
            limit: Self.maximumElements - self.elements)
        self.elements += count
        switch elementType {
        case .string:
            return .strings(try self.readElements(count) { reader throws(TransformerError) in try reader.readString() })
        case .bool:
            return .bools(
                try self.readElements(count) { reader throws(TransformerError) in try reader.readBool(of: key) })
        case .f32, .f64:
            return .numbers(
                try self.readElements(count) { reader throws(TransformerError) in try reader.readNumber(elementType) })
        default:
            return .integers(
                try self.readElements(count) { reader throws(TransformerError) in
                    try reader.readInteger(elementType, of: key)
                })
        }
    }

    private mutating func readType(of key: String) throws(TransformerError) -> ValueType {
        let number = try self.read(UInt32.self)
        guard let type = ValueType(rawValue: number) else {
            throw self.malformed("the metadata \"\(key.prefix(80))\" has the unknown type \(number)")
        }
        return type
    }

    private mutating func readElements<Element>(
        _ count: Int, _ read: (inout Self) throws(TransformerError) -> Element
    ) throws(TransformerError) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<count { elements.append(try read(&self)) }
        return elements
    }

    private mutating func readScalar(_ type: ValueType, of key: String) throws(TransformerError) -> GGUFValue {
        switch type {
        case .string: .string(try self.readString())
        case .bool: .bool(try self.readBool(of: key))
        case .f32, .f64: .number(try self.readNumber(type))
        default: .integer(try self.readInteger(type, of: key))
        }
    }

    private mutating func readBool(of key: String) throws(TransformerError) -> Bool {
        let byte = try self.read(UInt8.self)
        guard byte <= 1 else { throw self.malformed("the metadata \"\(key.prefix(80))\" is neither true nor false") }
        return byte == 1
    }

    private mutating func readNumber(_ type: ValueType) throws(TransformerError) -> Double {
        type == .f32
            ? Double(Float(bitPattern: try self.read(UInt32.self))) : Double(bitPattern: try self.read(UInt64.self))
    }

    private mutating func readInteger(_ type: ValueType, of key: String) throws(TransformerError) -> Int {
        switch type {
        case .u8: return Int(try self.read(UInt8.self))
        case .i8: return Int(try self.read(Int8.self))
        case .u16: return Int(try self.read(UInt16.self))
        case .i16: return Int(try self.read(Int16.self))
        case .u32: return Int(try self.read(UInt32.self))
        case .i32: return Int(try self.read(Int32.self))
        case .i64: return Int(try self.read(Int64.self))
        default:
            guard let value = Int(exactly: try self.read(UInt64.self)) else {
                throw self.malformed("the metadata \"\(key.prefix(80))\" is an integer beyond 63 bits")
            }
            return value
        }
    }

    func malformed(_ reason: String) -> TransformerError {
        TransformerError(.malformed, "\(self.path) is not a valid GGUF file: \(reason).")
    }
}

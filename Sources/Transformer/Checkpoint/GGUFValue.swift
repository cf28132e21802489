/// A value of a GGUF file's metadata. Integers of every width become `Int`, floats of both widths `Double`.
enum GGUFValue: Sendable, Hashable {
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case string(String)
    case integers([Int])
    case numbers([Double])
    case bools([Bool])
    case strings([String])

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var integers: [Int]? { if case .integers(let value) = self { value } else { nil } }
    var numbers: [Double]? { if case .numbers(let value) = self { value } else { nil } }
    var strings: [String]? { if case .strings(let value) = self { value } else { nil } }

    /// Any number, as a double.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

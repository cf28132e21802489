extension String {
    /// Appends text that cannot leave its line nor change how a terminal shows what surrounds it.
    ///
    /// Quotes and backslashes are escaped as in JSON. So is every control character, line or paragraph separator and
    /// invisible format character, among them the escape that starts an ANSI sequence and the bidirectional overrides.
    mutating func appendEscaped(_ text: String) {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        guard !isPlain else {
            self += text
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": self += "\\\""
            case "\\": self += "\\\\"
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            case _ where scalar.isUnsafeInLog:
                for unit in UTF16.encode(scalar) ?? .init() {
                    let digits = String(unit, radix: 16)
                    self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: self.unicodeScalars.append(scalar)
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isUnsafeInLog: Bool {
        switch self.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

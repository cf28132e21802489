/// A currency, named by its ISO 4217 code.
public struct Currency: Sendable, Hashable {
    /// Three capital letters, such as `USD`.
    public let code: String

    /// Takes any code of three capital ASCII letters; `nil` for anything else.
    public init?(code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else {
            return nil
        }
        self.code = code
    }

    private init(known code: String) {
        self.code = code
    }

    public static let usd = Currency(known: "USD")
    public static let cny = Currency(known: "CNY")
    public static let hkd = Currency(known: "HKD")
    public static let eur = Currency(known: "EUR")
    public static let gbp = Currency(known: "GBP")
    public static let jpy = Currency(known: "JPY")

    /// Decimal places of the smallest unit in accounts, from ISO 4217 (list one): 2 unless the list says otherwise.
    public var minorUnits: Int {
        switch self.code {
        case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF",
            "XPF":
            0
        case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
        case "CLF", "UYW": 4
        default: 2
        }
    }

    /// The sign that amounts are written with; the code where there is none in common use.
    ///
    /// CNY and JPY share `¥`: a text that may hold both has to use the code.
    public var symbol: String {
        switch self.code {
        case "USD": "$"
        case "CNY", "JPY": "¥"
        case "EUR": "€"
        case "GBP": "£"
        case "HKD": "HK$"
        default: self.code
        }
    }
}

extension Currency: CustomStringConvertible {
    public var description: String { self.code }
}

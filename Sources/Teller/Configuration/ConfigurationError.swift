/// A setting that cannot be used: which one, what it was, and what it takes.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The name of the environment variable, or of the option.
    public let variable: String
    /// What it was set to; `nil` when it was not set, or is a secret.
    public let value: String?
    public let takes: String

    init(_ key: String, got value: String?, takes: String) {
        self.variable = SettingsSource.variable(key)
        self.value = value
        self.takes = takes
    }

    init(option: String, got value: String, takes: String) {
        self.variable = option
        self.value = value
        self.takes = takes
    }

    public var description: String {
        "\(self.variable) \(self.value.map { "is \"\($0)\"" } ?? "is not set to anything usable"); it takes \(self.takes)"
    }
}

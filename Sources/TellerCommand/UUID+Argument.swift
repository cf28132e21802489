public import ArgumentParser
public import Foundation

/// An id as an argument; anything else is refused with the usage.
extension UUID: @retroactive ExpressibleByArgument {
    public init?(argument: String) { self.init(uuidString: argument) }
}

import Foundation
import Testing

@testable import Transformer

/// A tiny checkpoint of which one file is spoilt, and the kind of error that must come of it.
struct SpoiltCheckpoint: Sendable, CustomTestStringConvertible {
    let name: String
    let code: TransformerError.Code
    private let spoil: @Sendable (TemporaryDirectory) throws -> Void

    init(
        _ name: String, _ code: TransformerError.Code, _ spoil: @escaping @Sendable (TemporaryDirectory) throws -> Void
    ) {
        self.name = name
        self.code = code
        self.spoil = spoil
    }

    var testDescription: String { self.name }

    /// Loads it, and expects the error soon.
    func expectRefusal() throws {
        let directory = try TemporaryDirectory()
        try TinyCheckpoint().write(to: directory)
        try self.spoil(directory)
        let start = ContinuousClock.now
        let error = #expect(throws: TransformerError.self) { try LanguageModel.load(directory: directory.path) }
        #expect(error?.code == self.code, "\(error?.message ?? "")")
        #expect(error?.message.isEmpty == false)
        #expect(start.duration(to: .now) < .seconds(20))
    }
}

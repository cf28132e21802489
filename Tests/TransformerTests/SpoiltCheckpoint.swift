import Foundation
import Testing

@testable import Transformer

/// A tiny checkpoint of which one file is spoilt, or a spoilt file, and the kind of error that must come of it.
struct SpoiltCheckpoint: Sendable, CustomTestStringConvertible {
    let name: String
    let code: TransformerError.Code
    /// What is loaded, within the directory; the directory itself where this is empty.
    private let file: String
    private let spoil: @Sendable (TemporaryDirectory) throws -> Void

    init(
        _ name: String, _ code: TransformerError.Code, file: String = "",
        _ spoil: @escaping @Sendable (TemporaryDirectory) throws -> Void
    ) {
        self.name = name
        self.file = file
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
        let error = #expect(throws: TransformerError.self) {
            try LanguageModel.load(path: self.file.isEmpty ? directory.path : "\(directory.path)/\(self.file)")
        }
        #expect(error?.code == self.code, "\(error?.message ?? "")")
        #expect(error?.message.isEmpty == false)
        #expect(start.duration(to: .now) < .seconds(20))
    }
}

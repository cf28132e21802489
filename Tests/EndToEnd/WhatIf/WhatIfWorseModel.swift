import Assistant
import Foundation

/// The embedded model with some of its weights disturbed: a candidate that somebody trained badly.
struct WhatIfWorseModel {
    let folder: String

    /// - Parameter stride: Of so many weights one has its sign turned.
    init(in folder: String, stride step: Int) throws {
        self.folder = folder + "/worse-\(step)"
        try? FileManager.default.removeItem(atPath: self.folder)
        try FileManager.default.copyItem(atPath: EmbeddedModel.directory, toPath: self.folder)
        let file = URL(fileURLWithPath: self.folder + "/model.safetensors")
        var bytes = [UInt8](try Data(contentsOf: file))
        // Eight bytes of length, the header, then the tensors: here in bfloat16, little-endian, so a sign is every other byte's first bit.
        let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        for sign in stride(from: 8 + header + 1, to: bytes.count, by: 2 * step) { bytes[sign] ^= 0x80 }
        try Data(bytes).write(to: file)
    }
}

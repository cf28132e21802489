import Foundation
import Testing

@testable import Transformer

@Suite struct HostileSafeTensorsTests {
    private static let norm = "model.norm.weight"

    /// Otherwise right weights of which the header or the bytes are changed.
    private static func weights(
        _ name: String, _ code: TransformerError.Code, _ change: @escaping @Sendable (inout SafeTensorsBuilder) -> Void
    ) -> SpoiltCheckpoint {
        SpoiltCheckpoint(name, code) { directory in
            var builder = TinyCheckpoint().weights
            change(&builder)
            try directory.write(builder.data, to: "model.safetensors")
        }
    }

    /// A file of this header, 64 bytes of tensors, and perhaps another header length than it has.
    private static func file(
        _ name: String, _ code: TransformerError.Code, _ header: String, length: UInt64? = nil
    ) -> SpoiltCheckpoint {
        SpoiltCheckpoint(name, code) { directory in
            let data = SafeTensorsBuilder.file(Data(header.utf8), Data(count: 64), length: length)
            try directory.write(data, to: "model.safetensors")
        }
    }

    /// A file whose header has these members.
    private static func header(_ name: String, _ code: TransformerError.Code, _ members: String...) -> SpoiltCheckpoint
    {
        Self.file(name, code, "{\(members.joined(separator: ","))}")
    }

    private static func tensor(_ name: String, _ type: String, _ shape: String, _ offsets: String) -> String {
        #""\#(name)":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}"#
    }

    static let cases: [SpoiltCheckpoint] = [
        SpoiltCheckpoint("an empty file", .malformed) { try $0.write("", to: "model.safetensors") },
        SpoiltCheckpoint("seven bytes", .malformed) { try $0.write("1234567", to: "model.safetensors") },
        SpoiltCheckpoint("no file", .unreadable) {
            try FileManager.default.removeItem(atPath: "\($0.path)/model.safetensors")
        },
        SpoiltCheckpoint("a directory", .unreadable) { directory in
            try FileManager.default.removeItem(atPath: "\(directory.path)/model.safetensors")
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/model.safetensors", withIntermediateDirectories: false)
        },
        SpoiltCheckpoint("a file cut short", .malformed) { directory in
            try directory.write(TinyCheckpoint().weights.data.dropLast(4), to: "model.safetensors")
        },
        SpoiltCheckpoint("a file that goes on", .malformed) { directory in
            try directory.write(TinyCheckpoint().weights.data + Data(count: 4), to: "model.safetensors")
        },
        file("a header longer than the file", .malformed, "{}", length: 4096),
        file("a header of 2^63 bytes", .limitExceeded, "{}", length: 1 << 63),
        file("a header of 2^64 - 1 bytes", .limitExceeded, "{}", length: .max),
        file("a header of no bytes", .malformed, "", length: 0),
        file("a header that is a list", .malformed, "[]"),
        file("a header that is cut", .malformed, #"{"a":{"dtype":"F32""#),
        file("a header that nests deeply", .malformed, String(repeating: #"{"a":"#, count: 100_000)),
        file("lists that nest deeply", .malformed, #"{"a":"# + String(repeating: "[", count: 100_000)),
        header("a name twice", .malformed, tensor("a", "F32", "[8]", "[0,32]"), tensor("a", "F32", "[8]", "[32,64]")),
        header(
            "metadata that is no text", .malformed, #""__metadata__":{"a":1}"#, tensor("a", "F32", "[16]", "[0,64]")),
        header("a shape whose product overflows", .malformed, tensor("a", "F32", "[4294967296,4294967296]", "[0,64]")),
        header("a shape beyond any integer", .malformed, tensor("a", "F32", "[1e300]", "[0,64]")),
        header("a negative shape", .malformed, tensor("a", "F32", "[-16]", "[0,64]")),
        header("a fractional shape", .malformed, tensor("a", "F32", "[1.5]", "[0,64]")),
        header(
            "a rank of 100,000", .limitExceeded,
            tensor("a", "F32", "[\(String(repeating: "1,", count: 99_999))1]", "[0,4]")),
        header("an unknown type", .malformed, tensor("a", "F99", "[16]", "[0,64]")),
        header("offsets beyond the file", .malformed, tensor("a", "F32", "[32]", "[0,128]")),
        header("offsets that run backwards", .malformed, tensor("a", "F32", "[16]", "[64,0]")),
        header("offsets below 0", .malformed, tensor("a", "F32", "[16]", "[-64,0]")),
        header("three offsets", .malformed, tensor("a", "F32", "[16]", "[0,64,64]")),
        header(
            "tensors that overlap", .malformed, tensor("a", "F32", "[16]", "[0,64]"),
            tensor("b", "F32", "[8]", "[32,64]")),
        header("a gap", .malformed, tensor("a", "F32", "[8]", "[32,64]")),
        header("a size that is not the shape's", .malformed, tensor("a", "F32", "[8]", "[0,64]")),
        header(
            "a tensor that is not aligned", .malformed, tensor("a", "U8", "[2]", "[0,2]"),
            tensor("b", "F32", "[15]", "[2,62]"), tensor("c", "U8", "[2]", "[62,64]")),
        SpoiltCheckpoint("a header that is not UTF-8", .malformed) { directory in
            try directory.write(
                SafeTensorsBuilder.file(Data(#"{""#.utf8) + Data([0xFF]) + Data(#"":{}}"#.utf8), Data(count: 64)),
                to: "model.safetensors")
        },
        weights("a tensor missing", .missing) { builder in
            builder.header["other"] = builder.header.removeValue(forKey: Self.norm)
        },
        weights("a tensor too many", .unsupported) { builder in
            builder.add("model.layers.0.self_attn.q_proj.bias", shape: [36], [Float](repeating: 0, count: 36))
        },
        weights("a wrong shape", .mismatch) { $0.header[Self.norm]?["shape"] = [6, 6] },
        weights("a tensor transposed", .mismatch) { builder in
            builder.header["model.layers.0.mlp.up_proj.weight"]?["shape"] = [36, 52]
        },
        weights("a wrong type", .unsupported) { $0.header[Self.norm]?["dtype"] = "I32" },
        weights("a weight that is not a number", .malformed) { builder in
            builder.body.replaceSubrange(8..<12, with: [0, 0, 0xC0, 0x7F])
        },
        weights("a weight that is infinite", .malformed) { builder in
            builder.body.replaceSubrange(builder.body.count - 4..<builder.body.count, with: [0, 0, 0x80, 0xFF])
        },
    ]

    @Test(.timeLimit(.minutes(1)), arguments: cases)
    func `spoilt weights are refused with a reason, at once`(checkpoint: SpoiltCheckpoint) throws {
        try checkpoint.expectRefusal()
    }
}

import Foundation
import Testing

@testable import Transformer

@Suite struct TokenizerNormalizerTests {
    @Test func `a scalar that the quick check passes stands for itself and composes with nothing before it`() {
        for value: UInt32 in 0..<0x2_FFFF where Normalizer.isInert(value) {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned else { continue }
            guard !(0x3400...0x9FFF).contains(value), !(0xAC00...0xD7A3).contains(value), value < 0x20000 else {
                // Of these every hundredth will do.
                if value % 100 == 0 { #expect(Self.isStable(scalar)) }
                continue
            }
            #expect(scalar.properties.canonicalCombiningClass == .notReordered && Self.isStable(scalar), "\(value)")
        }
    }

    private static func isStable(_ scalar: Unicode.Scalar) -> Bool {
        let text = String(Character(scalar))
        return text.precomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual(text.unicodeScalars)
    }

    @Test func `what composes is flagged: marks, jamo, and the second parts of vowel signs`() {
        for value: UInt32 in [
            0x300, 0x345, 0x591, 0x9BE, 0x9D7, 0xB3E, 0x102E, 0x1161, 0x11A8, 0x3099, 0x309A, 0x1D165,
        ] {
            #expect(!Normalizer.isInert(value))
        }
        for value: UInt32 in [0x340, 0x37E, 0x1F77, 0x2000, 0x2126, 0x212A, 0x212B, 0x2329, 0x2ADC, 0xF900, 0x2F800] {
            #expect(!Normalizer.isInert(value))
        }
    }

    @Test func `a text is normalised where it must be`() {
        #expect(
            Normalizer.canonicalComposition.normalize("e\u{301} 余额").unicodeScalars.elementsEqual("é 余额".unicodeScalars)
        )
        let lines = "\r\n\ne\u{301}\r\n\u{301}\n"
        #expect(
            Normalizer.canonicalComposition.normalize(lines).unicodeScalars.elementsEqual(
                lines.precomposedStringWithCanonicalMapping.unicodeScalars))
        #expect(Normalizer.spaces(prefix: true).normalize("a\u{2581}b") == " a b")
        #expect(Normalizer.spaces(prefix: true).normalize("").isEmpty)
        #expect(CharacterAlphabet.spaced("\u{2581}\u{301}\u{2582}\u{2581}".utf8) == Array(" \u{301}\u{2582} ".utf8))
    }
}

import Testing

@testable import Transformer

@Suite struct WrittenTextTests {
    /// The text of pieces that come one after another, and what was taken after each.
    private static func write(
        _ pieces: [[UInt8]], stopStrings: [String]
    ) -> (text: String, taken: [String], isStopped: Bool) {
        var written = WrittenText(stopStrings: stopStrings)
        var taken: [String] = []
        var isStopped = false
        for piece in pieces where !isStopped {
            isStopped = written.append(piece)
            taken.append(written.take())
        }
        written.close()
        taken.append(written.take())
        return (written.text, taken, isStopped)
    }

    @Test(arguments: [
        (["Hello", " wor", "ld. En", "d of it"], ["End"], "Hello world. ", true),
        (["Hello", " wor", "ld. En", "d"], ["end"], "Hello world. End", false),
        (["aab", "aab", "aaac"], ["aabaaaa", "aabaabaaac"], "", true),
        (["a", "b", "c", "d"], ["bcd", "c"], "ab", true),
        (["xabcd"], ["bcd", "abc", "c"], "x", true),
        (["xabcd"], ["bc", "abc"], "x", true),
        (["您好", "。再", "见"], ["。再见"], "您好", true),
        (["stop"], ["stop"], "", true), (["sto"], ["stop"], "sto", false), ([], ["stop"], "", false),
        (["User", ":", " hi"], ["\nUser:"], "User: hi", false),
    ])
    func `the first stop string ends the text before it, wherever pieces begin and end`(
        pieces: [String], stopStrings: [String], text: String, isStopped: Bool
    ) {
        let written = Self.write(pieces.map { Array($0.utf8) }, stopStrings: stopStrings)
        #expect(written.text == text && written.isStopped == isStopped)
        #expect(written.taken.joined() == text)
    }

    @Test func `what is taken is the text, never a part of a stop string, and cut at no character`() {
        var generator = SplitMix64(seed: 3)
        let alphabet = ["a", "b", "é", "中", "😀"]
        func random(_ length: Int) -> String {
            (0..<length).map { _ in alphabet[Int(generator.next() % 5)] }.joined()
        }
        var stopped = 0
        for _ in 0..<400 {
            let whole = Array(random(20).utf8)
            let stops = (0..<3).map { _ in random(1 + Int(generator.next() % 4)) }
            var pieces: [[UInt8]] = []
            var rest = whole[...]
            while !rest.isEmpty {
                pieces.append(Array(rest.prefix(1 + Int(generator.next() % 5))))
                rest = rest.dropFirst(pieces[pieces.count - 1].count)
            }
            let written = Self.write(pieces, stopStrings: stops)
            // The end that comes first, and of stop strings that end there the longest.
            let ends = (1...whole.count).first { end in stops.contains { whole[..<end].ends(with: $0) } }
            let stop = ends.flatMap { end in stops.filter { whole[..<end].ends(with: $0) }.map(\.utf8.count).max() }
            let expected = String(decoding: whole[..<((ends ?? whole.count) - (stop ?? 0))], as: UTF8.self)
            #expect(written.text == expected && written.isStopped == (ends != nil))
            #expect(written.taken.joined() == expected)
            #expect(!written.taken.contains { $0.contains("\u{FFFD}") })
            stopped += written.isStopped ? 1 : 0
        }
        #expect(stopped > 50 && stopped < 400)
    }

    @Test func `bytes that are no characters are replaced in pieces as in the whole`() {
        let bytes: [UInt8] = [0x41, 0xE4, 0xB8, 0x42, 0xFF, 0x80, 0xF0, 0x9F, 0x98, 0xC3, 0x43, 0xF0, 0x9F]
        let written = Self.write(bytes.map { [$0] }, stopStrings: [])
        #expect(written.text == String(decoding: bytes, as: UTF8.self))
        #expect(written.taken.joined() == written.text)
    }
}

extension ArraySlice<UInt8> {
    fileprivate func ends(with text: String) -> Bool { self.suffix(text.utf8.count).elementsEqual(text.utf8) }
}

internal import CKernels
import Testing

@testable import Transformer

@Suite struct AttentionKernelTests {
    private static let (heads, keyValueHeads) = (14, 2)

    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(generator.nextFraction() * 2 - 1) }
    }

    /// Sequences of which neighbours have their first pages in common.
    private final class Sequences {
        let dimension: Int
        let format: kernels_format
        /// Tokens to attend to what is before them, of each sequence.
        let tokens: [Int]
        let position: [Int]
        private let layerSize: Int
        private let pages: [[UnsafeMutableRawPointer?]]
        private let memory: [UnsafeMutableRawPointer]
        private let starts: UnsafeMutablePointer<UnsafeMutableRawPointer?>

        init(tokens: [Int], position: [Int], shared: [Int], dimension: Int, format: kernels_format) {
            (self.tokens, self.position, self.dimension, self.format) = (tokens, position, dimension, format)
            let layerSize = kernels_page_layer_size(Int32(keyValueHeads), Int32(dimension))
            self.layerSize = layerSize
            var (memory, pages): ([UnsafeMutableRawPointer], [[UnsafeMutableRawPointer?]]) = ([], [])
            for index in tokens.indices {
                let count = (position[index] + tokens[index] + 15) / 16
                // What is no number where nothing was written.
                let own = (shared[index]..<count).map { _ in
                    let page = UnsafeMutableRawPointer.allocate(byteCount: 4 * layerSize, alignment: 64)
                    page.initializeMemory(as: UInt8.self, repeating: 0xFF, count: 4 * layerSize)
                    return page
                }
                memory += own
                pages.append((pages.last ?? []).prefix(shared[index]) + own.map(Optional.some))
            }
            (self.memory, self.pages) = (memory, pages)
            self.starts = .allocate(capacity: pages.reduce(0) { $0 + $1.count })
            self.starts.initialize(from: pages.flatMap(\.self), count: pages.reduce(0) { $0 + $1.count })
            for index in tokens.indices {
                let first = shared[index] * 16
                let count = position[index] + tokens[index] - first
                let size = count * keyValueHeads * dimension
                var run = self.run(index)
                (run.tokens, run.position) = (Int32(count), Int32(first))
                kernels_store(
                    format, [run], 1, numbers(size, seed: UInt64(2 * index)), numbers(size, seed: UInt64(2 * index + 1)), 0,
                    Int32(keyValueHeads), Int32(dimension))
            }
        }

        deinit {
            for page in self.memory { page.deallocate() }
            self.starts.deallocate()
        }

        private func run(_ index: Int) -> kernels_sequence {
            kernels_sequence(
                pages: self.starts + self.pages[..<index].reduce(0) { $0 + $1.count }, row: 0,
                tokens: Int32(self.tokens[index]), position: Int32(self.position[index]))
        }

        /// A sequence's queries, the same whatever runs beside it: (tokens × heads × dimension).
        private func queries(_ index: Int) -> [Float] {
            numbers(self.tokens[index] * heads * self.dimension, seed: UInt64(1000 + index)).map { $0 * 6 }
        }

        /// The outputs of some of the sequences, computed together.
        func attend(_ indices: [Int], window: Int, on kernels: borrowing Kernels) -> [[Float]] {
            var row = 0
            let runs = indices.map { index in
                var run = self.run(index)
                run.row = Int32(row)
                row += self.tokens[index]
                return run
            }
            let rowSize = heads * self.dimension
            var out = [Float](repeating: .nan, count: row * rowSize)
            kernels_attend(
                kernels.context, self.format, runs, Int32(runs.count), indices.flatMap(self.queries), &out, 0,
                Int32(heads), Int32(keyValueHeads), Int32(self.dimension), Int32(window))
            return zip(indices, runs).map { index, run in
                Array(out[Int(run.row) * rowSize..<(Int(run.row) + self.tokens[index]) * rowSize])
            }
        }
    }

    @Test(arguments: [8, 12, 16, 64, 80], [(0, kernels_f32), (0, kernels_f16), (50, kernels_f32)])
    func `attention gives the same bits on every processor, alone and beside others, at any number of threads`(
        dimension: Int, variant: (window: Int, format: kernels_format)
    ) {
        // One that is longer than a party, some that share a long prefix, one that shares less of it, and one that is new.
        let sequences = Sequences(
            tokens: [23, 1, 1, 5, 1, 2, 1], position: [100, 150, 159, 130, 90, 49, 0], shared: [0, 5, 5, 5, 5, 2, 0],
            dimension: dimension, format: variant.format)
        let alone = sequences.tokens.indices.map { index in
            sequences.attend([index], window: variant.window, on: Kernels(threads: 1, instructions: kernels_portable))[0]
        }
        #expect(alone.allSatisfy { $0.allSatisfy(\.isFinite) })
        for instructions in [kernels_portable, kernels_avx2, kernels_avx512] {
            for threads in 1...3 {
                let kernels = Kernels(threads: threads, instructions: instructions)
                let together = sequences.attend(Array(alone.indices), window: variant.window, on: kernels)
                #expect(together == alone)
                let some = sequences.attend([4, 2, 6, 1], window: variant.window, on: kernels)
                #expect(some == [alone[4], alone[2], alone[6], alone[1]])
            }
        }
    }
}

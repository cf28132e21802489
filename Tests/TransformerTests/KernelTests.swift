internal import CKernels
import Foundation
import Testing

@testable import Transformer

@Suite struct KernelTests {
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(generator.nextFraction() * 2 - 1) }
    }

    private static func stored(_ values: [Float], as format: kernels_format) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: kernels_weights_size(format, 1, Int32(values.count)))
        kernels_convert(kernels_f32, values, format, &bytes, values.count)
        return bytes
    }

    /// Formats whose numbers stand for themselves.
    private static let plainFormats: [kernels_format] = [kernels_f32, kernels_bf16, kernels_f16]
    private static let packedFormats: [kernels_format] = [kernels_q8, kernels_q4]

    /// A matrix in a format, and its numbers as they are after rounding to it.
    private final class Matrix {
        let rows: Int
        let columns: Int
        let format: kernels_format
        private(set) var rounded: [Float]
        private let weights: UnsafeMutableRawPointer
        private let scales: UnsafeMutablePointer<UInt16>

        init(_ values: [Float], rows: Int, columns: Int, as format: kernels_format) {
            (self.rows, self.columns, self.format, self.rounded) = (rows, columns, format, values)
            let size = (Int32(rows), Int32(columns))
            self.weights = .allocate(byteCount: kernels_weights_size(format, size.0, size.1), alignment: 64)
            self.scales = .allocate(capacity: kernels_scales_size(format, size.0, size.1) / 2)
            if format == kernels_q8 || format == kernels_q4 {
                self.pack(values)
            } else {
                kernels_convert(kernels_f32, values, format, self.weights, values.count)
            }
            let kernel = self.kernel(bias: nil)
            self.rounded = (0..<rows).flatMap { row in
                var numbers = [Float](repeating: .nan, count: columns)
                withUnsafePointer(to: kernel) { kernels_unpack_row($0, Int32(row), &numbers) }
                return numbers
            }
        }

        deinit {
            self.weights.deallocate()
            self.scales.deallocate()
        }

        private func pack(_ values: [Float]) {
            let blocks = (self.columns + 31) / 32
            let panelSize = kernels_weights_size(self.format, 8, Int32(self.columns))
            for panel in 0..<(self.rows + 7) / 8 {
                let rows = panel * 8..<min(self.rows, panel * 8 + 8)
                var (integers, scales): ([Int8], [UInt16]) = ([], [])
                for row in rows {
                    var rowIntegers = [Int8](repeating: 0, count: blocks * 32)
                    var rowScales = [UInt16](repeating: 0, count: blocks)
                    kernels_quantize_row(
                        self.format, Array(values[row * self.columns..<(row + 1) * self.columns]), Int32(self.columns),
                        &rowIntegers, &rowScales)
                    integers += rowIntegers
                    scales += rowScales
                }
                kernels_pack_panel(
                    self.format, integers, scales, Int32(rows.count), Int32(self.columns),
                    self.weights + panel * panelSize, self.scales + panel * blocks * 8)
            }
        }

        func kernel(bias: UnsafePointer<Float>?) -> kernels_matrix {
            kernels_matrix(
                format: self.format, weights: self.weights, scales: self.scales, bias: bias, rows: Int32(self.rows),
                columns: Int32(self.columns))
        }

        /// (tokens × rows)
        func product(_ x: [Float], bias: [Float]? = nil, on kernels: borrowing Kernels) -> [Float] {
            let tokens = x.count / self.columns
            var y = [Float](repeating: .nan, count: tokens * self.rows)
            y.withUnsafeMutableBufferPointer { y in
                let outputs: [UnsafeMutablePointer<Float>?] = [y.baseAddress]
                (bias ?? []).withUnsafeBufferPointer { numbers in
                    let matrices = [self.kernel(bias: bias == nil ? nil : numbers.baseAddress)]
                    kernels_multiply(kernels.context, matrices, 1, x, outputs, Int32(tokens))
                }
            }
            return y
        }
    }

    /// Rows as the 4-bit format takes them: 8-bit integers with one scale for each 32 columns.
    private static func roundedToBytes(_ x: [Float], columns: Int) -> [Float] {
        var rounded = x
        for row in stride(from: 0, to: x.count, by: columns) {
            for first in stride(from: row, to: row + columns, by: 32) {
                let block = first..<min(first + 32, row + columns)
                let scale = (x[block].map { abs($0) }.max() ?? 0) / 127
                for index in block { rounded[index] = (x[index] * (1 / scale)).rounded(.toNearestOrEven) * scale }
            }
        }
        return rounded
    }

    private static func matrix(_ rows: Int, _ columns: Int, as format: kernels_format) -> Matrix {
        Matrix(Self.numbers(rows * columns, seed: 1), rows: rows, columns: columns, as: format)
    }

    @Test(arguments: plainFormats + packedFormats, [1, 7, 8, 24, 32, 100, 513])
    func `a product is the sum of products, in every format and shape`(format: kernels_format, columns: Int) {
        let rows = 29
        let matrix = Self.matrix(rows, columns, as: format)
        let bias = Self.numbers(rows, seed: 2)
        for tokens in [1, 2, 3, 4, 5, 11] {
            let x = Self.numbers(tokens * columns, seed: 3)
            let inputs = format == kernels_q4 ? Self.roundedToBytes(x, columns: columns) : x
            let expected = (0..<tokens * rows).map { index in
                let (token, row) = index.quotientAndRemainder(dividingBy: rows)
                return (0..<columns).reduce(Double(bias[row])) { sum, column in
                    sum + Double(matrix.rounded[row * columns + column]) * Double(inputs[token * columns + column])
                }
            }
            for instructions in [kernels_portable, kernels_avx2, kernels_avx512] {
                let y = matrix.product(x, bias: bias, on: Kernels(threads: 2, instructions: instructions))
                // The 8-bit format rounds the input to one in 65534.
                #expect(largestDifference(y, expected.map(Float.init)) < 1e-3)
            }
        }
    }

    @Test(arguments: plainFormats + packedFormats)
    func `a token's product does not depend on the tokens beside it or on the threads`(format: kernels_format) {
        let (rows, columns, tokens) = (301, 203, 15)
        let matrix = Self.matrix(rows, columns, as: format)
        let x = Self.numbers(tokens * columns, seed: 2)
        for instructions in [kernels_portable, kernels_avx2, kernels_avx512] {
            let together = matrix.product(x, on: Kernels(threads: 2, instructions: instructions))
            for token in 0..<tokens {
                let input = Array(x[token * columns..<(token + 1) * columns])
                let alone = matrix.product(input, on: Kernels(threads: 1, instructions: instructions))
                #expect(alone == Array(together[token * rows..<(token + 1) * rows]))
            }
        }
    }

    @Test(arguments: packedFormats)
    func `packed products are the same bits on every processor`(format: kernels_format) {
        for (rows, columns) in [(8, 32), (43, 100), (64, 512)] {
            let matrix = Self.matrix(rows, columns, as: format)
            let x = Self.numbers(31 * columns, seed: 2)
            let portable = matrix.product(x, on: Kernels(threads: 1, instructions: kernels_portable))
            for instructions in [kernels_avx2, kernels_avx512] {
                #expect(matrix.product(x, on: Kernels(threads: 1, instructions: instructions)) == portable)
            }
        }
    }

    @Test(arguments: packedFormats)
    func `an input that is not finite is not hidden by rounding`(format: kernels_format) {
        let matrix = Self.matrix(8, 64, as: format)
        for bad in [Float.infinity, -.infinity, .nan] {
            var x = Self.numbers(64, seed: 2)
            x[40] = bad
            for portable in [false, true] {
                let y = matrix.product(x, on: Kernels(threads: 1, portable: portable))
                #expect(y.allSatisfy { !$0.isFinite })
            }
        }
        let zeros = [Float](repeating: 0, count: 64)
        #expect(matrix.product(zeros, on: Kernels(threads: 1)) == [Float](repeating: 0, count: 8))
    }

    @Test(arguments: packedFormats)
    func `rounding to a packed format errs by half a step at most`(format: kernels_format) {
        let (rows, columns) = (9, 70)
        let values = Self.numbers(rows * columns, seed: 5)
        let matrix = Matrix(values, rows: rows, columns: columns, as: format)
        // Steps are of the block's largest magnitude, at most 1; the 4-bit scale may also cut off the ends.
        let limit: Float = format == kernels_q8 ? 0.51 / 127 : 1.2 / 8
        #expect(largestDifference(matrix.rounded, values) < limit)
    }

    @Test func `matrices of the same input are multiplied together as each alone`() {
        let columns = 96
        let matrices = [Self.matrix(40, columns, as: kernels_q8), Self.matrix(9, columns, as: kernels_bf16), Self.matrix(700, columns, as: kernels_q4)]
        let x = Self.numbers(5 * columns, seed: 2)
        let kernels = Kernels(threads: 2)
        var buffers = matrices.map { [Float](repeating: .nan, count: 5 * $0.rows) }
        let outputs: [UnsafeMutablePointer<Float>?] = buffers.indices.map { index in
            .allocate(capacity: buffers[index].count)
        }
        defer { for output in outputs { output?.deallocate() } }
        kernels_multiply(
            kernels.context, matrices.map { $0.kernel(bias: nil) }, Int32(matrices.count), x, outputs, 5)
        for (index, matrix) in matrices.enumerated() {
            buffers[index] = Array(UnsafeBufferPointer(start: outputs[index], count: buffers[index].count))
            #expect(buffers[index] == matrix.product(x, on: kernels))
        }
    }

    @Test(arguments: [4, 8, 20, 64], [(0, kernels_f32), (5, kernels_f32), (40, kernels_f32), (0, kernels_f16)])
    func `attention is the softmax of scaled scores over the window`(
        dimension: Int, variant: (window: Int, format: kernels_format)
    ) {
        let window = variant.window
        let (heads, keyValueHeads, position, tokens) = (4, 2, 90, 3)
        let positions = position + tokens
        let q = Self.numbers(tokens * heads * dimension, seed: 1).map { $0 * 8 }
        let keys = Self.numbers(positions * keyValueHeads * dimension, seed: 2)
        let values = Self.numbers(positions * keyValueHeads * dimension, seed: 3)
        var expected = [Float]()
        for token in 0..<tokens {
            for head in 0..<heads {
                let shared = head / (heads / keyValueHeads)
                let last = position + token
                let first = window == 0 ? 0 : max(0, last - window + 1)
                func at(_ p: Int, _ i: Int) -> Int { (p * keyValueHeads + shared) * dimension + i }
                let scores = (first...last).map { p in
                    (0..<dimension).reduce(0.0) {
                        $0 + Double(q[(token * heads + head) * dimension + $1]) * Double(keys[at(p, $1)])
                    } / Double(dimension).squareRoot()
                }
                let peak = scores.max() ?? 0
                let weights = scores.map { exp($0 - peak) }
                let total = weights.reduce(0, +)
                for i in 0..<dimension {
                    expected.append(
                        Float(zip(first...last, weights).reduce(0) { $0 + $1.1 * Double(values[at($1.0, i)]) } / total))
                }
            }
        }
        let layerSize = kernels_page_layer_size(Int32(keyValueHeads), Int32(dimension))
        // Pages begin with another layer's part, and hold what is no number where nothing was written.
        let pages: [UnsafeMutableRawPointer?] = (0..<(positions + 15) / 16).map { _ in
            let page = UnsafeMutableRawPointer.allocate(byteCount: 8 * layerSize, alignment: 64)
            page.initializeMemory(as: UInt8.self, repeating: 0xFF, count: 8 * layerSize)
            return page
        }
        defer { for page in pages { page?.deallocate() } }
        pages.withUnsafeBufferPointer { pages in
            let all = kernels_sequence(pages: pages.baseAddress, row: 0, tokens: Int32(positions), position: 0)
            withUnsafePointer(to: all) {
                kernels_store(variant.format, $0, 1, keys, values, layerSize, Int32(keyValueHeads), Int32(dimension))
            }
            let run = kernels_sequence(
                pages: pages.baseAddress, row: 0, tokens: Int32(tokens), position: Int32(position))
            for instructions in [kernels_portable, kernels_avx2, kernels_avx512] {
                let kernels = Kernels(threads: 2, instructions: instructions)
                var out = [Float](repeating: .nan, count: expected.count)
                withUnsafePointer(to: run) {
                    kernels_attend(
                        kernels.context, variant.format, $0, 1, q, &out, layerSize, Int32(heads),
                        Int32(keyValueHeads), Int32(dimension), Int32(window))
                }
                #expect(largestDifference(out, expected) < (variant.format == kernels_f32 ? 1e-5 : 4e-3))
            }
        }
    }

    @Test(arguments: [1, 8, 13])
    func `norms and the Gaussian unit follow their formulas`(count: Int) {
        let x = Self.numbers(count, seed: 1).map { $0 * 5 }
        let (scale, offset) = (Self.numbers(count, seed: 2), Self.numbers(count, seed: 3))
        let mean = x.reduce(0) { $0 + Double($1) } / Double(count)
        let meanSquare = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
        var result = x
        kernels_layer_norm(x, scale, offset, &result, 1, Int32(count), 1e-5)
        let layerNorm = x.indices.map { index in
            (Double(x[index]) - mean) / (meanSquare - mean * mean + 1e-5).squareRoot() * Double(scale[index])
                + Double(offset[index])
        }
        #expect(largestDifference(result, layerNorm.map(Float.init)) < 1e-3)
        kernels_rms_norm(x, scale, &result, 1, Int32(count), 1e-5)
        let rmsNorm = x.indices.map { Double(x[$0]) / (meanSquare + 1e-5).squareRoot() * Double(scale[$0]) }
        #expect(largestDifference(result, rmsNorm.map(Float.init)) < 1e-5)
        result = x
        kernels_gelu(&result, count)
        let gelu = x.map { value in
            let x = Double(value)
            return x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        }
        #expect(largestDifference(result, gelu.map(Float.init)) < 1e-5)
    }

    @Test(arguments: [1, 8, 13, 16, 50])
    func `the gate is a sigmoid-weighted unit, the same bits on every processor`(count: Int) {
        let gate = Self.numbers(count, seed: 1).map { $0 * 100 }
        let up = Self.numbers(count, seed: 2)
        let expected = zip(gate, up).map { Float(Double($0) / (1 + exp(-Double($0))) * Double($1)) }
        let results = [kernels_portable, kernels_avx2, kernels_avx512].map { instructions in
            let kernels = Kernels(threads: 1, instructions: instructions)
            var result = gate
            kernels_swiglu(kernels.context, &result, up, count)
            #expect(largestDifference(result, expected) < 1e-4)
            return result
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func `every half-precision number survives widening, and rounding goes to the even neighbour`() {
        for format in [kernels_f16, kernels_bf16] {
            let halves = (0...UInt16.max).map(\.self)
            var floats = [Float](repeating: 0, count: halves.count)
            var back = [UInt16](repeating: 0, count: halves.count)
            kernels_convert(format, halves, kernels_f32, &floats, halves.count)
            kernels_convert(kernels_f32, floats, format, &back, halves.count)
            for (half, (value, result)) in zip(halves, zip(floats, back)) where !value.isNaN { #expect(half == result) }
            if format == kernels_f16 {
                #expect(zip(halves, floats).allSatisfy { Float(Float16(bitPattern: $0)) == $1 || $1.isNaN })
            }
        }
        let ties: [Float] = [1 + 0x1p-11, 1 + 3 * 0x1p-11, 0x1p-25, 3 * 0x1p-25, 65519, 65520, -0.0]
        var rounded = [UInt16](repeating: 0, count: ties.count)
        kernels_convert(kernels_f32, ties, kernels_f16, &rounded, ties.count)
        #expect(rounded == ties.map { Float16($0).bitPattern })
    }

    @Test func `the largest come first, the lower index of equals, and NaN last`() {
        let x: [Float] = [2, .nan, 7, 7, -.infinity, 3, 0]
        #expect(kernels_argmax(x, 7) == 2)
        #expect(kernels_argmax([.nan, -1], 2) == 1)
        for count in 1...7 {
            var indices = [Int32](repeating: -1, count: count)
            kernels_top(x, 7, Int32(count), &indices)
            #expect(indices == Array([2, 3, 5, 0, 6, 1, 4].prefix(count)))
        }
        #expect(kernels_argmax([.nan, -.infinity], 2) == 1)
        for count in [255, 256, 300, 1000] {
            // Few different values, so that the largest comes often.
            var many = Self.numbers(count, seed: UInt64(count)).map { ($0 * 4).rounded() }
            #expect(kernels_argmax(many, Int32(count)) == many.firstIndex(of: 4).map(Int32.init))
            many[count - 1] = 5
            many[0] = .nan
            #expect(kernels_argmax(many, Int32(count)) == Int32(count - 1))
        }
    }

    @Test(arguments: plainFormats)
    func `numbers that are not finite are found`(format: kernels_format) {
        for bad in [Float.infinity, -.infinity, .nan] {
            var values = Self.numbers(77, seed: 1)
            #expect(kernels_all_finite(format, Self.stored(values, as: format), 77))
            values[76] = bad
            #expect(!kernels_all_finite(format, Self.stored(values, as: format), 77))
        }
    }
}

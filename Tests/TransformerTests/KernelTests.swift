internal import CKernels
import Foundation
import Testing

@testable import Transformer

@Suite struct KernelTests {
    private static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in Float(generator.nextFraction() * 2 - 1) }
    }

    /// Numbers in a format, and what they are after rounding to it.
    private static func stored(_ values: [Float], as format: WeightFormat) -> (bytes: [UInt8], rounded: [Float]) {
        var bytes = [UInt8](repeating: 0, count: values.count * format.size)
        var rounded = values
        kernels_convert(kernels_f32, values, format.kernel, &bytes, values.count)
        kernels_convert(format.kernel, bytes, kernels_f32, &rounded, values.count)
        return (bytes, rounded)
    }

    @Test(arguments: WeightFormat.allCases, [1, 7, 8, 24, 100, 513])
    func `a product is the sum of products, in every format and shape`(format: WeightFormat, columns: Int) {
        let rows = 29
        let (weights, rounded) = Self.stored(Self.numbers(rows * columns, seed: 1), as: format)
        let bias = Self.numbers(rows, seed: 2)
        for tokens in [1, 2, 3, 4, 5, 11] {
            let x = Self.numbers(tokens * columns, seed: 3)
            let expected = (0..<tokens * rows).map { index in
                let (token, row) = index.quotientAndRemainder(dividingBy: rows)
                return (0..<columns).reduce(Double(bias[row])) { sum, column in
                    sum + Double(rounded[row * columns + column]) * Double(x[token * columns + column])
                }
            }
            for (threads, portable) in [(1, false), (2, false), (1, true)] {
                let kernels = Kernels(threads: threads, portable: portable)
                var y = [Float](repeating: .nan, count: tokens * rows)
                kernels_matmul(
                    kernels.context, format.kernel, weights, bias, x, &y, Int32(rows), Int32(columns), Int32(tokens))
                #expect(largestDifference(y, expected.map(Float.init)) < 1e-4)
            }
        }
    }

    @Test func `a token's product does not depend on the tokens beside it or on the threads`() {
        let (rows, columns, tokens) = (301, 203, 9)
        let weights = Self.numbers(rows * columns, seed: 1)
        let x = Self.numbers(tokens * columns, seed: 2)
        for portable in [false, true] {
            let one = Kernels(threads: 1, portable: portable)
            let two = Kernels(threads: 2, portable: portable)
            var together = [Float](repeating: 0, count: tokens * rows)
            kernels_matmul(
                two.context, kernels_f32, weights, nil, x, &together, Int32(rows), Int32(columns), Int32(tokens))
            for token in 0..<tokens {
                var alone = [Float](repeating: 0, count: rows)
                let input = Array(x[token * columns..<(token + 1) * columns])
                kernels_matmul(one.context, kernels_f32, weights, nil, input, &alone, Int32(rows), Int32(columns), 1)
                #expect(alone == Array(together[token * rows..<(token + 1) * rows]))
            }
        }
    }

    @Test(arguments: [4, 8, 20, 64], [0, 5])
    func `attention is the softmax of scaled scores over the window`(dimension: Int, window: Int) {
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
        for portable in [false, true] {
            let kernels = Kernels(threads: 2, portable: portable)
            var out = [Float](repeating: .nan, count: expected.count)
            kernels_attention(
                kernels.context, q, keys, values, &out, Int32(tokens), Int32(position), Int32(heads),
                Int32(keyValueHeads), Int32(dimension), Int32(window))
            #expect(largestDifference(out, expected) < 1e-5)
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

    @Test(arguments: [1, 8, 13])
    func `the gate is a sigmoid-weighted unit`(count: Int) {
        let gate = Self.numbers(count, seed: 1).map { $0 * 100 }
        let up = Self.numbers(count, seed: 2)
        let expected = zip(gate, up).map { Float(Double($0) / (1 + exp(-Double($0))) * Double($1)) }
        for portable in [false, true] {
            let kernels = Kernels(threads: 1, portable: portable)
            var result = gate
            kernels_swiglu(kernels.context, &result, up, count)
            #expect(largestDifference(result, expected) < 1e-4)
        }
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
    }

    @Test(arguments: WeightFormat.allCases)
    func `numbers that are not finite are found`(format: WeightFormat) {
        for bad in [Float.infinity, -.infinity, .nan] {
            var values = Self.numbers(77, seed: 1)
            #expect(kernels_all_finite(format.kernel, Self.stored(values, as: format).bytes, 77))
            values[76] = bad
            #expect(!kernels_all_finite(format.kernel, Self.stored(values, as: format).bytes, 77))
        }
    }
}

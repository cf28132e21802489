internal import CKernels

/// The computation of a decoder-only model on one thread's buffers.
///
/// A token's result depends on the tokens before it and on nothing else: not on how they were split into calls, on
/// other sequences, or on the number of threads.
struct ForwardPass: ~Copyable {
    /// The most tokens of one call.
    static let maximumTokens = 64

    private let configuration: ModelConfiguration
    private let weights: DecoderWeights
    private let kernels: Kernels
    private var rotaryTable: RotaryTable
    // One row for each token of a call.
    private let hidden: FloatBuffer
    private let normed: FloatBuffer
    private let query: FloatBuffer
    private let attention: FloatBuffer
    private let gate: FloatBuffer
    private let up: FloatBuffer
    // One row.
    private let logits: FloatBuffer

    init(_ configuration: ModelConfiguration, _ weights: DecoderWeights, kernels: consuming Kernels) {
        self.configuration = configuration
        self.weights = weights
        self.kernels = kernels
        self.rotaryTable = RotaryTable(configuration)
        self.hidden = FloatBuffer(count: Self.maximumTokens * configuration.hiddenSize)
        self.normed = FloatBuffer(count: Self.maximumTokens * configuration.hiddenSize)
        self.query = FloatBuffer(count: Self.maximumTokens * configuration.querySize)
        self.attention = FloatBuffer(count: Self.maximumTokens * configuration.querySize)
        self.gate = FloatBuffer(count: Self.maximumTokens * configuration.intermediateSize)
        self.up = FloatBuffer(count: Self.maximumTokens * configuration.intermediateSize)
        self.logits = FloatBuffer(count: configuration.vocabularySize)
    }

    /// Computes up to ``maximumTokens`` tokens that follow those in the cache, and adds them to it.
    mutating func run(_ tokens: ArraySlice<TokenID>, cache: inout KeyValueCache) {
        precondition(tokens.count <= Self.maximumTokens, "more tokens than the buffers hold")
        cache.reserve(tokens.count)
        self.rotaryTable.reserve(cache.count + tokens.count)
        for (row, token) in tokens.enumerated() {
            self.weights.embedding.copyRow(Int(token), to: self.hidden.start + row * self.configuration.hiddenSize)
        }
        for (index, layer) in self.weights.layers.enumerated() {
            self.attend(layer, index: index, tokens: tokens.count, cache: cache)
            self.feedForward(layer, tokens: tokens.count)
        }
        cache.advance(by: tokens.count)
    }

    /// Gives access to the logits after the token at `row` of the last ``run(_:cache:)``.
    func withLogits<R, E: Error>(
        afterRow row: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
    ) throws(E) -> R {
        let size = self.configuration.hiddenSize
        self.normalize(self.hidden.start + row * size, self.weights.norm, into: self.normed.start, rows: 1)
        self.weights.head.multiply(self.normed.start, into: self.logits.start, tokens: 1, on: self.kernels)
        return try body(UnsafeMutableBufferPointer(start: self.logits.start, count: self.logits.count))
    }

    /// Adds output(attention(norm(hidden))) to the hidden states.
    private func attend(_ layer: DecoderLayer, index: Int, tokens: Int, cache: borrowing KeyValueCache) {
        let (position, rowSize) = (cache.count, self.configuration.keyValueSize)
        let keys = cache.keys(layer: index) + position * rowSize
        let values = cache.values(layer: index) + position * rowSize
        let heads = self.configuration.headCount
        let keyValueHeads = self.configuration.keyValueHeadCount
        self.normalize(self.hidden.start, layer.inputNorm, into: self.normed.start, rows: tokens)
        self.multiply(layer.query, self.normed, into: self.query.start, tokens)
        self.multiply(layer.key, self.normed, into: keys, tokens)
        self.multiply(layer.value, self.normed, into: values, tokens)
        if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            self.normalize(self.query.start, queryNorm, into: self.query.start, rows: tokens * heads)
            self.normalize(keys, keyNorm, into: keys, rows: tokens * keyValueHeads)
        }
        self.rotate(self.query.start, heads: heads, from: position, tokens)
        self.rotate(keys, heads: keyValueHeads, from: position, tokens)
        kernels_attention(
            self.kernels.context, self.query.start, cache.keys(layer: index), cache.values(layer: index),
            self.attention.start, Int32(tokens), Int32(position), Int32(heads), Int32(keyValueHeads),
            Int32(self.configuration.headDimension), Int32(self.configuration.slidingWindow ?? 0))
        self.multiply(layer.output, self.attention, into: self.normed.start, tokens)
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    /// Adds down(silu(gate(norm(hidden))) · up(norm(hidden))) to the hidden states.
    private func feedForward(_ layer: DecoderLayer, tokens: Int) {
        self.normalize(self.hidden.start, layer.postAttentionNorm, into: self.normed.start, rows: tokens)
        self.multiply(layer.gate, self.normed, into: self.gate.start, tokens)
        self.multiply(layer.up, self.normed, into: self.up.start, tokens)
        kernels_swiglu(
            self.kernels.context, self.gate.start, self.up.start, tokens * self.configuration.intermediateSize)
        self.multiply(layer.down, self.gate, into: self.normed.start, tokens)
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    private func multiply(
        _ layer: LinearWeights, _ input: borrowing FloatBuffer, into output: UnsafeMutablePointer<Float>, _ tokens: Int
    ) {
        layer.matrix.multiply(input.start, bias: layer.bias, into: output, tokens: tokens, on: self.kernels)
    }

    private func normalize(
        _ input: UnsafePointer<Float>, _ weight: [Float], into output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        kernels_rms_norm(
            input, weight, output, Int32(rows), Int32(weight.count), self.configuration.normEpsilon)
    }

    private func rotate(_ vectors: UnsafeMutablePointer<Float>, heads: Int, from position: Int, _ tokens: Int) {
        let offset = position * self.rotaryTable.rowSize
        self.rotaryTable.cosines.withUnsafeBufferPointer { cosines in
            self.rotaryTable.sines.withUnsafeBufferPointer { sines in
                guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
                kernels_rope(
                    vectors, cosines + offset, sines + offset, Int32(tokens), Int32(heads),
                    Int32(self.configuration.headDimension))
            }
        }
    }
}

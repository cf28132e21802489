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
    /// Absent where positions are learnt.
    private var rotaryTable: RotaryTable?
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
        self.rotaryTable = configuration.rotaryEmbedding.map { rotaryEmbedding in
            RotaryTable(frequencies: rotaryEmbedding.frequencies(dimension: configuration.headDimension))
        }
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
        self.rotaryTable?.reserve(cache.count + tokens.count)
        self.embed(tokens, from: cache.count)
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

    private func embed(_ tokens: ArraySlice<TokenID>, from position: Int) {
        let size = self.configuration.hiddenSize
        for (row, token) in tokens.enumerated() {
            self.weights.embedding.copyRow(Int(token), to: self.hidden.start + row * size)
        }
        guard let positions = self.weights.positions else { return }
        for row in 0..<tokens.count {
            positions.copyRow(position + row, to: self.normed.start)
            kernels_add(self.hidden.start + row * size, self.normed.start, size)
        }
    }

    /// Adds output(attention(norm(hidden))) to the hidden states.
    private func attend(_ layer: DecoderLayer, index: Int, tokens: Int, cache: borrowing KeyValueCache) {
        let (position, rowSize) = (cache.count, self.configuration.keyValueSize)
        let keys = cache.keys(layer: index) + position * rowSize
        let values = cache.values(layer: index) + position * rowSize
        let heads = self.configuration.headCount
        let keyValueHeads = self.configuration.keyValueHeadCount
        self.normalize(self.hidden.start, layer.attentionNorm, into: self.normed.start, rows: tokens)
        self.multiply(layer.query, self.normed, into: self.query.start, tokens)
        self.multiply(layer.key, self.normed, into: keys, tokens)
        self.multiply(layer.value, self.normed, into: values, tokens)
        if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            self.normalize(self.query.start, queryNorm, into: self.query.start, rows: tokens * heads)
            self.normalize(keys, keyNorm, into: keys, rows: tokens * keyValueHeads)
        }
        if let rotaryTable {
            self.rotate(self.query.start, heads: heads, rotaryTable, from: position, tokens)
            self.rotate(keys, heads: keyValueHeads, rotaryTable, from: position, tokens)
        }
        kernels_attention(
            self.kernels.context, self.query.start, cache.keys(layer: index), cache.values(layer: index),
            self.attention.start, Int32(tokens), Int32(position), Int32(heads), Int32(keyValueHeads),
            Int32(self.configuration.headDimension), Int32(self.configuration.slidingWindow ?? 0))
        self.multiply(layer.output, self.attention, into: self.normed.start, tokens)
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    /// Adds network(norm(hidden)) to the hidden states.
    private func feedForward(_ layer: DecoderLayer, tokens: Int) {
        let count = tokens * self.configuration.intermediateSize
        self.normalize(self.hidden.start, layer.feedForwardNorm, into: self.normed.start, rows: tokens)
        switch layer.feedForward {
        case .gated(let gate, let up, let down):
            self.multiply(gate, self.normed, into: self.gate.start, tokens)
            self.multiply(up, self.normed, into: self.up.start, tokens)
            kernels_swiglu(self.kernels.context, self.gate.start, self.up.start, count)
            self.multiply(down, self.gate, into: self.normed.start, tokens)
        case .plain(let up, let down):
            self.multiply(up, self.normed, into: self.up.start, tokens)
            kernels_gelu(self.up.start, count)
            self.multiply(down, self.up, into: self.normed.start, tokens)
        }
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    private func multiply(
        _ layer: LinearWeights, _ input: borrowing FloatBuffer, into output: UnsafeMutablePointer<Float>, _ tokens: Int
    ) {
        layer.matrix.multiply(input.start, bias: layer.bias, into: output, tokens: tokens, on: self.kernels)
    }

    private func normalize(
        _ input: UnsafePointer<Float>, _ norm: NormWeights, into output: UnsafeMutablePointer<Float>, rows: Int
    ) {
        let (columns, epsilon) = (Int32(norm.scale.count), self.configuration.normEpsilon)
        if let offset = norm.offset {
            kernels_layer_norm(input, norm.scale, offset, output, Int32(rows), columns, epsilon)
        } else {
            kernels_rms_norm(input, norm.scale, output, Int32(rows), columns, epsilon)
        }
    }

    private func rotate(
        _ vectors: UnsafeMutablePointer<Float>, heads: Int, _ table: RotaryTable, from position: Int, _ tokens: Int
    ) {
        let offset = position * table.rowSize
        table.cosines.withUnsafeBufferPointer { cosines in
            table.sines.withUnsafeBufferPointer { sines in
                guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
                kernels_rope(
                    vectors, cosines + offset, sines + offset, Int32(tokens), Int32(heads),
                    Int32(self.configuration.headDimension))
            }
        }
    }
}

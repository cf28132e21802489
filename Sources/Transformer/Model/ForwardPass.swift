internal import CKernels

/// The computation of a decoder-only model on one thread's buffers, for several sequences at once.
///
/// A token's result depends on the tokens before it and on nothing else: not on how they were split into calls, on
/// other sequences, or on the number of threads.
struct ForwardPass: ~Copyable {
    /// The most tokens of one call.
    static let maximumTokens = 256

    private let configuration: ModelConfiguration
    private let model: DecoderKernels
    private let kernels: Kernels
    /// Absent where positions are learnt.
    private var rotaryTable: RotaryTable?
    // One row for each token of a call.
    private let hidden: FloatBuffer
    private let normed: FloatBuffer
    private let query: FloatBuffer
    private let key: FloatBuffer
    private let value: FloatBuffer
    private let attention: FloatBuffer
    private let gate: FloatBuffer
    private let up: FloatBuffer
    // One row for each logits asked for.
    private var logits: FloatBuffer
    /// The first row of logits of each run.
    private var logitRows: [Int] = []

    init(_ configuration: ModelConfiguration, _ weights: DecoderWeights, kernels: consuming Kernels) {
        self.configuration = configuration
        self.model = DecoderKernels(weights)
        self.kernels = kernels
        self.rotaryTable = configuration.rotaryEmbedding.map { rotaryEmbedding in
            RotaryTable(frequencies: rotaryEmbedding.frequencies(dimension: configuration.headDimension))
        }
        self.hidden = FloatBuffer(count: Self.maximumTokens * configuration.hiddenSize)
        self.normed = FloatBuffer(count: Self.maximumTokens * configuration.hiddenSize)
        self.query = FloatBuffer(count: Self.maximumTokens * configuration.querySize)
        self.key = FloatBuffer(count: Self.maximumTokens * configuration.keyValueSize)
        self.value = FloatBuffer(count: Self.maximumTokens * configuration.keyValueSize)
        self.attention = FloatBuffer(count: Self.maximumTokens * configuration.querySize)
        self.gate = FloatBuffer(count: Self.maximumTokens * configuration.intermediateSize)
        self.up = FloatBuffer(count: Self.maximumTokens * configuration.intermediateSize)
        self.logits = FloatBuffer(count: configuration.vocabularySize)
    }

    /// Computes the runs' tokens, at most ``maximumTokens`` together, and writes their keys and values to their pages.
    mutating func run(_ runs: [SequenceRun], _ pages: borrowing KeyValuePages) {
        let tokens = runs.reduce(0) { $0 + $1.tokens.count }
        precondition(tokens <= Self.maximumTokens, "more tokens than the buffers hold")
        self.rotaryTable?.reserve(runs.reduce(0) { max($0, $1.position + $1.tokens.count) })
        self.embed(runs)
        let starts = runs.flatMap { $0.pages.map { Optional(pages.start(of: $0)) } }
        starts.withUnsafeBufferPointer { starts in
            guard let starts = starts.baseAddress else { return }
            let sequences = Self.sequences(of: runs, starts)
            for index in self.model.layers.indices {
                self.attend(index, runs, sequences, pages.format, tokens: tokens)
                self.feedForward(index, tokens: tokens)
            }
        }
        self.computeLogits(runs)
    }

    /// Gives access to logits of the last ``run(_:_:)``.
    ///
    /// - Parameters:
    ///   - run: Which of the runs.
    ///   - row: Which of the rows that the run asked for: 0 where it wants the last token's only.
    func withLogits<R, E: Error>(
        run: Int, row: Int = 0, _ body: (UnsafeMutableBufferPointer<Float>) throws(E) -> R
    ) throws(E) -> R {
        let size = self.configuration.vocabularySize
        let start = self.logits.start + (self.logitRows[run] + row) * size
        return try body(UnsafeMutableBufferPointer(start: start, count: size))
    }

    private static func sequences(
        of runs: [SequenceRun], _ starts: UnsafePointer<UnsafeMutableRawPointer?>
    ) -> [kernels_sequence] {
        var (row, page) = (0, 0)
        return runs.map { run in
            defer {
                row += run.tokens.count
                page += run.pages.count
            }
            return kernels_sequence(
                pages: starts + page, row: Int32(row), tokens: Int32(run.tokens.count), position: Int32(run.position))
        }
    }

    private func embed(_ runs: [SequenceRun]) {
        let size = self.configuration.hiddenSize
        var row = 0
        for run in runs {
            for (offset, token) in run.tokens.enumerated() {
                let hidden = self.hidden.start + row * size
                self.model.weights.embedding.copyRow(Int(token), to: hidden)
                if let positions = self.model.weights.positions {
                    positions.copyRow(run.position + offset, to: self.normed.start)
                    kernels_add(hidden, self.normed.start, size)
                }
                row += 1
            }
        }
    }

    /// Adds output(attention(norm(hidden))) to the hidden states.
    private func attend(
        _ index: Int, _ runs: [SequenceRun], _ sequences: [kernels_sequence], _ format: KeyValueFormat, tokens: Int
    ) {
        let (layer, matrices) = (self.model.weights.layers[index], self.model.layers[index])
        let heads = self.configuration.headCount
        let keyValueHeads = self.configuration.keyValueHeadCount
        self.normalize(self.hidden.start, layer.attentionNorm, into: self.normed.start, rows: tokens)
        self.multiply(
            matrices.projections, self.normed, into: [self.query.start, self.key.start, self.value.start], tokens)
        if let queryNorm = layer.queryNorm, let keyNorm = layer.keyNorm {
            self.normalize(self.query.start, queryNorm, into: self.query.start, rows: tokens * heads)
            self.normalize(self.key.start, keyNorm, into: self.key.start, rows: tokens * keyValueHeads)
        }
        self.rotate(runs)
        let offset = index * KeyValuePages.layerLength(self.configuration)
        let dimension = Int32(self.configuration.headDimension)
        kernels_store(
            format.kernel, sequences, Int32(sequences.count), self.key.start, self.value.start, offset,
            Int32(keyValueHeads), dimension)
        kernels_attend(
            self.kernels.context, format.kernel, sequences, Int32(sequences.count), self.query.start,
            self.attention.start, offset, Int32(heads), Int32(keyValueHeads), dimension,
            Int32(self.configuration.slidingWindow ?? 0))
        self.multiply([matrices.output], self.attention, into: [self.normed.start], tokens)
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    /// Adds network(norm(hidden)) to the hidden states.
    private func feedForward(_ index: Int, tokens: Int) {
        let (layer, matrices) = (self.model.weights.layers[index], self.model.layers[index])
        let count = tokens * self.configuration.intermediateSize
        self.normalize(self.hidden.start, layer.feedForwardNorm, into: self.normed.start, rows: tokens)
        switch layer.feedForward {
        case .gated:
            self.multiply(matrices.inner, self.normed, into: [self.gate.start, self.up.start], tokens)
            kernels_swiglu(self.kernels.context, self.gate.start, self.up.start, count)
        case .plain:
            self.multiply(matrices.inner, self.normed, into: [self.gate.start], tokens)
            kernels_gelu(self.gate.start, count)
        }
        self.multiply([matrices.down], self.gate, into: [self.normed.start], tokens)
        kernels_add(self.hidden.start, self.normed.start, tokens * self.configuration.hiddenSize)
    }

    /// The logits of the rows that are asked for, all in one product.
    private mutating func computeLogits(_ runs: [SequenceRun]) {
        let size = self.configuration.hiddenSize
        self.logitRows.removeAll(keepingCapacity: true)
        var (row, count) = (0, 0)
        for run in runs {
            self.logitRows.append(count)
            let wanted = row + run.tokens.count - run.logitCount..<row + run.tokens.count
            for source in wanted {
                (self.normed.start + count * size).update(from: self.hidden.start + source * size, count: size)
                count += 1
            }
            row += run.tokens.count
        }
        guard count > 0 else { return }
        let needed = count * self.configuration.vocabularySize
        if needed > self.logits.count { self.logits = FloatBuffer(count: needed) }
        self.normalize(self.normed.start, self.model.weights.norm, into: self.normed.start, rows: count)
        self.multiply([self.model.head], self.normed, into: [self.logits.start], count)
    }

    private func multiply(
        _ matrices: [kernels_matrix], _ input: borrowing FloatBuffer, into outputs: [UnsafeMutablePointer<Float>?],
        _ tokens: Int
    ) {
        kernels_multiply(
            self.kernels.context, matrices, Int32(matrices.count), input.start, outputs, Int32(tokens))
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

    /// Turns queries and keys by their positions.
    private func rotate(_ runs: [SequenceRun]) {
        guard let table = self.rotaryTable else { return }
        let dimension = self.configuration.headDimension
        table.cosines.withUnsafeBufferPointer { cosines in
            table.sines.withUnsafeBufferPointer { sines in
                guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
                var row = 0
                for run in runs {
                    let offset = run.position * table.rowSize
                    for (vectors, heads) in [
                        (self.query.start, self.configuration.headCount),
                        (self.key.start, self.configuration.keyValueHeadCount),
                    ] {
                        kernels_rope(
                            vectors + row * heads * dimension, cosines + offset, sines + offset,
                            Int32(run.tokens.count), Int32(heads), Int32(dimension))
                    }
                    row += run.tokens.count
                }
            }
        }
    }
}

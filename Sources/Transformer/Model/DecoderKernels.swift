internal import CKernels

/// A model's matrices as the kernels take them, laid out once.
struct DecoderKernels: ~Copyable {
    /// Matrices that are multiplied with the same input.
    struct Layer {
        /// Query, key and value.
        let projections: [kernels_matrix]
        let output: kernels_matrix
        /// Gate and up; up alone where the network is plain.
        let inner: [kernels_matrix]
        let down: kernels_matrix
    }

    /// Keeps what the matrices point to.
    let weights: DecoderWeights
    private let biases: FloatBuffer
    let layers: [Layer]
    let head: kernels_matrix

    init(_ weights: DecoderWeights) {
        self.weights = weights
        let linears = weights.layers.flatMap { $0.linears }
        let biases = FloatBuffer(count: linears.reduce(0) { $0 + ($1.bias?.count ?? 0) })
        var free = biases.start
        func kernel(_ linear: LinearWeights) -> kernels_matrix {
            guard let bias = linear.bias else { return linear.matrix.kernel(bias: nil) }
            free.update(from: bias, count: bias.count)
            defer { free += bias.count }
            return linear.matrix.kernel(bias: free)
        }
        self.layers = weights.layers.map { layer in
            let projections = [layer.query, layer.key, layer.value].map(kernel)
            let output = kernel(layer.output)
            switch layer.feedForward {
            case .gated(let gate, let up, let down):
                return Layer(
                    projections: projections, output: output, inner: [kernel(gate), kernel(up)], down: kernel(down))
            case .plain(let up, let down):
                return Layer(projections: projections, output: output, inner: [kernel(up)], down: kernel(down))
            }
        }
        self.head = weights.head.kernel(bias: nil)
        self.biases = biases
    }
}

extension DecoderLayer {
    fileprivate var linears: [LinearWeights] {
        switch self.feedForward {
        case .gated(let gate, let up, let down): [self.query, self.key, self.value, self.output, gate, up, down]
        case .plain(let up, let down): [self.query, self.key, self.value, self.output, up, down]
        }
    }
}

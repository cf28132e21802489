import Glibc

/// Rotary position embedding: pair `i` of a head turns by `position · frequencies[i]` (Su et al., arXiv:2104.09864).
///
/// A head's pairs are its first and second halves, as in Hugging Face checkpoints. Frequencies are computed in single
/// precision, as the models were trained.
public struct RotaryEmbedding: Sendable, Hashable {
    /// How the frequencies are stretched for a longer context than the model was first trained on.
    public enum Scaling: Sendable, Hashable {
        case none
        /// Every frequency is divided by the factor.
        case linear(factor: Float)
        /// Llama 3.1: wavelengths longer than `originalContext / low` are stretched by the factor, those shorter than
        /// `originalContext / high` are kept, and those between are blended.
        case llama3(factor: Float, low: Float, high: Float, originalContext: Int)
        /// Each pair's frequency is divided by a factor of its own, as GGUF files store it.
        case factors([Float])
    }

    public let base: Float
    public let scaling: Scaling

    /// Radians a position for each of the `dimension / 2` pairs of a head.
    func frequencies(dimension: Int) -> [Float] {
        (0..<dimension / 2).map { pair in
            self.scaled(1 / powf(self.base, Float(2 * pair) / Float(dimension)), pair: pair)
        }
    }

    private func scaled(_ frequency: Float, pair: Int) -> Float {
        switch self.scaling {
        case .none: return frequency
        case .linear(let factor): return frequency / factor
        case .factors(let factors): return frequency / factors[pair]
        case .llama3(let factor, let low, let high, let originalContext):
            let context = Float(originalContext)
            let wavelength = 2 * Float.pi / frequency
            if wavelength < context / high { return frequency }
            if wavelength > context / low { return frequency / factor }
            let blend = (context / wavelength - low) / (high - low)
            return (1 - blend) * frequency / factor + blend * frequency
        }
    }
}

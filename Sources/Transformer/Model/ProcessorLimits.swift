internal import CKernels

/// What this machine's processors do at most, measured: what an inference engine's speed is to be held against.
public struct ProcessorLimits: Sendable, Hashable {
    /// Memory that no cache holds.
    private static let measuredBytes = 512 << 20
    private static let rounds: Int32 = 6

    /// Bytes a second that the threads together read from memory.
    public let readBandwidth: Double
    /// Operations a second, a multiplication and an addition being two, that the threads together do in registers with
    /// the instructions of the format's products; 0 where these are portable code.
    public let peakRate: Double

    /// Measures for about a second, with all threads busy. Blocks; not for the cooperative pool.
    public init(threads: Int, format: WeightFormat) {
        let kernels = Kernels(threads: threads)
        self.readBandwidth = kernels_read_bandwidth(kernels.context, Self.measuredBytes, Self.rounds)
        self.peakRate = kernels_peak_rate(kernels.context, format.kernel)
    }
}

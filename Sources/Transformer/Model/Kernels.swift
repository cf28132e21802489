internal import CKernels

/// The threads and the instruction set on which a model is computed.
struct Kernels: ~Copyable {
    let context: OpaquePointer

    /// - Parameters:
    ///   - threads: The threads of one operation, the caller's included.
    ///   - instructions: The most of the processor's extensions to use.
    init(threads: Int, instructions: kernels_instructions = kernels_avx512) {
        guard let context = kernels_context_create(Int32(clamping: threads), instructions) else {
            // As where the standard library runs out of memory: a caller could do nothing without it.
            preconditionFailure("no memory for the kernels' context")
        }
        self.context = context
    }

    deinit { kernels_context_destroy(self.context) }

    var threads: Int { Int(kernels_context_threads(self.context)) }
    var instructions: kernels_instructions { kernels_context_instructions(self.context) }

    /// Leaves the processor's vector extensions aside.
    init(threads: Int, portable: Bool) {
        self.init(threads: threads, instructions: portable ? kernels_portable : kernels_avx512)
    }
}

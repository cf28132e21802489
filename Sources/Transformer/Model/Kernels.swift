internal import CKernels

/// The threads and the instruction set on which a model is computed.
struct Kernels: ~Copyable {
    let context: OpaquePointer

    /// - Parameters:
    ///   - threads: The threads of one operation, the caller's included.
    ///   - portable: Leaves the processor's vector extensions aside.
    init(threads: Int, portable: Bool = false) {
        guard let context = kernels_context_create(Int32(clamping: threads), portable) else {
            // As where the standard library runs out of memory: a caller could do nothing without it.
            preconditionFailure("no memory for the kernels' context")
        }
        self.context = context
    }

    deinit { kernels_context_destroy(self.context) }

    var threads: Int { Int(kernels_context_threads(self.context)) }
    var usesAVX2: Bool { kernels_context_uses_avx2(self.context) }
}

// What the kernels share: threads and the choice of instruction set.
#pragma once

#include "CKernels.h"

static inline bool kernels_context_uses_avx2(const kernels_context *context) {
    return kernels_context_instructions(context) >= kernels_avx2;
}

/// Rows [first, end) of a product with an unpacked matrix.
void kernels_multiply_rows(bool avx2, const kernels_matrix *matrix, const float *x, float *y, int32_t tokens,
                           int32_t first, int32_t end);

/// One thread's part of a job: `index` of `count`.
typedef void kernels_job(void *argument, int32_t index, int32_t count);

/// Runs the job on every thread of the context and returns when all are done.
void kernels_run(kernels_context *context, kernels_job *job, void *argument);

/// Scratch memory of at least `size` bytes, aligned to a cache line, valid until the next call.
void *kernels_scratch(kernels_context *context, size_t size);

/// The size in bytes of one number of an unpacked format.
static inline size_t kernels_format_size(enum kernels_format format) { return format == kernels_f32 ? 4 : 2; }

/// Rows [*first, *end) of the `total` that thread `index` of `count` takes, in multiples of `unit`.
static inline void kernels_share(int32_t total, int32_t unit, int32_t index, int32_t count, int32_t *first,
                                 int32_t *end) {
    int64_t units = ((int64_t)total + unit - 1) / unit;
    int64_t low = units * index / count * unit, high = units * (index + 1) / count * unit;
    *first = (int32_t)(low < total ? low : total);
    *end = (int32_t)(high < total ? high : total);
}

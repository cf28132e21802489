// The AVX2 + FMA + F16C forms of the kernels, called only where the processor has them.
#pragma once

#include "CKernels.h"

#if defined(__x86_64__)

/// Rows [first, end) of a product; see kernels_matmul.
void kernels_matmul_avx2(enum kernels_format format, const void *weights, const float *bias, const float *x, float *y,
                         int32_t rows, int32_t columns, int32_t tokens, int32_t first, int32_t end);

/// One head of one query over `positions` keys and values whose rows are `stride` floats apart.
void kernels_attend_avx2(const float *q, const float *keys, const float *values, float *out, int32_t positions,
                         size_t stride, int32_t dimension);

void kernels_swiglu_avx2(float *gate, const float *up, size_t count);

#endif

// The forms of the kernels for AVX-512 with its integer products (VNNI), called only where the processor has them.
#pragma once

#include "packed.h"
#include "paged.h"

#if defined(__x86_64__)

/// See kernels_multiply_panels; two or four panels of the format.
void kernels_multiply_q8_avx512(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                                int32_t count, int32_t first, int32_t end);
void kernels_multiply_q4_avx512(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                                int32_t count, int32_t first, int32_t end);

/// See kernels_attend_page; the dimension is a multiple of 16.
void kernels_attend_page_avx512(kernels_queries *queries, int32_t low, int32_t high, const float *page,
                                int32_t page_start);

void kernels_swiglu_avx512(float *gate, const float *up, size_t count);

#endif

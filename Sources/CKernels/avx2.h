// The AVX2 + FMA + F16C forms of the kernels, called only where the processor has them.
#pragma once

#include "packed.h"
#include "paged.h"

#if defined(__x86_64__)

/// See kernels_multiply_rows.
void kernels_multiply_rows_avx2(const kernels_matrix *matrix, const float *x, float *y, int32_t tokens, int32_t first,
                                int32_t end);

/// See kernels_multiply_panels; one or two panels of the format.
void kernels_multiply_q8_avx2(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                              int32_t count, int32_t first, int32_t end);
void kernels_multiply_q4_avx2(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                              int32_t count, int32_t first, int32_t end);

/// Rounds a row of whole blocks to 16-bit integers; returns its scale.
float kernels_round_row_avx2(const float *x, int32_t columns, int16_t *values);

/// Rounds a row of whole blocks to blocks of inputs.
void kernels_round_blocks_avx2(const float *x, int32_t columns, kernels_input_block *blocks);

/// See kernels_attend_page; the dimension is a multiple of 8.
void kernels_attend_page_avx2(kernels_queries *queries, int32_t low, int32_t high, const float *page,
                              int32_t page_start);

/// Widens binary16 numbers; the count is a multiple of 8.
void kernels_widen_f16_avx2(const uint16_t *source, float *destination, size_t count);

void kernels_swiglu_avx2(float *gate, const float *up, size_t count);

#endif

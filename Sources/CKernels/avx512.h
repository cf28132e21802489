// The forms of the kernels for AVX-512 with its integer products (VNNI), called only where the processor has them.
#pragma once

#include "packed.h"

#if defined(__x86_64__)

/// See kernels_multiply_panels; two panels.
void kernels_multiply_pair_avx512(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                                  int32_t first, int32_t end);

#endif

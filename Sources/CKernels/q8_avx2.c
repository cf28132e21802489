#include "avx2.h"

#if defined(__x86_64__)

#include "packed.h"
#include "vectors.h"

#include <string.h>

// Four bytes as each of eight 32-bit lanes: two neighbouring inputs for all rows of a panel.
INLINE __m256i broadcast_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm256_set1_epi32(pair);
}

// P panels × T tokens. Integer sums of a block are exact, so only the order of the blocks' sums matters: first to last.
INLINE void tile(const int P, const int T, const kernels_matrix *m, const kernels_activations *x, float *y,
                 int32_t panel, int32_t token) {
    size_t panel_size = kernels_panel_size(kernels_q8, m->columns), scales_size = (size_t)x->blocks * panel_rows;
    size_t block_size = kernels_panel_size(kernels_q8, block_columns);
    const uint8_t *w = (const uint8_t *)m->weights + (size_t)panel * panel_size;
    const uint16_t *scales = m->scales + (size_t)panel * scales_size;
    const int16_t *v = x->values + (size_t)token * x->stride;
    __m256 total[2][6];
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) total[p][t] = _mm256_setzero_ps();
    for (int32_t block = 0; block < x->blocks; block++) {
        __m256i acc[2][6];
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) acc[p][t] = _mm256_setzero_si256();
        // The panels after these: the processor's own prefetch starts anew with each panel.
#pragma clang loop unroll(full)
        for (int p = P; p < 2 * P; p++) {
            const char *next = (const char *)(w + (size_t)p * panel_size);
#pragma clang loop unroll(full)
            for (size_t line = 0; line < block_size; line += 64) _mm_prefetch(next + line, _MM_HINT_T1);
            _mm_prefetch((const char *)(scales + (size_t)p * scales_size), _MM_HINT_T1);
        }
// Unrolled, the compiler keeps all inputs of a block for the second panel, in memory.
#pragma clang loop unroll(disable)
        for (int pair = 0; pair < block_columns / 2; pair++) {
            __m256i u[2];
#pragma clang loop unroll(full)
            for (int p = 0; p < P; p++)
                u[p] = _mm256_cvtepi8_epi16(
                    _mm_loadu_si128((const __m128i *)(w + (size_t)p * panel_size + 16 * (size_t)pair)));
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) {
                __m256i b = broadcast_pair(v + (size_t)t * x->stride + 2 * pair);
#pragma clang loop unroll(full)
                for (int p = 0; p < P; p++)
                    acc[p][t] = _mm256_add_epi32(acc[p][t], _mm256_madd_epi16(u[p], b));
            }
        }
        w += block_size;
        v += block_columns;
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++) {
            __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(scales + (size_t)p * scales_size)));
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++)
                total[p][t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(acc[p][t]), scale, total[p][t]);
        }
        scales += panel_rows;
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++) {
        int32_t row = (panel + p) * panel_rows, count = m->rows - row < panel_rows ? m->rows - row : panel_rows;
        __m256i mask = first_lanes(count);
        __m256 bias = m->bias != NULL ? _mm256_maskload_ps(m->bias + row, mask) : _mm256_setzero_ps();
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++)
            _mm256_maskstore_ps(y + (size_t)(token + t) * (size_t)m->rows + (size_t)row, mask,
                                _mm256_fmadd_ps(total[p][t], _mm256_set1_ps(x->scales[token + t]), bias));
    }
}

// As many tokens at once as leave room for the weights in the registers.
INLINE void tiles(const int P, const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                  int32_t first, int32_t end) {
    int32_t token = first;
    for (; token + 6 <= end; token += 6) tile(P, 6, m, x, y, panel, token);
    switch (end - token) {
    case 5: tile(P, 5, m, x, y, panel, token); break;
    case 4: tile(P, 4, m, x, y, panel, token); break;
    case 3: tile(P, 3, m, x, y, panel, token); break;
    case 2: tile(P, 2, m, x, y, panel, token); break;
    case 1: tile(P, 1, m, x, y, panel, token); break;
    default: break;
    }
}

AVX2 void kernels_multiply_q8_avx2(const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                                   int32_t count, int32_t first, int32_t end) {
    if (count == 2)
        tiles(2, m, x, y, panel, first, end);
    else
        tiles(1, m, x, y, panel, first, end);
}

#endif

#include "avx2.h"

#if defined(__x86_64__)

#include "packed.h"
#include "vectors.h"

#include <string.h>

// Four inputs in each 32-bit lane: those of as many weights of every row of a panel.
INLINE __m256i broadcast_four(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm256_set1_epi32(four);
}

// P panels × T tokens. Integer sums of a block are exact, so only the order of the blocks' sums matters: first to last.
INLINE void tile(const int P, const int T, const kernels_matrix *m, const kernels_activations *x, float *y,
                 int32_t panel, int32_t token) {
    size_t panel_size = kernels_panel_size(kernels_q4, m->columns), scales_size = (size_t)x->blocks * panel_rows;
    size_t block_size = kernels_panel_size(kernels_q4, block_columns);
    const uint8_t *w = (const uint8_t *)m->weights + (size_t)panel * panel_size;
    const uint16_t *scales = m->scales + (size_t)panel * scales_size;
    const kernels_input_block *v = x->input_blocks + (size_t)token * (size_t)x->blocks;
    const __m256i low = _mm256_set1_epi8(15), one = _mm256_set1_epi16(1);
    __m256 total[2][4];
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) total[p][t] = _mm256_setzero_ps();
    for (int32_t block = 0; block < x->blocks; block++, v++, w += block_size, scales += panel_rows) {
        // A lane adds up 16 products of at most 15 · 127 = 1905 each: 16 bits are enough.
        __m256i acc[2][4];
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
#pragma clang loop unroll(disable)
        for (int group = 0; group < block_columns / 8; group++) {
            __m256i n[2][2];
#pragma clang loop unroll(full)
            for (int p = 0; p < P; p++) {
                __m256i u = _mm256_loadu_si256((const __m256i *)(w + (size_t)p * panel_size + 32 * (size_t)group));
                n[p][0] = _mm256_and_si256(u, low);
                n[p][1] = _mm256_and_si256(_mm256_srli_epi16(u, 4), low);
            }
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++)
#pragma clang loop unroll(full)
                for (int t = 0; t < T; t++) {
                    __m256i b = broadcast_four(v[(size_t)t * (size_t)x->blocks].values + 8 * group + 4 * half);
#pragma clang loop unroll(full)
                    for (int p = 0; p < P; p++)
                        acc[p][t] = _mm256_add_epi16(acc[p][t], _mm256_maddubs_epi16(n[p][half], b));
                }
        }
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++) {
            __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(scales + (size_t)p * scales_size)));
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) {
                const kernels_input_block *input = &v[(size_t)t * (size_t)x->blocks];
                __m256i sum = _mm256_add_epi32(_mm256_madd_epi16(acc[p][t], one), _mm256_set1_epi32(input->start));
                total[p][t] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum),
                                              _mm256_mul_ps(scale, _mm256_set1_ps(input->scale)), total[p][t]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++) {
        int32_t row = (panel + p) * panel_rows, count = m->rows - row < panel_rows ? m->rows - row : panel_rows;
        __m256i mask = first_lanes(count);
        __m256 bias = m->bias != NULL ? _mm256_maskload_ps(m->bias + row, mask) : _mm256_setzero_ps();
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++)
            _mm256_maskstore_ps(y + (size_t)(token + t) * (size_t)m->rows + (size_t)row, mask,
                                _mm256_add_ps(total[p][t], bias));
    }
}

// As many tokens at once as leave room for the weights in the registers.
INLINE void tiles(const int P, const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                  int32_t first, int32_t end) {
    int32_t token = first;
    for (; token + 4 <= end; token += 4) tile(P, 4, m, x, y, panel, token);
    switch (end - token) {
    case 3: tile(P, 3, m, x, y, panel, token); break;
    case 2: tile(P, 2, m, x, y, panel, token); break;
    case 1: tile(P, 1, m, x, y, panel, token); break;
    default: break;
    }
}

AVX2 void kernels_multiply_q4_avx2(const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                                   int32_t count, int32_t first, int32_t end) {
    if (count == 2)
        tiles(2, m, x, y, panel, first, end);
    else
        tiles(1, m, x, y, panel, first, end);
}

#endif

#include "avx512.h"

#if defined(__x86_64__)

#include "vectors512.h"

#include <string.h>

INLINE512 __m512i broadcast_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm512_set1_epi32(pair);
}

// P pairs of panels, sixteen rows each, × T tokens. Sums are as in the other forms: exact within a block, then block by
// block.
INLINE512 void tile(const int P, const int T, const kernels_matrix *m, const kernels_activations *x, float *y,
                    int32_t panel, int32_t token) {
    size_t panel_size = kernels_panel_size(kernels_q8, m->columns), scales_size = (size_t)x->blocks * panel_rows;
    size_t block_size = kernels_panel_size(kernels_q8, block_columns);
    const uint8_t *w = (const uint8_t *)m->weights + (size_t)panel * panel_size;
    const uint16_t *scales = m->scales + (size_t)panel * scales_size;
    const int16_t *v = x->values + (size_t)token * x->stride;
    __m512 total[2][12];
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) total[p][t] = _mm512_setzero_ps();
    for (int32_t block = 0; block < x->blocks; block++, w += block_size, scales += panel_rows, v += block_columns) {
        __m512i acc[2][12];
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) acc[p][t] = _mm512_setzero_si512();
        // The panels after these: the processor's own prefetch starts anew with each panel.
#pragma clang loop unroll(full)
        for (int p = 2 * P; p < 4 * P; p++) {
            const char *next = (const char *)(w + (size_t)p * panel_size);
#pragma clang loop unroll(full)
            for (size_t line = 0; line < block_size; line += 64) _mm_prefetch(next + line, _MM_HINT_T1);
            _mm_prefetch((const char *)(scales + (size_t)p * scales_size), _MM_HINT_T1);
        }
#pragma clang loop unroll(disable)
        for (int pair = 0; pair < block_columns / 2; pair++) {
            __m512i u[2];
#pragma clang loop unroll(full)
            for (int p = 0; p < P; p++) {
                const uint8_t *bytes = w + (size_t)(2 * p) * panel_size + 16 * (size_t)pair;
                u[p] = _mm512_cvtepi8_epi16(_mm256_inserti128_si256(
                    _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)bytes)),
                    _mm_loadu_si128((const __m128i *)(bytes + panel_size)), 1));
            }
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) {
                __m512i b = broadcast_pair(v + (size_t)t * x->stride + 2 * pair);
#pragma clang loop unroll(full)
                for (int p = 0; p < P; p++) acc[p][t] = _mm512_dpwssd_epi32(acc[p][t], u[p], b);
            }
        }
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++) {
            const uint16_t *halves = scales + (size_t)(2 * p) * scales_size;
            __m512 scale = _mm512_cvtph_ps(_mm256_inserti128_si256(
                _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)halves)),
                _mm_loadu_si128((const __m128i *)(halves + scales_size)), 1));
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) total[p][t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[p][t]), scale, total[p][t]);
        }
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++) {
        int32_t row = (panel + 2 * p) * panel_rows, count = m->rows - row < 16 ? m->rows - row : 16;
        __mmask16 mask = (__mmask16)((1u << count) - 1);
        __m512 bias = m->bias != NULL ? _mm512_maskz_loadu_ps(mask, m->bias + row) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++)
            _mm512_mask_storeu_ps(y + (size_t)(token + t) * (size_t)m->rows + (size_t)row, mask,
                                  _mm512_fmadd_ps(total[p][t], _mm512_set1_ps(x->scales[token + t]), bias));
    }
}

// As many tokens at once as leave room for the weights in the registers, and the last two tiles of equal size: a tile of
// few tokens costs nearly as much as one of many.
AVX512 void kernels_multiply_q8_avx512(const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                                       int32_t count, int32_t first, int32_t end) {
    int32_t most = count == 4 ? 6 : 12;
    for (int32_t token = first, tokens; token < end; token += tokens) {
        int32_t left = end - token;
        tokens = left >= 2 * most ? most : left > most ? (left + 1) / 2 : left;
        switch (tokens + (count == 4 ? 12 : 0)) {
#define TILE(T) case T: tile(1, T, m, x, y, panel, token); break;
#define WIDE_TILE(T) case 12 + T: tile(2, T, m, x, y, panel, token); break;
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
            WIDE_TILE(1) WIDE_TILE(2) WIDE_TILE(3) WIDE_TILE(4) WIDE_TILE(5) WIDE_TILE(6)
#undef TILE
#undef WIDE_TILE
        default: break;
        }
    }
}

#endif

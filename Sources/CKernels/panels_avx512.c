#include "avx512.h"

#if defined(__x86_64__)

#include "vectors512.h"

#include <string.h>

INLINE512 __m512i broadcast_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm512_set1_epi32(pair);
}

// Eight rows of each of two panels.
INLINE512 __m512i join(__m256i low, __m256i high) {
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

// Two panels, sixteen rows, × T tokens. Sums are as in the other forms: exact within a block, then block by block.
INLINE512 void tile(enum kernels_format format, const int T, const kernels_matrix *m, const kernels_activations *x,
                    float *y, int32_t panel, int32_t token) {
    size_t panel_size = kernels_panel_size(format, m->columns), block_size = kernels_panel_size(format, block_columns);
    size_t scales_size = (size_t)x->blocks * panel_rows;
    const uint8_t *w = (const uint8_t *)m->weights + (size_t)panel * panel_size;
    const uint16_t *scales = m->scales + (size_t)panel * scales_size;
    const int16_t *v = x->values + (size_t)token * x->stride;
    const int32_t *sums = x->sums + (size_t)token * (size_t)x->blocks;
    __m512 total[12];
#pragma clang loop unroll(full)
    for (int t = 0; t < T; t++) total[t] = _mm512_setzero_ps();
    for (int32_t block = 0; block < x->blocks; block++) {
        __m512i acc[12];
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++)
            // (n - 8) · x summed is n · x summed less 8 times the sum of x.
            acc[t] = format == kernels_q8
                         ? _mm512_setzero_si512()
                         : _mm512_set1_epi32(-8 * sums[(size_t)t * (size_t)x->blocks + (size_t)block]);
        // The pair after this one: the processor's own prefetch starts anew with each panel.
#pragma clang loop unroll(full)
        for (size_t line = 0; line < block_size; line += 64) {
            _mm_prefetch((const char *)(w + 2 * panel_size + line), _MM_HINT_T1);
            _mm_prefetch((const char *)(w + 3 * panel_size + line), _MM_HINT_T1);
        }
        if (format == kernels_q8) {
#pragma clang loop unroll(disable)
            for (int pair = 0; pair < block_columns / 2; pair++) {
                const __m128i *bytes = (const __m128i *)(w + 16 * (size_t)pair);
                const __m128i *next = (const __m128i *)(w + panel_size + 16 * (size_t)pair);
                __m512i u = _mm512_cvtepi8_epi16(
                    _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(bytes)), _mm_loadu_si128(next), 1));
#pragma clang loop unroll(full)
                for (int t = 0; t < T; t++)
                    acc[t] = _mm512_dpwssd_epi32(acc[t], u, broadcast_pair(v + (size_t)t * x->stride + 2 * pair));
            }
        } else {
            const __m512i low = _mm512_set1_epi16(15);
#pragma clang loop unroll(disable)
            for (int group = 0; group < block_columns / 8; group++) {
                __m512i u = join(_mm256_loadu_si256((const __m256i *)(w + 32 * (size_t)group)),
                                 _mm256_loadu_si256((const __m256i *)(w + panel_size + 32 * (size_t)group)));
#pragma clang loop unroll(full)
                for (int nibble = 0; nibble < 4; nibble++) {
                    __m512i n = nibble == 0 ? u : _mm512_srli_epi16(u, 4 * nibble);
                    if (nibble != 3) n = _mm512_and_si512(n, low);
#pragma clang loop unroll(full)
                    for (int t = 0; t < T; t++)
                        acc[t] = _mm512_dpwssd_epi32(
                            acc[t], n, broadcast_pair(v + (size_t)t * x->stride + 8 * group + 2 * nibble));
                }
            }
        }
        w += block_size;
        v += block_columns;
        __m512 scale = _mm512_cvtph_ps(_mm256_inserti128_si256(
            _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)scales)),
            _mm_loadu_si128((const __m128i *)(scales + scales_size)), 1));
        scales += panel_rows;
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) total[t] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(acc[t]), scale, total[t]);
    }
    int32_t row = panel * panel_rows, count = m->rows - row < 16 ? m->rows - row : 16;
    __mmask16 mask = (__mmask16)((1u << count) - 1);
    __m512 bias = m->bias != NULL ? _mm512_maskz_loadu_ps(mask, m->bias + row) : _mm512_setzero_ps();
#pragma clang loop unroll(full)
    for (int t = 0; t < T; t++)
        _mm512_mask_storeu_ps(y + (size_t)(token + t) * (size_t)m->rows + (size_t)row, mask,
                              _mm512_fmadd_ps(total[t], _mm512_set1_ps(x->scales[token + t]), bias));
}

INLINE512 void tiles(enum kernels_format format, const kernels_matrix *m, const kernels_activations *x, float *y,
                     int32_t panel, int32_t first, int32_t end) {
    for (int32_t token = first, count; token < end; token += count) {
        // Twelve at once, and the last two tiles of equal size: a tile of few tokens costs nearly as much as one of many.
        int32_t left = end - token;
        count = left >= 24 ? 12 : left > 12 ? (left + 1) / 2 : left;
        switch (count) {
#define TILE(T) case T: tile(format, T, m, x, y, panel, token); break;
            TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)
#undef TILE
        default: break;
        }
    }
}

AVX512 void kernels_multiply_pair_avx512(const kernels_matrix *m, const kernels_activations *x, float *y,
                                         int32_t panel, int32_t first, int32_t end) {
    if (m->format == kernels_q8)
        tiles(kernels_q8, m, x, y, panel, first, end);
    else
        tiles(kernels_q4, m, x, y, panel, first, end);
}

#endif

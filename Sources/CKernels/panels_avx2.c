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
INLINE void tile(enum kernels_format format, const int P, const int T, const kernels_matrix *m,
                 const kernels_activations *x, float *y, int32_t panel, int32_t token) {
    size_t panel_size = kernels_panel_size(format, m->columns);
    size_t scales_size = (size_t)x->blocks * panel_rows, block_size = kernels_panel_size(format, block_columns);
    const uint8_t *w = (const uint8_t *)m->weights + (size_t)panel * panel_size;
    const uint16_t *scales = m->scales + (size_t)panel * scales_size;
    const int16_t *v = x->values + (size_t)token * x->stride;
    const int32_t *sums = x->sums + (size_t)token * (size_t)x->blocks;
    __m256 total[2][6];
#pragma clang loop unroll(full)
    for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) total[p][t] = _mm256_setzero_ps();
    for (int32_t block = 0; block < x->blocks; block++) {
        __m256i acc[2][6];
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) {
            // (n - 8) · x summed is n · x summed less 8 times the sum of x.
            __m256i start = format == kernels_q8 ? _mm256_setzero_si256()
                                                 : _mm256_set1_epi32(-8 * sums[(size_t)t * (size_t)x->blocks + (size_t)block]);
#pragma clang loop unroll(full)
            for (int p = 0; p < P; p++) acc[p][t] = start;
        }
        // The strip after this one: the processor's own prefetch starts anew with each panel.
#pragma clang loop unroll(full)
        for (int p = 0; p < P; p++)
#pragma clang loop unroll(full)
            for (size_t line = 0; line < block_size; line += 64)
                _mm_prefetch((const char *)(w + (size_t)(P + p) * panel_size + line), _MM_HINT_T1);
        if (format == kernels_q8) {
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
            w += block_columns * panel_rows;
        } else {
            const __m256i low = _mm256_set1_epi16(15);
#pragma clang loop unroll(disable)
            for (int group = 0; group < block_columns / 8; group++) {
                __m256i u[2];
#pragma clang loop unroll(full)
                for (int p = 0; p < P; p++)
                    u[p] = _mm256_loadu_si256((const __m256i *)(w + (size_t)p * panel_size + 32 * (size_t)group));
#pragma clang loop unroll(full)
                for (int nibble = 0; nibble < 4; nibble++) {
                    __m256i n[2];
#pragma clang loop unroll(full)
                    for (int p = 0; p < P; p++) {
                        __m256i shifted = nibble == 0 ? u[p] : _mm256_srli_epi16(u[p], 4 * nibble);
                        n[p] = nibble == 3 ? shifted : _mm256_and_si256(shifted, low);
                    }
#pragma clang loop unroll(full)
                    for (int t = 0; t < T; t++) {
                        __m256i b = broadcast_pair(v + (size_t)t * x->stride + 8 * group + 2 * nibble);
#pragma clang loop unroll(full)
                        for (int p = 0; p < P; p++)
                            acc[p][t] = _mm256_add_epi32(acc[p][t], _mm256_madd_epi16(n[p], b));
                    }
                }
            }
            w += block_columns * panel_rows / 2;
        }
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
INLINE void tiles(enum kernels_format format, const int P, const kernels_matrix *m, const kernels_activations *x,
                  float *y, int32_t panel, int32_t first, int32_t end) {
    int32_t token = first;
    if (format == kernels_q8)
        for (; token + 6 <= end; token += 6) tile(format, P, 6, m, x, y, panel, token);
    for (; token + 4 <= end; token += 4) tile(format, P, 4, m, x, y, panel, token);
    switch (end - token) {
    case 3: tile(format, P, 3, m, x, y, panel, token); break;
    case 2: tile(format, P, 2, m, x, y, panel, token); break;
    case 1: tile(format, P, 1, m, x, y, panel, token); break;
    default: break;
    }
}

AVX2 void kernels_multiply_panels_avx2(const kernels_matrix *m, const kernels_activations *x, float *y, int32_t panel,
                                       int32_t count, int32_t first, int32_t end) {
    if (m->format == kernels_q8) {
        if (count == 2)
            tiles(kernels_q8, 2, m, x, y, panel, first, end);
        else
            tiles(kernels_q8, 1, m, x, y, panel, first, end);
    } else {
        if (count == 2)
            tiles(kernels_q4, 2, m, x, y, panel, first, end);
        else
            tiles(kernels_q4, 1, m, x, y, panel, first, end);
    }
}

AVX2 float kernels_round_row_avx2(const float *x, int32_t columns, int16_t *values, int32_t *sums) {
    const __m256i magnitude = _mm256_set1_epi32(0x7FFFFFFF);
    __m256i largest = _mm256_setzero_si256();
    for (int32_t i = 0; i < columns; i += 8)
        largest = _mm256_max_epi32(
            largest, _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(x + i)), magnitude));
    __m128i half = _mm_max_epi32(_mm256_castsi256_si128(largest), _mm256_extracti128_si256(largest, 1));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, _MM_SHUFFLE(1, 0, 3, 2)));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, _MM_SHUFFLE(2, 3, 0, 1)));
    int32_t bits = _mm_cvtsi128_si32(half);
    float peak;
    memcpy(&peak, &bits, sizeof peak);
    float scale = peak / 32767, inverse = scale > 0 && bits < 0x7F800000 ? 1 / scale : 0;
    if (inverse == 0) {
        memset(values, 0, (size_t)columns * sizeof *values);
        memset(sums, 0, (size_t)(columns / block_columns) * sizeof *sums);
        return scale;
    }
    const __m256 factor = _mm256_set1_ps(inverse);
    const __m256i one = _mm256_set1_epi16(1), limit = _mm256_set1_epi16(-32767);
    for (int32_t i = 0; i < columns; i += block_columns) {
        __m256i sum = _mm256_setzero_si256();
        for (int32_t j = i; j < i + block_columns; j += 16) {
            __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + j), factor));
            __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + j + 8), factor));
            __m256i q = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), _MM_SHUFFLE(3, 1, 2, 0));
            q = _mm256_max_epi16(q, limit);
            _mm256_storeu_si256((__m256i *)(values + j), q);
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(q, one));
        }
        __m128i s = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(1, 0, 3, 2)));
        s = _mm_add_epi32(s, _mm_shuffle_epi32(s, _MM_SHUFFLE(2, 3, 0, 1)));
        sums[i / block_columns] = _mm_cvtsi128_si32(s);
    }
    return scale;
}

#endif

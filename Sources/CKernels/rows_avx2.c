#include "avx2.h"

#if defined(__x86_64__)

#include "context.h"
#include "vectors.h"

#include <string.h>

// Bytes of weights that stay in the first-level cache while the tokens pass over them.
enum { block_size = 16 << 10 };

INLINE __m256 widen(enum kernels_format format, __m128i halves) {
    if (format == kernels_bf16) return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
    return _mm256_cvtph_ps(halves);
}

// Eight numbers of a row from column `i` on.
INLINE __m256 load(enum kernels_format format, const char *row, int32_t i) {
    if (format == kernels_f32) return _mm256_loadu_ps((const float *)row + i);
    return widen(format, _mm_loadu_si128((const __m128i *)((const uint16_t *)row + i)));
}

// The last `count` < 8 numbers of a row, and zeros.
INLINE __m256 load_tail(enum kernels_format format, const char *row, int32_t i, int32_t count, __m256i mask) {
    if (format == kernels_f32) return _mm256_maskload_ps((const float *)row + i, mask);
    uint16_t halves[8] = {0};
    memcpy(halves, (const uint16_t *)row + i, (size_t)count * 2);
    return widen(format, _mm_loadu_si128((const __m128i *)halves));
}

INLINE float sum(__m256 a) { return _mm_cvtss_f32(sum4(a, a, a, a)); }

// R rows × T tokens, one accumulator each: the order of additions in one dot product is the same for every R and T.
INLINE void tile(enum kernels_format format, const int R, const int T, const char *w, size_t row_size, const float *x,
                 int32_t columns, const float *bias, float *y, size_t y_stride) {
    __m256 acc[8][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) acc[r][t] = _mm256_setzero_ps();
    int32_t i = 0;
    for (; i + 8 <= columns; i += 8) {
        __m256 v[8];
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) v[r] = load(format, w + (size_t)r * row_size, i);
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) {
            __m256 u = _mm256_loadu_ps(x + (size_t)t * columns + i);
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) acc[r][t] = _mm256_fmadd_ps(v[r], u, acc[r][t]);
        }
    }
    if (i < columns) {
        int32_t count = columns - i;
        __m256i mask = first_lanes(count);
        for (int t = 0; t < T; t++) {
            __m256 u = _mm256_maskload_ps(x + (size_t)t * columns + i, mask);
            for (int r = 0; r < R; r++)
                acc[r][t] = _mm256_fmadd_ps(load_tail(format, w + (size_t)r * row_size, i, count, mask), u, acc[r][t]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
        float b = bias != NULL ? bias[r] : 0;
        if (T == 4) {
            float s[4];
            _mm_storeu_ps(s, sum4(acc[r][0], acc[r][1], acc[r][2], acc[r][3]));
            for (int t = 0; t < 4; t++) y[t * y_stride + (size_t)r] = s[t] + b;
        } else {
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) y[t * y_stride + (size_t)r] = sum(acc[r][t]) + b;
        }
    }
}

// Rows [first, end) for T tokens, R rows at a time and the rest singly.
INLINE void strip(enum kernels_format format, const int R, const int T, const char *weights, size_t row_size,
                  const float *x, int32_t columns, const float *bias, float *y, size_t y_stride, int32_t first,
                  int32_t end) {
    int32_t row = first;
    for (; row + R <= end; row += R)
        tile(format, R, T, weights + (size_t)row * row_size, row_size, x, columns, bias != NULL ? bias + row : NULL,
             y + row, y_stride);
    for (; row < end; row++)
        tile(format, 1, T, weights + (size_t)row * row_size, row_size, x, columns, bias != NULL ? bias + row : NULL,
             y + row, y_stride);
}

INLINE void product(enum kernels_format format, const char *weights, const float *bias, const float *x, float *y,
                    int32_t rows, int32_t columns, int32_t tokens, int32_t first, int32_t end) {
    size_t row_size = (size_t)columns * kernels_format_size(format);
    int32_t block = (int32_t)(block_size / (row_size + 1) / 24 * 24);
    if (block == 0) block = 24;
    for (int32_t row = first; row < end; row += block) {
        int32_t stop = end - row < block ? end : row + block, token = 0;
#define STRIP(R, T)                                                                                                \
    strip(format, R, T, weights, row_size, x + (size_t)token * columns, columns, bias, y + (size_t)token * rows, \
          (size_t)rows, row, stop)
        for (; token + 4 <= tokens; token += 4) STRIP(3, 4);
        for (; token + 2 <= tokens; token += 2) STRIP(4, 2);
        for (; token < tokens; token++) STRIP(8, 1);
#undef STRIP
    }
}

AVX2 void kernels_multiply_rows_avx2(const kernels_matrix *m, const float *x, float *y, int32_t tokens, int32_t first,
                                     int32_t end) {
    switch (m->format) {
    case kernels_f32: product(kernels_f32, m->weights, m->bias, x, y, m->rows, m->columns, tokens, first, end); break;
    case kernels_bf16: product(kernels_bf16, m->weights, m->bias, x, y, m->rows, m->columns, tokens, first, end); break;
    case kernels_f16: product(kernels_f16, m->weights, m->bias, x, y, m->rows, m->columns, tokens, first, end); break;
    default: break;
    }
}

#endif

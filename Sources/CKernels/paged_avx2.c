#include "avx2.h"

#if defined(__x86_64__)

#include "vectors.h"

#include <math.h>

enum { positions = kernels_page_positions };

// The scores of N queries from `query` on for all positions of a page, each a sum over the dimension in order. The first
// ones fetch what is next.
INLINE void scores(const int N, const bool are_first, const kernels_queries *queries, int32_t query,
                   const float *keys, float out[][positions]) {
    __m256 acc[4][2];
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) acc[n][0] = acc[n][1] = _mm256_setzero_ps();
    const char *next = queries->next;
    for (int32_t i = 0; i < queries->dimension; i++) {
        if (are_first) {
            _mm_prefetch(next, _MM_HINT_T0);
            _mm_prefetch(next + 64, _MM_HINT_T0);
            next += queries->next_step;
        }
        __m256 low = _mm256_loadu_ps(keys + i * positions), high = _mm256_loadu_ps(keys + i * positions + 8);
#pragma clang loop unroll(full)
        for (int n = 0; n < N; n++) {
            __m256 q = _mm256_broadcast_ss(queries->q[query + n] + i);
            acc[n][0] = _mm256_fmadd_ps(q, low, acc[n][0]);
            acc[n][1] = _mm256_fmadd_ps(q, high, acc[n][1]);
        }
    }
    __m256 scale = _mm256_set1_ps(queries->scale);
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) {
        _mm256_storeu_ps(out[n], _mm256_mul_ps(acc[n][0], scale));
        _mm256_storeu_ps(out[n] + 8, _mm256_mul_ps(acc[n][1], scale));
    }
}

// out[0 ..< 8 · N] = out · correction + Σ weights[p] · values[p], p in order.
INLINE void accumulate(const int N, const float *weights, const float *values, int32_t dimension, int32_t first,
                       int32_t end, __m256 correction, float *out) {
    __m256 acc[8];
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) acc[n] = _mm256_mul_ps(_mm256_loadu_ps(out + 8 * n), correction);
    for (int32_t p = first; p < end; p++) {
        __m256 weight = _mm256_broadcast_ss(weights + p);
#pragma clang loop unroll(full)
        for (int n = 0; n < N; n++)
            acc[n] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(values + p * dimension + 8 * n), acc[n]);
    }
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) _mm256_storeu_ps(out + 8 * n, acc[n]);
}

INLINE float largest(__m256 a) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

AVX2 static void update(kernels_queries *queries, int32_t query, const float *values, float *row, int32_t page_start) {
    int32_t first, end, dimension = queries->dimension;
    kernels_visible(queries, query, page_start, &first, &end);
    if (first >= end) return;
    for (int32_t p = 0; p < first; p++) row[p] = -INFINITY;
    for (int32_t p = end; p < positions; p++) row[p] = -INFINITY;
    __m256 low = _mm256_loadu_ps(row), high = _mm256_loadu_ps(row + 8);
    float peak = largest(_mm256_max_ps(low, high));
    if (!(peak > queries->maximum[query])) peak = queries->maximum[query];
    __m256 top = _mm256_set1_ps(peak);
    low = exp8(_mm256_sub_ps(low, top));
    high = exp8(_mm256_sub_ps(high, top));
    _mm256_storeu_ps(row, low);
    _mm256_storeu_ps(row + 8, high);
    __m256 correction = exp8(_mm256_set1_ps(queries->maximum[query] - peak));
    __m256 sum = _mm256_add_ps(low, high);
    queries->total[query] = fmaf(queries->total[query], _mm256_cvtss_f32(correction),
                                 _mm_cvtss_f32(sum4(sum, sum, sum, sum)));
    queries->maximum[query] = peak;
    float *out = queries->out[query];
    int32_t i = 0;
    for (; i + 64 <= dimension; i += 64) accumulate(8, row, values + i, dimension, first, end, correction, out + i);
    for (; i + 32 <= dimension; i += 32) accumulate(4, row, values + i, dimension, first, end, correction, out + i);
    for (; i < dimension; i += 8) accumulate(1, row, values + i, dimension, first, end, correction, out + i);
}

INLINE void tile(const int N, const bool are_first, kernels_queries *queries, int32_t query, const float *page,
                 int32_t page_start) {
    const float *values = page + positions * (size_t)queries->dimension;
    float rows[4][positions];
    scores(N, are_first, queries, query, page, rows);
    for (int n = 0; n < N; n++) update(queries, query + n, values, rows[n], page_start);
}

INLINE void tiles(const bool are_first, kernels_queries *queries, int32_t query, int32_t count, const float *page,
                  int32_t page_start) {
    switch (count) {
    case 1: tile(1, are_first, queries, query, page, page_start); break;
    case 2: tile(2, are_first, queries, query, page, page_start); break;
    case 3: tile(3, are_first, queries, query, page, page_start); break;
    default: tile(4, are_first, queries, query, page, page_start);
    }
}

AVX2 void kernels_attend_page_avx2(kernels_queries *queries, int32_t low, int32_t high, const float *page,
                                   int32_t page_start) {
    tiles(true, queries, low, high - low, page, page_start);
    for (int32_t query = low + 4; query < high; query += 4)
        tiles(false, queries, query, high - query, page, page_start);
}

#endif

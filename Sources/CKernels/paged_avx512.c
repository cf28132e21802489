#include "avx512.h"

#if defined(__x86_64__)

#include "vectors512.h"

#include <math.h>

enum { positions = kernels_page_positions };

// The scores of N queries from `query` on for all positions of a page, each a sum over the dimension in order. The first
// ones fetch what is next.
INLINE512 void score(const int N, const bool are_first, const kernels_queries *queries, int32_t query,
                     const float *keys, __m512 *scores) {
    __m512 acc[tile_queries];
    const float *q[tile_queries];
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) {
        acc[n] = _mm512_setzero_ps();
        q[n] = queries->q[query + n];
    }
    const char *next = queries->next;
    for (int32_t i = 0; i < queries->dimension; i++) {
        if (are_first) {
            _mm_prefetch(next, _MM_HINT_T0);
            _mm_prefetch(next + 64, _MM_HINT_T0);
            next += queries->next_step;
        }
        __m512 key = _mm512_loadu_ps(keys + i * positions);
#pragma clang loop unroll(full)
        for (int n = 0; n < N; n++) acc[n] = _mm512_fmadd_ps(_mm512_set1_ps(q[n][i]), key, acc[n]);
    }
    __m512 scale = _mm512_set1_ps(queries->scale);
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++) scores[n] = _mm512_mul_ps(acc[n], scale);
}

// out[n][0 ..< 16 · V] = out · correction[n] + Σ weights[n][p] · values[p], p in order, for N queries.
INLINE512 void accumulate(const int N, const int V, float *const *out, int32_t column, const float *correction,
                          float (*weights)[positions], const float *values, int32_t dimension, int32_t first,
                          int32_t end) {
    __m512 acc[4][4];
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++)
            acc[n][v] = _mm512_mul_ps(_mm512_loadu_ps(out[n] + column + 16 * v), _mm512_set1_ps(correction[n]));
    for (int32_t p = first; p < end; p++) {
        __m512 value[4];
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) value[v] = _mm512_loadu_ps(values + p * dimension + column + 16 * v);
#pragma clang loop unroll(full)
        for (int n = 0; n < N; n++) {
            __m512 weight = _mm512_set1_ps(weights[n][p]);
#pragma clang loop unroll(full)
            for (int v = 0; v < V; v++) acc[n][v] = _mm512_fmadd_ps(weight, value[v], acc[n][v]);
        }
    }
#pragma clang loop unroll(full)
    for (int n = 0; n < N; n++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) _mm512_storeu_ps(out[n] + column + 16 * v, acc[n][v]);
}

INLINE512 void accumulate_columns(const int N, float *const *out, const float *correction,
                                  float (*weights)[positions], const float *values, int32_t dimension,
                                  int32_t first, int32_t end) {
    int32_t i = 0;
    for (; i + 64 <= dimension; i += 64)
        accumulate(N, 4, out, i, correction, weights, values, dimension, first, end);
    for (; i < dimension; i += 16) accumulate(N, 1, out, i, correction, weights, values, dimension, first, end);
}

INLINE512 __m256 low_half(__m512 x) { return _mm512_castps512_ps256(x); }
INLINE512 __m256 high_half(__m512 x) { return _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(x), 1)); }

// The largest numbers of four vectors.
INLINE512 __m128 largest4(const __m512 *x) {
    __m256 a = _mm256_max_ps(low_half(x[0]), high_half(x[0])), b = _mm256_max_ps(low_half(x[1]), high_half(x[1]));
    __m256 c = _mm256_max_ps(low_half(x[2]), high_half(x[2])), d = _mm256_max_ps(low_half(x[3]), high_half(x[3]));
    a = _mm256_max_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    c = _mm256_max_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    a = _mm256_max_ps(_mm256_shuffle_ps(a, c, _MM_SHUFFLE(1, 0, 1, 0)), _mm256_shuffle_ps(a, c, _MM_SHUFFLE(3, 2, 3, 2)));
    return _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
}

// The sums of four vectors, in the order of `sum4` over the two halves' sums.
INLINE512 __m128 sum_halves4(const __m512 *x) {
    return sum4(_mm256_add_ps(low_half(x[0]), high_half(x[0])), _mm256_add_ps(low_half(x[1]), high_half(x[1])),
                _mm256_add_ps(low_half(x[2]), high_half(x[2])), _mm256_add_ps(low_half(x[3]), high_half(x[3])));
}

// Takes scores of `count` queries into their softmax, which all attend to [first, end) of the page.
AVX512 static void update(kernels_queries *queries, int32_t query, int32_t count, const __m512 *scores,
                      const float *values, int32_t first, int32_t end) {
    _Alignas(64) float weights[tile_queries][positions], peaks[tile_queries], corrections[tile_queries];
    __mmask16 visible = (__mmask16)(0xFFFFu >> (positions - end) & 0xFFFFu << first);
    __mmask8 lanes = (__mmask8)((1u << count) - 1);
    const __m512 nothing = _mm512_set1_ps(-INFINITY);
    __m512 rows[tile_queries];
#pragma clang loop unroll(full)
    for (int n = 0; n < tile_queries; n++) rows[n] = _mm512_mask_mov_ps(nothing, visible, scores[n]);
    __m256 maximum = _mm256_loadu_ps(queries->maximum + query);
    __m256 peak = _mm256_max_ps(_mm256_set_m128(largest4(rows + 4), largest4(rows)), maximum);
    _mm256_store_ps(peaks, peak);
#pragma clang loop unroll_count(2)
    for (int n = 0; n < tile_queries; n++) {
        rows[n] = exp16(_mm512_sub_ps(rows[n], _mm512_set1_ps(peaks[n])));
        _mm512_store_ps(weights[n], rows[n]);
    }
    __m256 correction = exp8(_mm256_sub_ps(maximum, peak));
    _mm256_store_ps(corrections, correction);
    __m256 total = _mm256_fmadd_ps(_mm256_loadu_ps(queries->total + query), correction,
                                   _mm256_set_m128(sum_halves4(rows + 4), sum_halves4(rows)));
    _mm256_mask_storeu_ps(queries->maximum + query, lanes, peak);
    _mm256_mask_storeu_ps(queries->total + query, lanes, total);
    for (int32_t n = 0; n < count; n += 4) {
        float *const *out = queries->out + query + n;
        switch (count - n) {
        case 1: accumulate_columns(1, out, corrections + n, weights + n, values, queries->dimension, first, end); break;
        case 2: accumulate_columns(2, out, corrections + n, weights + n, values, queries->dimension, first, end); break;
        case 3: accumulate_columns(3, out, corrections + n, weights + n, values, queries->dimension, first, end); break;
        default: accumulate_columns(4, out, corrections + n, weights + n, values, queries->dimension, first, end);
        }
    }
}

// N queries from `query` on. Those of one token see the same positions, and all do but where a page is the last one.
INLINE512 void tile(const int N, const bool are_first, kernels_queries *queries, int32_t query, const float *page,
                    int32_t page_start) {
    const float *values = page + positions * (size_t)queries->dimension;
    // With room to read a tile from any of its queries on.
    __m512 scores[2 * tile_queries];
#pragma clang loop unroll(full)
    for (int n = 0; n < 2 * tile_queries; n++) scores[n] = _mm512_setzero_ps();
    score(N, are_first, queries, query, page, scores);
    for (int32_t n = 0, count; n < N; n += count) {
        int32_t first, end, other_first, other_end;
        kernels_visible(queries, query + n, page_start, &first, &end);
        for (count = 1; n + count < N; count++) {
            kernels_visible(queries, query + n + count, page_start, &other_first, &other_end);
            if (other_first != first || other_end != end) break;
        }
        if (first < end) update(queries, query + n, count, scores + n, values, first, end);
    }
}

INLINE512 void tiles(const bool are_first, kernels_queries *queries, int32_t query, int32_t count, const float *page,
                     int32_t page_start) {
    switch (count) {
#define TILE(N) case N: tile(N, are_first, queries, query, page, page_start); break;
        TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7)
#undef TILE
    default: tile(tile_queries, are_first, queries, query, page, page_start);
    }
}

AVX512 void kernels_attend_page_avx512(kernels_queries *queries, int32_t low, int32_t high, const float *page,
                                       int32_t page_start) {
    tiles(true, queries, low, high - low, page, page_start);
    for (int32_t query = low + tile_queries; query < high; query += tile_queries)
        tiles(false, queries, query, high - query, page, page_start);
}

#endif

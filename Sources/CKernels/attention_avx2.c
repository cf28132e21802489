#include "avx2.h"

#if defined(__x86_64__)

#include "vectors.h"

#include <math.h>

// Positions that share one rescaling of the running softmax. A multiple of 8.
enum { block = 64 };

// Four positions' scores; `keys` are four row pointers, some of which may be the same.
INLINE __m128 scores4(const float *q, const float *const keys[4], int32_t dimension) {
    __m256 s[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps()};
    int32_t i = 0;
    for (; i + 8 <= dimension; i += 8) {
        __m256 u = _mm256_loadu_ps(q + i);
        for (int j = 0; j < 4; j++) s[j] = _mm256_fmadd_ps(u, _mm256_loadu_ps(keys[j] + i), s[j]);
    }
    if (i < dimension) {
        __m256i mask = first_lanes(dimension - i);
        __m256 u = _mm256_maskload_ps(q + i, mask);
        for (int j = 0; j < 4; j++) s[j] = _mm256_fmadd_ps(u, _mm256_maskload_ps(keys[j] + i, mask), s[j]);
    }
    return sum4(s[0], s[1], s[2], s[3]);
}

// out[i ..< i + 8 · N] += Σ weights[p] · values[p][i ..< i + 8 · N], after a rescaling.
INLINE void accumulate(const int N, const float *weights, const float *values, size_t stride, int32_t count,
                       float correction, float *out) {
    __m256 acc[4];
    for (int n = 0; n < N; n++) acc[n] = _mm256_mul_ps(_mm256_loadu_ps(out + 8 * n), _mm256_set1_ps(correction));
    for (int32_t p = 0; p < count; p++) {
        __m256 w = _mm256_broadcast_ss(weights + p);
        for (int n = 0; n < N; n++) acc[n] = _mm256_fmadd_ps(w, _mm256_loadu_ps(values + p * stride + 8 * n), acc[n]);
    }
    for (int n = 0; n < N; n++) _mm256_storeu_ps(out + 8 * n, acc[n]);
}

AVX2 void kernels_attend_avx2(const float *q, const float *keys, const float *values, float *out, int32_t positions,
                              size_t stride, int32_t dimension) {
    float scale = 1 / sqrtf((float)dimension), maximum = -INFINITY, total = 0;
    for (int32_t i = 0; i < dimension; i++) out[i] = 0;
    for (int32_t start = 0; start < positions; start += block) {
        int32_t count = positions - start < block ? positions - start : block;
        const float *k = keys + start * stride, *v = values + start * stride;
        float weights[block];
        float peak = maximum;
        for (int32_t p = 0; p < count; p += 4) {
            const float *rows[4];
            for (int j = 0; j < 4; j++) rows[j] = k + (size_t)(p + j < count ? p + j : count - 1) * stride;
            _mm_storeu_ps(weights + p, _mm_mul_ps(scores4(q, rows, dimension), _mm_set1_ps(scale)));
        }
        for (int32_t p = 0; p < count; p++) peak = weights[p] > peak ? weights[p] : peak;
        for (int32_t p = count; p < (count + 7) / 8 * 8; p++) weights[p] = -INFINITY;
        for (int32_t p = 0; p < count; p += 8)
            _mm256_storeu_ps(weights + p, exp8(_mm256_sub_ps(_mm256_loadu_ps(weights + p), _mm256_set1_ps(peak))));
        float correction = expf(maximum - peak);
        total *= correction;
        for (int32_t p = 0; p < count; p++) total += weights[p];
        maximum = peak;
        int32_t i = 0;
        for (; i + 32 <= dimension; i += 32) accumulate(4, weights, v + i, stride, count, correction, out + i);
        for (; i + 8 <= dimension; i += 8) accumulate(1, weights, v + i, stride, count, correction, out + i);
        for (; i < dimension; i++) {
            float sum = out[i] * correction;
            for (int32_t p = 0; p < count; p++) sum = fmaf(weights[p], v[p * stride + i], sum);
            out[i] = sum;
        }
    }
    for (int32_t i = 0; i < dimension; i++) out[i] /= total;
}

#endif

#include "avx2.h"

#if defined(__x86_64__)

#include "vectors.h"

AVX2 void kernels_widen_f16_avx2(const uint16_t *source, float *destination, size_t count) {
    for (size_t i = 0; i < count; i += 8)
        _mm256_storeu_ps(destination + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(source + i))));
}

AVX2 void kernels_swiglu_avx2(float *gate, const float *up, size_t count) {
    const __m256 one = _mm256_set1_ps(1), zero = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) {
        __m256i mask = first_lanes(count - i < 8 ? (int32_t)(count - i) : 8);
        __m256 g = _mm256_maskload_ps(gate + i, mask), u = _mm256_maskload_ps(up + i, mask);
        __m256 silu = _mm256_div_ps(g, _mm256_add_ps(one, exp8(_mm256_sub_ps(zero, g))));
        _mm256_maskstore_ps(gate + i, mask, _mm256_mul_ps(silu, u));
    }
}

#endif

#include "avx2.h"

#if defined(__x86_64__)

#include "numbers.h"
#include "vectors.h"

// The bits of a number's magnitude: as integers they are in the order of the values, infinity and then NaN last.
INLINE __m256i magnitude(const float *x) {
    return _mm256_and_si256(_mm256_loadu_si256((const __m256i *)x), _mm256_set1_epi32(0x7FFFFFFF));
}

INLINE float largest(__m256i magnitudes) {
    __m128i half = _mm_max_epi32(_mm256_castsi256_si128(magnitudes), _mm256_extracti128_si256(magnitudes, 1));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, _MM_SHUFFLE(1, 0, 3, 2)));
    half = _mm_max_epi32(half, _mm_shuffle_epi32(half, _MM_SHUFFLE(2, 3, 0, 1)));
    return kernels_bits_to_float((uint32_t)_mm_cvtsi128_si32(half));
}

// Eight numbers as the nearest integers.
INLINE __m256i nearest(const float *x, __m256 inverse) {
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), inverse));
}

AVX2 float kernels_round_row_avx2(const float *x, int32_t columns, int16_t *values) {
    __m256i peak = _mm256_setzero_si256();
    for (int32_t i = 0; i < columns; i += 8) peak = _mm256_max_epi32(peak, magnitude(x + i));
    float scale = largest(peak) / 32767, inverse = kernels_inverse_scale(scale);
    if (inverse == 0) {
        memset(values, 0, (size_t)columns * sizeof *values);
        return scale;
    }
    const __m256 factor = _mm256_set1_ps(inverse);
    for (int32_t i = 0; i < columns; i += 16) {
        __m256i q = _mm256_packs_epi32(nearest(x + i, factor), nearest(x + i + 8, factor));
        q = _mm256_max_epi16(_mm256_permute4x64_epi64(q, _MM_SHUFFLE(3, 1, 2, 0)), _mm256_set1_epi16(-32767));
        _mm256_storeu_si256((__m256i *)(values + i), q);
    }
    return scale;
}

AVX2 void kernels_round_blocks_avx2(const float *x, int32_t columns, kernels_input_block *blocks) {
    // Of each 8 columns c: c, c + 4, c + 1, c + 5, c + 2, c + 6, c + 3, c + 7, once the two lanes of each are together.
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15));
    const __m256i together = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    for (int32_t i = 0; i < columns; i += block_columns, blocks++) {
        __m256i peak = _mm256_max_epi32(_mm256_max_epi32(magnitude(x + i), magnitude(x + i + 8)),
                                        _mm256_max_epi32(magnitude(x + i + 16), magnitude(x + i + 24)));
        blocks->scale = largest(peak) / 127;
        // A factor of 0 does not make zeros of what is not finite.
        float inverse = kernels_inverse_scale(blocks->scale);
        if (inverse == 0) {
            blocks->start = 0;
            memset(blocks->values, 0, sizeof blocks->values);
            continue;
        }
        const __m256 factor = _mm256_set1_ps(inverse);
        __m256i a = _mm256_packs_epi32(nearest(x + i, factor), nearest(x + i + 8, factor));
        __m256i b = _mm256_packs_epi32(nearest(x + i + 16, factor), nearest(x + i + 24, factor));
        __m256i q = _mm256_max_epi8(_mm256_packs_epi16(a, b), _mm256_set1_epi8(-127));
        q = _mm256_shuffle_epi8(_mm256_permutevar8x32_epi32(q, together), order);
        _mm256_storeu_si256((__m256i *)blocks->values, q);
        __m256i sums = _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), q), _mm256_set1_epi16(-8));
        __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(1, 0, 3, 2)));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, _MM_SHUFFLE(2, 3, 0, 1)));
        blocks->start = _mm_cvtsi128_si32(sum);
    }
}

#endif

#include "avx512.h"

#if defined(__x86_64__)

#include "vectors512.h"

AVX512 void kernels_swiglu_avx512(float *gate, const float *up, size_t count) {
    const __m512 one = _mm512_set1_ps(1), zero = _mm512_setzero_ps();
    for (size_t i = 0; i < count; i += 16) {
        __mmask16 mask = count - i < 16 ? (__mmask16)((1u << (count - i)) - 1) : 0xFFFF;
        __m512 g = _mm512_maskz_loadu_ps(mask, gate + i), u = _mm512_maskz_loadu_ps(mask, up + i);
        __m512 silu = _mm512_div_ps(g, _mm512_add_ps(one, exp16(_mm512_sub_ps(zero, g))));
        _mm512_mask_storeu_ps(gate + i, mask, _mm512_mul_ps(silu, u));
    }
}

#endif

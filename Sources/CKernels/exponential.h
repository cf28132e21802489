// exp(x), one number at a time, to the bit what the vector forms compute.
#pragma once

#include "numbers.h"

#include <math.h>

/// exp(x) to about 2 units in the last place for x ≤ 88, 0 below -87.3; see exp8.
static inline float kernels_exp(float x) {
    if (isnan(x)) return x;
    if (x < -87.3f) return 0;
    x = x > 88 ? 88 : x;
    float n = rintf(x * 1.44269504088896341f);
    float f = fmaf(-n, 0.693359375f, x);
    f = fmaf(-n, -2.12194440e-4f, f);
    float p = 1.9875691500e-4f;
    p = fmaf(p, f, 1.3981999507e-3f);
    p = fmaf(p, f, 8.3334519073e-3f);
    p = fmaf(p, f, 4.1665795894e-2f);
    p = fmaf(p, f, 1.6666665459e-1f);
    p = fmaf(p, f, 5.0000001201e-1f);
    float square = f * f, line = f + 1;
    p = fmaf(square, p, line);
    return p * kernels_bits_to_float((uint32_t)((int32_t)n + 127) << 23);
}

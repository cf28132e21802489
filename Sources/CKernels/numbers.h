// Scalar conversions between the number formats, for any processor.
#pragma once

#include <stdint.h>
#include <string.h>

static inline float kernels_bits_to_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t kernels_float_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float kernels_bf16_to_float(uint16_t half) { return kernels_bits_to_float((uint32_t)half << 16); }

static inline uint16_t kernels_float_to_bf16(float value) {
    uint32_t bits = kernels_float_to_bits(value);
    if ((bits & 0x7FFFFFFF) > 0x7F800000) return (uint16_t)(bits >> 16 | 0x40);  // stays NaN
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

// IEEE 754 binary16.
static inline float kernels_f16_to_float(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 31) return kernels_bits_to_float(sign | 0x7F800000 | fraction << 13);
    if (exponent != 0) return kernels_bits_to_float(sign | (exponent + 112) << 23 | fraction << 13);
    float subnormal = (float)fraction * 0x1p-24f;
    return kernels_bits_to_float(sign | kernels_float_to_bits(subnormal));
}

static inline uint16_t kernels_float_to_f16(float value) {
    uint32_t bits = kernels_float_to_bits(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00);
    if (magnitude >= 0x477FF000) return (uint16_t)(sign | 0x7C00);  // rounds past 65504
    if (magnitude < 0x38800000) {                                   // below 2^-14: subnormal
        // Adding 0.5 leaves the fraction, rounded to multiples of 2^-24, in the low bits.
        float shifted = kernels_bits_to_float(magnitude) + 0.5f;
        return (uint16_t)(sign | (kernels_float_to_bits(shifted) - kernels_float_to_bits(0.5f)));
    }
    return (uint16_t)(sign | ((magnitude - 0x38000000 + 0xFFF + (magnitude >> 13 & 1)) >> 13));
}

#include "context.h"
#include "numbers.h"

static inline float get(enum kernels_format format, const void *source, size_t i) {
    switch (format) {
    case kernels_bf16: return kernels_bf16_to_float(((const uint16_t *)source)[i]);
    case kernels_f16: return kernels_f16_to_float(((const uint16_t *)source)[i]);
    default: return ((const float *)source)[i];
    }
}

static inline void put(enum kernels_format format, void *destination, size_t i, float value) {
    switch (format) {
    case kernels_bf16: ((uint16_t *)destination)[i] = kernels_float_to_bf16(value); break;
    case kernels_f16: ((uint16_t *)destination)[i] = kernels_float_to_f16(value); break;
    default: ((float *)destination)[i] = value;
    }
}

void kernels_convert(enum kernels_format from, const void *source, enum kernels_format to, void *destination,
                     size_t count) {
    if (from == to) {
        memcpy(destination, source, count * kernels_format_size(from));
        return;
    }
    for (size_t i = 0; i < count; i++) put(to, destination, i, get(from, source, i));
}

void kernels_transpose(enum kernels_format from, const void *source, size_t stride, enum kernels_format to,
                       void *destination, size_t rows, size_t columns) {
    for (size_t column = 0; column < columns; column++)
        for (size_t row = 0; row < rows; row++)
            put(to, destination, row * columns + column, get(from, source, column * stride + row));
}

bool kernels_all_finite(enum kernels_format format, const void *numbers, size_t count) {
    // Infinities and NaN are the numbers whose exponent bits are all set.
    uint32_t found = 0;
    if (format == kernels_f32) {
        const uint32_t *bits = numbers;
        for (size_t i = 0; i < count; i++) found |= (bits[i] & 0x7F800000) == 0x7F800000;
    } else {
        const uint16_t *bits = numbers, exponent = format == kernels_bf16 ? 0x7F80 : 0x7C00;
        for (size_t i = 0; i < count; i++) found |= (bits[i] & exponent) == exponent;
    }
    return found == 0;
}

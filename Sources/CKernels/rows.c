#include "avx2.h"
#include "context.h"
#include "numbers.h"

enum { panel = 512 };

// The next `count` ≤ panel numbers of a row as floats.
static const float *widen(enum kernels_format format, const char *row, int32_t offset, int32_t count, float *buffer) {
    if (format == kernels_f32) return (const float *)row + offset;
    const uint16_t *source = (const uint16_t *)row + offset;
    if (format == kernels_bf16)
        for (int32_t i = 0; i < count; i++) buffer[i] = kernels_bf16_to_float(source[i]);
    else
        for (int32_t i = 0; i < count; i++) buffer[i] = kernels_f16_to_float(source[i]);
    return buffer;
}

static float dot(enum kernels_format format, const char *row, const float *x, int32_t columns) {
    float sums[8] = {0}, buffer[panel];
    for (int32_t offset = 0; offset < columns; offset += panel) {
        int32_t count = columns - offset < panel ? columns - offset : panel, i = 0;
        const float *w = widen(format, row, offset, count, buffer), *v = x + offset;
        for (; i + 8 <= count; i += 8)
            for (int lane = 0; lane < 8; lane++) sums[lane] += w[i + lane] * v[i + lane];
        for (int lane = 0; i < count; i++, lane++) sums[lane] += w[i] * v[i];
    }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

void kernels_multiply_rows(bool avx2, const kernels_matrix *matrix, const float *x, float *y, int32_t tokens,
                           int32_t first, int32_t end) {
#if defined(__x86_64__)
    if (avx2) {
        kernels_multiply_rows_avx2(matrix, x, y, tokens, first, end);
        return;
    }
#endif
    size_t row_size = (size_t)matrix->columns * kernels_format_size(matrix->format);
    for (int32_t row = first; row < end; row++)
        for (int32_t token = 0; token < tokens; token++)
            y[(size_t)token * (size_t)matrix->rows + (size_t)row] =
                dot(matrix->format, (const char *)matrix->weights + (size_t)row * row_size,
                    x + (size_t)token * (size_t)matrix->columns, matrix->columns)
                + (matrix->bias != NULL ? matrix->bias[row] : 0);
}

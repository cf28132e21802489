#include "packed.h"

#include "context.h"
#include "numbers.h"

#include <math.h>

size_t kernels_weights_size(enum kernels_format format, int32_t rows, int32_t columns) {
    if (!kernels_is_packed(format)) return (size_t)rows * (size_t)columns * kernels_format_size(format);
    return (size_t)kernels_panels(rows) * kernels_panel_size(format, columns);
}

size_t kernels_scales_size(enum kernels_format format, int32_t rows, int32_t columns) {
    if (!kernels_is_packed(format)) return 0;
    return (size_t)kernels_panels(rows) * (size_t)kernels_blocks(columns) * panel_rows * sizeof(uint16_t);
}

// The whole number nearest to x, ties to even, in low…high. Adding 1.5 · 2²³ leaves no bits for a fraction; unlike a call
// of rintf the compiler can do it for several numbers at once.
static inline float nearest(float x, float low, float high) {
    x = x < low ? low : x > high ? high : x;
    return (x + 0x1.8p23f) - 0x1.8p23f;
}

// Σ (x - scale · q)² over a block, each x rounded to the nearest q in low…high.
static float squared_error(const float *x, float scale, float low, float high) {
    float inverse = 1 / scale, sums[8] = {0};
    for (int i = 0; i < block_columns; i += 8)
        for (int lane = 0; lane < 8; lane++) {
            float difference = x[i + lane] - scale * nearest(x[i + lane] * inverse, low, high);
            sums[lane] += difference * difference;
        }
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// The scale for a block: of q8 the one that maps the largest magnitude to 127; of q4, whose few steps make rounding
// costly, the one of several near it that has the least squared error.
static float block_scale(enum kernels_format to, const float *x) {
    float largest = 0;
    for (int i = 0; i < block_columns; i++)
        if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
    if (largest == 0) return 0;
    if (to == kernels_q8) return fabsf(largest) / 127;
    float best = 0, least = INFINITY;
    // The largest magnitude goes to -8, the longer side; a smaller scale cuts it off for finer steps elsewhere.
    for (int step = -6; step <= 12; step++) {
        float scale = kernels_f16_to_float(kernels_float_to_f16(largest / (-8 + 0.15f * (float)step)));
        if (scale == 0 || !isfinite(scale)) continue;
        float error = squared_error(x, scale, -8, 7);
        if (error < least) {
            least = error;
            best = scale;
        }
    }
    return best;
}

void kernels_quantize_row(enum kernels_format to, const float *row, int32_t columns, int8_t *values,
                          uint16_t *scales) {
    float low = to == kernels_q8 ? -127 : -8, high = to == kernels_q8 ? 127 : 7;
    int32_t zero = to == kernels_q8 ? 0 : 8;
    for (int32_t block = 0; block < kernels_blocks(columns); block++, values += block_columns) {
        int32_t first = block * block_columns;
        int32_t count = columns - first < block_columns ? columns - first : block_columns;
        float x[block_columns] = {0};
        memcpy(x, row + first, (size_t)count * sizeof *x);
        scales[block] = kernels_float_to_f16(block_scale(to, x));
        float scale = kernels_f16_to_float(scales[block]), inverse = scale == 0 ? 0 : 1 / scale;
        for (int i = 0; i < block_columns; i++)
            values[i] = (int8_t)((int32_t)nearest(x[i] * inverse, low, high) + zero);
    }
}

void kernels_pack_panel(enum kernels_format to, const int8_t *values, const uint16_t *scales, int32_t rows,
                        int32_t columns, void *weights, uint16_t *panel_scales) {
    int32_t blocks = kernels_blocks(columns), padded = blocks * block_columns;
    memset(weights, to == kernels_q8 ? 0 : 0x88, kernels_panel_size(to, columns));
    for (int32_t block = 0; block < blocks; block++)
        for (int32_t row = 0; row < panel_rows; row++)
            panel_scales[block * panel_rows + row] = row < rows ? scales[row * blocks + block] : 0;
    for (int32_t row = 0; row < rows; row++)
        for (int32_t column = 0; column < padded; column++) {
            int8_t value = values[(size_t)row * (size_t)padded + (size_t)column];
            if (to == kernels_q8)
                ((int8_t *)weights)[kernels_q8_index(row, column)] = value;
            else
                kernels_q4_put(weights, row, column, (uint8_t)value);
        }
}

void kernels_unpack_row(const kernels_matrix *matrix, int32_t row, float *out) {
    if (!kernels_is_packed(matrix->format)) {
        size_t size = (size_t)matrix->columns * kernels_format_size(matrix->format);
        kernels_convert(matrix->format, (const char *)matrix->weights + (size_t)row * size, kernels_f32, out,
                        (size_t)matrix->columns);
        return;
    }
    int32_t panel = row / panel_rows, blocks = kernels_blocks(matrix->columns);
    row %= panel_rows;
    const uint8_t *weights =
        (const uint8_t *)matrix->weights + (size_t)panel * kernels_panel_size(matrix->format, matrix->columns);
    const uint16_t *scales = matrix->scales + (size_t)panel * (size_t)blocks * panel_rows;
    for (int32_t column = 0; column < matrix->columns; column++) {
        int32_t q = matrix->format == kernels_q8 ? (int8_t)weights[kernels_q8_index(row, column)]
                                                 : kernels_q4_get(weights, row, column) - 8;
        out[column] = kernels_f16_to_float(scales[column / block_columns * panel_rows + row]) * (float)q;
    }
}

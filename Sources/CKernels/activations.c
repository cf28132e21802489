#include "activations.h"

#include "avx2.h"
#include "numbers.h"

#include <math.h>

struct rounding {
    bool avx2;
    const float *x;
    int32_t columns, tokens;
    int16_t *values;
    float *scales;
    int32_t *sums;
    size_t stride;
    int32_t blocks;
};

// The scale that maps the largest magnitude to 32767; an infinity or NaN in the row makes it one too.
static float row_scale(const float *x, int32_t columns) {
    uint32_t largest = 0;
    for (int32_t i = 0; i < columns; i++) {
        // As integers, magnitudes are in the order of their values, infinity and then NaN last.
        uint32_t magnitude = kernels_float_to_bits(x[i]) & 0x7FFFFFFF;
        largest = magnitude > largest ? magnitude : largest;
    }
    return kernels_bits_to_float(largest) / 32767;
}

static void round_row(const float *x, int32_t columns, float scale, int16_t *values, int32_t *sums, int32_t blocks) {
    float inverse = scale > 0 && isfinite(scale) ? 1 / scale : 0;
    for (int32_t block = 0; block < blocks; block++, values += block_columns) {
        int32_t sum = 0;
        for (int32_t i = 0; i < block_columns; i++) {
            int32_t column = block * block_columns + i;
            float q = column < columns && inverse != 0 ? rintf(x[column] * inverse) : 0;
            values[i] = (int16_t)(q > 32767 ? 32767 : q < -32767 ? -32767 : q);
            sum += values[i];
        }
        sums[block] = sum;
    }
}

static void round_rows(void *argument, int32_t index, int32_t count) {
    const struct rounding *r = argument;
    int32_t first, end;
    kernels_share(r->tokens, 1, index, count, &first, &end);
    for (int32_t token = first; token < end; token++) {
        const float *x = r->x + (size_t)token * (size_t)r->columns;
        int16_t *values = r->values + (size_t)token * r->stride;
        int32_t *sums = r->sums + (size_t)token * (size_t)r->blocks;
#if defined(__x86_64__)
        if (r->avx2 && r->columns % block_columns == 0) {
            r->scales[token] = kernels_round_row_avx2(x, r->columns, values, sums);
            continue;
        }
#endif
        r->scales[token] = row_scale(x, r->columns);
        round_row(x, r->columns, r->scales[token], values, sums, r->blocks);
    }
}

static size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

kernels_activations kernels_quantize_activations(kernels_context *context, const float *x, int32_t columns,
                                                 int32_t tokens) {
    int32_t blocks = kernels_blocks(columns);
    // Rows a cache line apart from a multiple of the cache's set size, so that they do not share its sets.
    size_t stride = (size_t)blocks * block_columns + 32, count = (size_t)tokens;
    size_t values_size = aligned(count * stride * sizeof(int16_t)), scales_size = aligned(count * sizeof(float));
    char *memory = kernels_scratch(context, values_size + scales_size + count * (size_t)blocks * sizeof(int32_t));
    struct rounding r = {
        .avx2 = kernels_context_uses_avx2(context), .x = x, .columns = columns, .tokens = tokens,
        .values = (int16_t *)memory, .scales = (float *)(memory + values_size),
        .sums = (int32_t *)(memory + values_size + scales_size), .stride = stride, .blocks = blocks};
    if ((int64_t)columns * tokens < 32768)
        round_rows(&r, 0, 1);
    else
        kernels_run(context, round_rows, &r);
    return (kernels_activations){r.values, r.scales, r.sums, stride, blocks};
}

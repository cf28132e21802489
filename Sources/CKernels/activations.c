#include "activations.h"

#include "avx2.h"
#include "numbers.h"

#include <math.h>

struct rounding {
    bool avx2;
    const float *x;
    int32_t columns, tokens, blocks;
    /// Absent where no matrix is q8.
    int16_t *values;
    float *scales;
    size_t stride;
    /// Absent where no matrix is q4.
    kernels_input_block *input_blocks;
};

// The scale that maps the largest magnitude to `limit`; an infinity or NaN among the numbers makes it one too.
static float largest_scale(const float *x, int32_t count, float limit) {
    uint32_t largest = 0;
    for (int32_t i = 0; i < count; i++) {
        // As integers, magnitudes are in the order of their values, infinity and then NaN last.
        uint32_t magnitude = kernels_float_to_bits(x[i]) & 0x7FFFFFFF;
        largest = magnitude > largest ? magnitude : largest;
    }
    return kernels_bits_to_float(largest) / limit;
}

// The nearest whole number, ties to even; not beyond the limit.
static float nearest(float x, float limit) {
    float q = rintf(x);
    return q > limit ? limit : q < -limit ? -limit : q;
}

static float round_row(const float *x, int32_t columns, int16_t *values, int32_t padded) {
    float scale = largest_scale(x, columns, 32767), inverse = kernels_inverse_scale(scale);
    for (int32_t i = 0; i < padded; i++)
        values[i] = (int16_t)(i < columns && inverse != 0 ? nearest(x[i] * inverse, 32767) : 0);
    return scale;
}

static void round_block(const float *x, int32_t count, kernels_input_block *block) {
    block->scale = largest_scale(x, count, 127);
    float inverse = kernels_inverse_scale(block->scale);
    block->start = 0;
    for (int32_t i = 0; i < block_columns; i++) {
        int32_t column = i / 8 * 8 + kernels_q4_order(i % 8);
        block->values[i] = (int8_t)(column < count && inverse != 0 ? nearest(x[column] * inverse, 127) : 0);
        block->start -= 8 * block->values[i];
    }
}

static void round_rows(void *argument, int32_t index, int32_t count) {
    const struct rounding *r = argument;
    int32_t first, end, columns = r->columns;
    kernels_share(r->tokens, 1, index, count, &first, &end);
    for (int32_t token = first; token < end; token++) {
        const float *x = r->x + (size_t)token * (size_t)columns;
        int16_t *values = r->values != NULL ? r->values + (size_t)token * r->stride : NULL;
        kernels_input_block *blocks =
            r->input_blocks != NULL ? r->input_blocks + (size_t)token * (size_t)r->blocks : NULL;
#if defined(__x86_64__)
        if (r->avx2 && columns % block_columns == 0) {
            if (values != NULL) r->scales[token] = kernels_round_row_avx2(x, columns, values);
            if (blocks != NULL) kernels_round_blocks_avx2(x, columns, blocks);
            continue;
        }
#endif
        if (values != NULL) r->scales[token] = round_row(x, columns, values, r->blocks * block_columns);
        for (int32_t block = 0; blocks != NULL && block < r->blocks; block++) {
            int32_t start = block * block_columns;
            round_block(x + start, columns - start < block_columns ? columns - start : block_columns, &blocks[block]);
        }
    }
}

static size_t aligned(size_t size) { return (size + 63) / 64 * 64; }

kernels_activations kernels_quantize_activations(kernels_context *context, const kernels_matrix *matrices,
                                                 int32_t count, const float *x, int32_t tokens) {
    bool has_q8 = false, has_q4 = false;
    for (int32_t i = 0; i < count; i++) {
        has_q8 |= matrices[i].format == kernels_q8;
        has_q4 |= matrices[i].format == kernels_q4;
    }
    int32_t columns = matrices[0].columns, blocks = kernels_blocks(columns);
    // Rows a cache line apart from a multiple of the cache's set size, so that they do not share its sets.
    size_t stride = (size_t)blocks * block_columns + 32, rows = (size_t)tokens;
    size_t values_size = has_q8 ? aligned(rows * stride * sizeof(int16_t)) : 0, scales_size = aligned(rows * sizeof(float));
    size_t blocks_size = has_q4 ? rows * (size_t)blocks * sizeof(kernels_input_block) : 0;
    char *memory = kernels_scratch(context, values_size + scales_size + blocks_size);
    struct rounding r = {
        .avx2 = kernels_context_uses_avx2(context), .x = x, .columns = columns, .tokens = tokens, .blocks = blocks,
        .values = has_q8 ? (int16_t *)memory : NULL, .scales = (float *)(memory + values_size), .stride = stride,
        .input_blocks = has_q4 ? (kernels_input_block *)(memory + values_size + scales_size) : NULL};
    if ((int64_t)columns * tokens < 32768)
        round_rows(&r, 0, 1);
    else
        kernels_run(context, round_rows, &r);
    return (kernels_activations){.blocks = blocks, .values = r.values, .scales = r.scales, .stride = stride,
                                 .input_blocks = r.input_blocks};
}

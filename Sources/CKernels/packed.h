// Where the numbers of a packed matrix lie; CKernels.h describes the layout.
#pragma once

#include "CKernels.h"

#include <math.h>

enum { panel_rows = 8, block_columns = 32 };

static inline bool kernels_is_packed(enum kernels_format format) {
    return format == kernels_q8 || format == kernels_q4;
}

static inline int32_t kernels_panels(int32_t rows) { return (rows + panel_rows - 1) / panel_rows; }

static inline int32_t kernels_blocks(int32_t columns) { return (columns + block_columns - 1) / block_columns; }

/// Bytes of one panel's weights.
static inline size_t kernels_panel_size(enum kernels_format format, int32_t columns) {
    size_t count = (size_t)kernels_blocks(columns) * block_columns * panel_rows;
    return format == kernels_q8 ? count : count / 2;
}

/// The byte of a weight in a q8 panel.
static inline size_t kernels_q8_index(int32_t row, int32_t column) {
    return (size_t)(column / 2) * 16 + (size_t)(2 * row + column % 2);
}

/// The byte of a weight in a q4 panel: nibbles 0 and 1 of a word are in its first byte, 2 and 3 in its second.
static inline size_t kernels_q4_index(int32_t row, int32_t column) {
    int32_t nibble = column % 8 / 2;
    return (size_t)(column / 8) * 32 + (size_t)(2 * (2 * row + column % 2) + nibble / 2);
}

static inline int32_t kernels_q4_shift(int32_t column) { return column % 8 / 2 % 2 * 4; }

static inline int32_t kernels_q4_get(const uint8_t *panel, int32_t row, int32_t column) {
    return panel[kernels_q4_index(row, column)] >> kernels_q4_shift(column) & 15;
}

static inline void kernels_q4_put(uint8_t *panel, int32_t row, int32_t column, uint8_t value) {
    uint8_t *byte = panel + kernels_q4_index(row, column);
    int32_t shift = kernels_q4_shift(column);
    *byte = (uint8_t)((*byte & ~(15 << shift)) | value << shift);
}

/// A block of inputs of q4: x ≈ scale · value.
typedef struct {
    float scale;
    /// -8 · Σ values: what is left to add where weights are taken as 0…15 instead of -8…7.
    int32_t start;
    /// In each 8 columns in the order in which a row's bytes have them in their low, then in their high halves.
    int8_t values[block_columns];
} kernels_input_block;

/// The column, of each 8, of a value of a block of inputs.
static inline int32_t kernels_q4_order(int32_t index) { return index % 4 / 2 + index % 2 * 4 + index / 4 * 2; }

/// The factor that takes numbers to integers of a scale; 0 where all are to be 0, since they are tiny or not finite.
static inline float kernels_inverse_scale(float scale) { return scale >= 0x1p-120f && scale < INFINITY ? 1 / scale : 0; }

/// Inputs as integers, with zeros beyond the columns.
typedef struct {
    int32_t blocks;
    /// For q8, (tokens × stride): x ≈ scale of the token · value.
    const int16_t *values;
    const float *scales;
    size_t stride;
    /// For q4, (tokens × blocks).
    const kernels_input_block *input_blocks;
} kernels_activations;

/// y[t][first row of the panel + r] for tokens [first, end) and `count` panels from `panel` on.
void kernels_multiply_panels(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                             int32_t count, int32_t first, int32_t end);

#include "activations.h"
#include "avx2.h"
#include "avx512.h"
#include "context.h"
#include "numbers.h"

#include <math.h>
#include <stdatomic.h>

// Rows that a thread takes at once are whole strips: panels in pairs, or as many rows as the float kernels like.
enum { strip_panels = 2, strip_rows = 24 };

// From how many tokens on twice as many panels are taken at once, where there are registers for it.
enum { wide_tokens = 48 };

// Inputs that stay in the second-level cache while the weights pass over them, in bytes.
enum { resident_inputs = 256 << 10 };

struct product {
    enum kernels_instructions instructions;
    const kernels_matrix *matrices;
    int32_t count;
    const float *x;
    float *const *y;
    int32_t tokens;
    kernels_activations activations;
    int32_t strips, strips_at_once;
    _Atomic int32_t next;
};

static int32_t strips_of(const kernels_matrix *matrix) {
    if (kernels_is_packed(matrix->format)) return (kernels_panels(matrix->rows) + strip_panels - 1) / strip_panels;
    return (matrix->rows + strip_rows - 1) / strip_rows;
}

// A row's product with a token: the integer products of each block, exactly, then scaled and added in order.
static float multiply_q8(const uint8_t *panel, const uint16_t *scales, int32_t row, const kernels_activations *x,
                         int32_t token) {
    const int16_t *values = x->values + (size_t)token * x->stride;
    float total = 0;
    for (int32_t block = 0; block < x->blocks; block++) {
        int32_t sum = 0;
        for (int32_t column = block * block_columns; column < (block + 1) * block_columns; column++)
            sum += (int8_t)panel[kernels_q8_index(row, column)] * values[column];
        total = fmaf((float)sum, kernels_f16_to_float(scales[block * panel_rows + row]), total);
    }
    return total;
}

static float multiply_q4(const uint8_t *panel, const uint16_t *scales, int32_t row, const kernels_activations *x,
                         int32_t token) {
    const kernels_input_block *block = x->input_blocks + (size_t)token * (size_t)x->blocks;
    float total = 0;
    for (int32_t start = 0; start < x->blocks * block_columns; start += block_columns, block++, scales += panel_rows) {
        int32_t sum = block->start;
        for (int32_t i = 0; i < block_columns; i++)
            sum += kernels_q4_get(panel, row, start + i / 8 * 8 + kernels_q4_order(i % 8)) * block->values[i];
        total = fmaf((float)sum, kernels_f16_to_float(scales[row]) * block->scale, total);
    }
    return total;
}

void kernels_multiply_panels(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                             int32_t count, int32_t first, int32_t end) {
    for (int32_t p = panel; p < panel + count; p++) {
        const uint8_t *weights =
            (const uint8_t *)matrix->weights + (size_t)p * kernels_panel_size(matrix->format, matrix->columns);
        const uint16_t *scales = matrix->scales + (size_t)p * (size_t)x->blocks * panel_rows;
        for (int32_t token = first; token < end; token++)
            for (int32_t row = 0; row < panel_rows && p * panel_rows + row < matrix->rows; row++) {
                int32_t index = p * panel_rows + row;
                float bias = matrix->bias != NULL ? matrix->bias[index] : 0;
                y[(size_t)token * (size_t)matrix->rows + (size_t)index] =
                    matrix->format == kernels_q8
                        ? fmaf(multiply_q8(weights, scales, row, x, token), x->scales[token], bias)
                        : multiply_q4(weights, scales, row, x, token) + bias;
            }
    }
}

// `count` panels from `panel` on, one, two or (in AVX-512) four, for tokens [first, end).
static void multiply_panels(const struct product *p, const kernels_matrix *matrix, float *y, int32_t panel,
                            int32_t count, int32_t first, int32_t end) {
    const kernels_activations *x = &p->activations;
#if defined(__x86_64__)
    bool is_q8 = matrix->format == kernels_q8;
    if (p->instructions >= kernels_avx512 && count >= 2) {
        (is_q8 ? kernels_multiply_q8_avx512 : kernels_multiply_q4_avx512)(matrix, x, y, panel, count, first, end);
        return;
    }
    if (p->instructions >= kernels_avx2) {
        (is_q8 ? kernels_multiply_q8_avx2 : kernels_multiply_q4_avx2)(matrix, x, y, panel, count, first, end);
        return;
    }
#endif
    kernels_multiply_panels(matrix, x, y, panel, count, first, end);
}

static void multiply_packed(const struct product *p, const kernels_matrix *matrix, float *y, int32_t first_strip,
                            int32_t end_strip) {
    size_t row_size = matrix->format == kernels_q8 ? p->activations.stride * sizeof(int16_t)
                                                   : (size_t)p->activations.blocks * sizeof(kernels_input_block);
    int32_t group = (int32_t)(resident_inputs / row_size / 12 * 12), panels = kernels_panels(matrix->rows);
    if (group < 12) group = 12;
    int32_t end_panel = end_strip * strip_panels < panels ? end_strip * strip_panels : panels;
    for (int32_t first = 0; first < p->tokens; first += group) {
        int32_t end = p->tokens - first < group ? p->tokens : first + group;
        // With many tokens the inputs are what is loaded most: each for twice as many rows.
        int32_t most = p->instructions >= kernels_avx512 && end - first >= wide_tokens ? 4 : 2;
        for (int32_t panel = first_strip * strip_panels, count; panel < end_panel; panel += count) {
            count = end_panel - panel >= most ? most : end_panel - panel >= 2 ? 2 : 1;
            multiply_panels(p, matrix, y, panel, count, first, end);
        }
    }
}

static void multiply_strips(const struct product *p, int32_t index, int32_t first, int32_t end) {
    const kernels_matrix *matrix = &p->matrices[index];
    if (kernels_is_packed(matrix->format)) {
        multiply_packed(p, matrix, p->y[index], first, end);
        return;
    }
    int32_t first_row = first * strip_rows;
    int32_t end_row = end * strip_rows < matrix->rows ? end * strip_rows : matrix->rows;
    kernels_multiply_rows(p->instructions >= kernels_avx2, matrix, p->x, p->y[index], p->tokens, first_row, end_row);
}

static void run(void *argument, int32_t index, int32_t count) {
    (void)index, (void)count;
    struct product *p = argument;
    // Threads take what is next, so that one which the system held up does not hold up the others.
    for (int32_t first; (first = atomic_fetch_add_explicit(&p->next, p->strips_at_once, memory_order_relaxed))
                        < p->strips;) {
        int32_t end = p->strips - first < p->strips_at_once ? p->strips : first + p->strips_at_once;
        for (int32_t i = 0, base = 0; i < p->count && base < end; i++) {
            int32_t strips = strips_of(&p->matrices[i]);
            int32_t low = first > base ? first - base : 0, high = end - base < strips ? end - base : strips;
            if (low < high) multiply_strips(p, i, low, high);
            base += strips;
        }
    }
}

void kernels_multiply(kernels_context *context, const kernels_matrix *matrices, int32_t count, const float *x,
                      float *const *y, int32_t tokens) {
    struct product p = {.instructions = kernels_context_instructions(context), .matrices = matrices, .count = count, .x = x,
                        .y = y, .tokens = tokens};
    int64_t products = 0;
    bool has_packed = false;
    for (int32_t i = 0; i < count; i++) {
        p.strips += strips_of(&matrices[i]);
        products += (int64_t)matrices[i].rows * matrices[i].columns * tokens;
        has_packed |= kernels_is_packed(matrices[i].format);
    }
    if (has_packed) p.activations = kernels_quantize_activations(context, matrices, count, x, tokens);
    int32_t threads = kernels_context_threads(context);
    // Waking the other threads costs as much as some ten thousand products.
    if (threads == 1 || products < 50000) {
        p.strips_at_once = p.strips;
        run(&p, 0, 1);
        return;
    }
    // Large enough for the memory's prefetch to get going, small enough for the threads to end together.
    p.strips_at_once = p.strips / (threads * 8) > 0 ? p.strips / (threads * 8) : 1;
    if (p.strips_at_once % 2 != 0 && tokens >= wide_tokens) p.strips_at_once++;
    kernels_run(context, run, &p);
}

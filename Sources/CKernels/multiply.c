#include "activations.h"
#include "avx2.h"
#include "avx512.h"
#include "context.h"
#include "numbers.h"

#include <math.h>
#include <stdatomic.h>

// Rows that a thread takes at once are whole strips: panels in pairs, or as many rows as the float kernels like.
enum { strip_panels = 2, strip_rows = 24 };

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

// The integer products of a block of columns, exactly.
static int32_t block_sum(const kernels_matrix *matrix, const uint8_t *panel, int32_t row, int32_t block,
                         const int16_t *x) {
    int32_t sum = 0;
    for (int32_t i = 0; i < block_columns; i++) {
        int32_t column = block * block_columns + i;
        int32_t q = matrix->format == kernels_q8 ? (int8_t)panel[kernels_q8_index(row, column)]
                                                 : kernels_q4_get(panel, row, column) - 8;
        sum += q * x[i];
    }
    return sum;
}

void kernels_multiply_panels(const kernels_matrix *matrix, const kernels_activations *x, float *y, int32_t panel,
                             int32_t count, int32_t first, int32_t end) {
    for (int32_t p = panel; p < panel + count; p++) {
        const uint8_t *weights =
            (const uint8_t *)matrix->weights + (size_t)p * kernels_panel_size(matrix->format, matrix->columns);
        const uint16_t *scales = matrix->scales + (size_t)p * (size_t)x->blocks * panel_rows;
        for (int32_t token = first; token < end; token++)
            for (int32_t row = 0; row < panel_rows && p * panel_rows + row < matrix->rows; row++) {
                const int16_t *values = x->values + (size_t)token * x->stride;
                float sum = 0;
                for (int32_t block = 0; block < x->blocks; block++)
                    sum = fmaf((float)block_sum(matrix, weights, row, block, values + block * block_columns),
                               kernels_f16_to_float(scales[block * panel_rows + row]), sum);
                int32_t index = p * panel_rows + row;
                y[(size_t)token * (size_t)matrix->rows + (size_t)index] =
                    fmaf(sum, x->scales[token], matrix->bias != NULL ? matrix->bias[index] : 0);
            }
    }
}

static void multiply_packed(const struct product *p, const kernels_matrix *matrix, float *y, int32_t first_strip,
                            int32_t end_strip) {
    size_t row_size = p->activations.stride * sizeof(int16_t);
    int32_t group = (int32_t)(resident_inputs / row_size / 12 * 12), panels = kernels_panels(matrix->rows);
    if (group < 12) group = 12;
    for (int32_t first = 0; first < p->tokens; first += group) {
        int32_t end = p->tokens - first < group ? p->tokens : first + group;
        for (int32_t strip = first_strip; strip < end_strip; strip++) {
            int32_t panel = strip * strip_panels;
            int32_t count = panels - panel < strip_panels ? panels - panel : strip_panels;
#if defined(__x86_64__)
            if (p->instructions >= kernels_avx512 && count == 2) {
                kernels_multiply_pair_avx512(matrix, &p->activations, y, panel, first, end);
                continue;
            }
            if (p->instructions >= kernels_avx2) {
                kernels_multiply_panels_avx2(matrix, &p->activations, y, panel, count, first, end);
                continue;
            }
#endif
            kernels_multiply_panels(matrix, &p->activations, y, panel, count, first, end);
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
    if (has_packed) p.activations = kernels_quantize_activations(context, x, matrices[0].columns, tokens);
    int32_t threads = kernels_context_threads(context);
    // Waking the other threads costs as much as some ten thousand products.
    if (threads == 1 || products < 50000) {
        p.strips_at_once = p.strips;
        run(&p, 0, 1);
        return;
    }
    // Large enough for the memory's prefetch to get going, small enough for the threads to end together.
    p.strips_at_once = p.strips / (threads * 8) > 0 ? p.strips / (threads * 8) : 1;
    kernels_run(context, run, &p);
}

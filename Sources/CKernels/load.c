#include "stored.h"

#include "context.h"
#include "packed.h"

#include <stdatomic.h>
#include <stdlib.h>

struct loading {
    const kernels_stored_matrix *source;
    enum kernels_format to;
    uint8_t *weights;
    uint16_t *scales;
    _Atomic bool is_finite;
};

// One thread's room for eight rows.
struct room {
    float *row;
    int8_t *values;
    uint16_t *scales;
};

// Rows [first, first + count), at most a panel, to a packed format.
static bool pack_rows(const struct loading *l, const struct room *room, int32_t first, int32_t count) {
    int32_t columns = l->source->columns, blocks = kernels_blocks(columns);
    bool is_finite = true;
    for (int32_t row = 0; row < count; row++) {
        int8_t *values = room->values + (size_t)row * (size_t)blocks * block_columns;
        uint16_t *scales = room->scales + (size_t)row * (size_t)blocks;
        if (kernels_read_blocks(l->source, first + row, l->to, values, scales)) continue;
        kernels_read_row(l->source, first + row, room->row);
        is_finite &= kernels_all_finite(kernels_f32, room->row, (size_t)columns);
        if (is_finite) kernels_quantize_row(l->to, room->row, columns, values, scales);
    }
    size_t panel = (size_t)(first / panel_rows);
    uint16_t *scales = l->scales + panel * (size_t)blocks * panel_rows;
    if (is_finite)
        kernels_pack_panel(l->to, room->values, room->scales, count, columns,
                           l->weights + panel * kernels_panel_size(l->to, columns), scales);
    return is_finite && kernels_all_finite(kernels_f16, scales, (size_t)blocks * panel_rows);
}

static bool convert_rows(const struct loading *l, const struct room *room, int32_t first, int32_t count) {
    size_t columns = (size_t)l->source->columns, size = columns * kernels_format_size(l->to);
    bool is_finite = true;
    for (int32_t row = first; row < first + count; row++) {
        uint8_t *target = l->weights + (size_t)row * size;
        kernels_read_row(l->source, row, room->row);
        kernels_convert(kernels_f32, room->row, l->to, target, columns);
        is_finite &= kernels_all_finite(l->to, target, columns);
    }
    return is_finite;
}

static void load_rows(void *argument, int32_t index, int32_t count) {
    struct loading *l = argument;
    int32_t rows = l->source->rows, blocks = kernels_blocks(l->source->columns), first, end;
    kernels_share(rows, panel_rows, index, count, &first, &end);
    size_t padded = (size_t)blocks * block_columns;
    char *memory = malloc(padded * sizeof(float) + padded * panel_rows * 2);
    // As where the standard library runs out of memory: a caller could do nothing without it.
    if (memory == NULL) abort();
    struct room room = {.row = (float *)memory, .values = (int8_t *)(memory + padded * sizeof(float)),
                        .scales = (uint16_t *)(memory + padded * sizeof(float) + padded * panel_rows)};
    bool is_finite = true;
    for (int32_t row = first; row < end && is_finite; row += panel_rows) {
        int32_t step = end - row < panel_rows ? end - row : panel_rows;
        is_finite = kernels_is_packed(l->to) ? pack_rows(l, &room, row, step) : convert_rows(l, &room, row, step);
    }
    free(memory);
    if (!is_finite) atomic_store_explicit(&l->is_finite, false, memory_order_relaxed);
}

bool kernels_load(kernels_context *context, const kernels_stored_matrix *source, enum kernels_format to,
                  void *weights, uint16_t *scales) {
    struct loading l = {.source = source, .to = to, .weights = weights, .scales = scales, .is_finite = true};
    kernels_run(context, load_rows, &l);
    return atomic_load_explicit(&l.is_finite, memory_order_relaxed);
}

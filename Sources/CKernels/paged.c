#include "paged.h"

#include "avx2.h"
#include "context.h"
#include "numbers.h"

#include <math.h>
#include <stdatomic.h>

enum { positions = kernels_page_positions };

size_t kernels_page_layer_size(int32_t key_value_heads, int32_t dimension) {
    return (size_t)key_value_heads * 2 * positions * (size_t)dimension;
}

// Where a key-value head's keys begin in a page; its values follow them.
static size_t head_offset(size_t layer_offset, int32_t head, int32_t dimension) {
    return layer_offset + (size_t)head * 2 * positions * (size_t)dimension;
}

static inline void put(enum kernels_format format, void *page, size_t index, float value) {
    if (format == kernels_f32)
        ((float *)page)[index] = value;
    else
        ((uint16_t *)page)[index] = kernels_float_to_f16(value);
}

void kernels_store(enum kernels_format format, const kernels_sequence *sequences, int32_t count, const float *k,
                   const float *v, size_t layer_offset, int32_t key_value_heads, int32_t dimension) {
    for (int32_t s = 0; s < count; s++)
        for (int32_t token = 0; token < sequences[s].tokens; token++) {
            int32_t position = sequences[s].position + token, slot = position % positions;
            for (int32_t head = 0; head < key_value_heads; head++) {
                size_t keys = head_offset(layer_offset, head, dimension);
                size_t values = keys + positions * (size_t)dimension + (size_t)slot * (size_t)dimension;
                size_t source = ((size_t)(sequences[s].row + token) * (size_t)key_value_heads + (size_t)head)
                                * (size_t)dimension;
                void *page = sequences[s].pages[position / positions];
                for (int32_t i = 0; i < dimension; i++) {
                    put(format, page, keys + (size_t)(i * positions + slot), k[source + (size_t)i]);
                    put(format, page, values + (size_t)i, v[source + (size_t)i]);
                }
            }
        }
}

void kernels_attend_page(kernels_queries *queries, const float *page, int32_t page_start) {
    const float *keys = page, *values = page + positions * (size_t)queries->dimension;
    int32_t dimension = queries->dimension;
    for (int32_t query = 0; query < queries->count; query++) {
        int32_t first, end;
        kernels_visible(queries, query, page_start, &first, &end);
        if (first >= end) continue;
        const float *q = queries->q[query];
        float *out = queries->out[query], scores[positions], peak = queries->maximum[query];
        for (int32_t p = first; p < end; p++) {
            float score = 0;
            for (int32_t i = 0; i < dimension; i++) score += q[i] * keys[i * positions + p];
            scores[p] = score * queries->scale;
            peak = scores[p] > peak ? scores[p] : peak;
        }
        float correction = expf(queries->maximum[query] - peak), total = queries->total[query] * correction;
        for (int32_t i = 0; i < dimension; i++) out[i] *= correction;
        for (int32_t p = first; p < end; p++) {
            float weight = expf(scores[p] - peak);
            total += weight;
            for (int32_t i = 0; i < dimension; i++) out[i] += weight * values[p * dimension + i];
        }
        queries->maximum[query] = peak;
        queries->total[query] = total;
    }
}

struct attention {
    bool avx2;
    enum kernels_format format;
    const kernels_sequence *sequences;
    int32_t count;
    const float *q;
    float *out;
    size_t layer_offset;
    int32_t heads, key_value_heads, dimension, window;
    /// Tokens whose queries pass over the pages together.
    int32_t group_tokens;
    int32_t items;
    /// Room for a head's keys and values for each thread.
    float *widened;
    _Atomic int32_t next;
};

static int32_t items_of(const struct attention *a, const kernels_sequence *sequence) {
    return (sequence->tokens + a->group_tokens - 1) / a->group_tokens * a->key_value_heads;
}

// A head's keys and values in a page, as floats; `widened` has room for them.
static const float *head_of(const struct attention *a, const void *page, int32_t head, float *widened) {
    size_t offset = head_offset(a->layer_offset, head, a->dimension);
    if (a->format == kernels_f32) return (const float *)page + offset;
    size_t count = 2 * positions * (size_t)a->dimension;
#if defined(__x86_64__)
    if (a->avx2) {
        kernels_widen_f16_avx2((const uint16_t *)page + offset, widened, count);
        return widened;
    }
#endif
    kernels_convert(kernels_f16, (const uint16_t *)page + offset, kernels_f32, widened, count);
    return widened;
}

// Tokens [token, end) of a sequence, the queries of one key-value head.
static void attend(const struct attention *a, const kernels_sequence *sequence, int32_t head, int32_t token,
                   int32_t end, float *widened) {
    int32_t group = a->heads / a->key_value_heads;
    for (int32_t shared = 0; shared < group; shared += maximum_queries) {
        int32_t width = group - shared < maximum_queries ? group - shared : maximum_queries;
        kernels_queries queries = {.dimension = a->dimension, .window = a->window,
                                   .scale = 1 / sqrtf((float)a->dimension)};
        for (int32_t t = token; t < end; t++)
            for (int32_t h = 0; h < width; h++, queries.count++) {
                size_t offset = ((size_t)(sequence->row + t) * (size_t)a->heads
                                 + (size_t)(head * group + shared + h)) * (size_t)a->dimension;
                queries.q[queries.count] = a->q + offset;
                queries.out[queries.count] = a->out + offset;
                queries.position[queries.count] = sequence->position + t;
                queries.maximum[queries.count] = -INFINITY;
                for (int32_t i = 0; i < a->dimension; i++) a->out[offset + (size_t)i] = 0;
            }
        int32_t last = sequence->position + end - 1, start = sequence->position + token + 1 - a->window;
        int32_t first_page = a->window > 0 && start > 0 ? start / positions : 0;
        for (int32_t page = first_page; page <= last / positions; page++) {
            const float *memory = head_of(a, sequence->pages[page], head, widened);
#if defined(__x86_64__)
            if (a->avx2 && a->dimension % 8 == 0) {
                kernels_attend_page_avx2(&queries, memory, page * positions);
                continue;
            }
#endif
            kernels_attend_page(&queries, memory, page * positions);
        }
        for (int32_t i = 0; i < queries.count; i++) {
            float scale = 1 / queries.total[i];
            for (int32_t j = 0; j < a->dimension; j++) queries.out[i][j] *= scale;
        }
    }
}

static void run(void *argument, int32_t index, int32_t count) {
    (void)count;
    struct attention *a = argument;
    float *widened = a->widened + (size_t)index * 2 * positions * (size_t)a->dimension;
    int32_t item;
    while ((item = atomic_fetch_add_explicit(&a->next, 1, memory_order_relaxed)) < a->items) {
        const kernels_sequence *sequence = a->sequences;
        for (int32_t items; item >= (items = items_of(a, sequence)); sequence++) item -= items;
        int32_t token = item / a->key_value_heads * a->group_tokens, end = token + a->group_tokens;
        attend(a, sequence, item % a->key_value_heads, token, end < sequence->tokens ? end : sequence->tokens,
               widened);
    }
}

void kernels_attend(kernels_context *context, enum kernels_format format, const kernels_sequence *sequences,
                    int32_t count, const float *q, float *out, size_t layer_offset, int32_t heads,
                    int32_t key_value_heads, int32_t dimension, int32_t window) {
    struct attention a = {.avx2 = kernels_context_uses_avx2(context), .format = format, .sequences = sequences,
                          .count = count, .q = q, .out = out, .layer_offset = layer_offset, .heads = heads,
                          .key_value_heads = key_value_heads, .dimension = dimension, .window = window};
    size_t widened = format == kernels_f32 ? 0 : 2 * positions * (size_t)dimension * sizeof(float);
    a.widened = kernels_scratch(context, widened * (size_t)kernels_context_threads(context));
    int32_t group = heads / key_value_heads;
    a.group_tokens = group < maximum_queries ? maximum_queries / group : 1;
    int64_t products = 0;
    for (int32_t i = 0; i < count; i++) {
        a.items += items_of(&a, &sequences[i]);
        products += (int64_t)sequences[i].tokens * (sequences[i].position + sequences[i].tokens) * heads * dimension;
    }
    if (products < 50000)
        run(&a, 0, 1);
    else
        kernels_run(context, run, &a);
}

#include "paged.h"

#include "avx2.h"
#include "avx512.h"
#include "context.h"
#include "exponential.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { positions = kernels_page_positions };

// Queries and outputs that stay in the first-level cache, which may have to serve two threads, beside this page and the
// next, in bytes.
enum { resident_queries = 8 << 10 };

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

void kernels_attend_page(kernels_queries *queries, int32_t low, int32_t high, const float *page, int32_t page_start) {
    const float *keys = page, *values = page + positions * (size_t)queries->dimension;
    int32_t dimension = queries->dimension;
    for (int32_t query = low; query < high; query++) {
        int32_t first, end;
        kernels_visible(queries, query, page_start, &first, &end);
        if (first >= end) continue;
        const float *q = queries->q[query];
        float *out = queries->out[query], weights[positions] = {0}, peak = queries->maximum[query];
        for (int32_t i = 0; i < dimension; i++)
            for (int32_t p = 0; p < positions; p++) weights[p] = fmaf(q[i], keys[i * positions + p], weights[p]);
        for (int32_t p = 0; p < positions; p++) {
            weights[p] = p < first || p >= end ? -INFINITY : weights[p] * queries->scale;
            peak = weights[p] > peak ? weights[p] : peak;
        }
        float correction = kernels_exp(queries->maximum[query] - peak), sums[positions / 2];
        for (int32_t p = 0; p < positions; p++) weights[p] = kernels_exp(weights[p] - peak);
        for (int32_t p = 0; p < positions / 2; p++) sums[p] = weights[p] + weights[p + positions / 2];
        for (int32_t i = 0; i < dimension; i++) out[i] *= correction;
        for (int32_t p = first; p < end; p++)
            for (int32_t i = 0; i < dimension; i++) out[i] = fmaf(weights[p], values[p * dimension + i], out[i]);
        queries->total[query] = fmaf(queries->total[query], correction,
                                     ((sums[0] + sums[1]) + (sums[2] + sums[3]))
                                         + ((sums[4] + sums[5]) + (sums[6] + sums[7])));
        queries->maximum[query] = peak;
    }
}

/// Sequences of which as many queries as possible pass over the pages together.
struct party {
    /// The sequences, and of a single one the tokens.
    int32_t first, count, token, end;
    /// Pages at the start that all of them have.
    int32_t shared_pages;
};

struct attention {
    enum kernels_instructions instructions;
    enum kernels_format format;
    const kernels_sequence *sequences;
    const float *q;
    float *out;
    size_t layer_offset;
    int32_t heads, key_value_heads, dimension, window;
    const struct party *parties;
    int32_t party_count;
    /// Room for a head's keys and values for each thread.
    float *widened;
    _Atomic int32_t next;
};

static int32_t last_page(const kernels_sequence *sequence) {
    return (sequence->position + sequence->tokens - 1) / positions;
}

// Pages from the first on that both sequences have.
static int32_t common_pages(const kernels_sequence *a, const kernels_sequence *b) {
    int32_t count = 0, limit = last_page(a) < last_page(b) ? last_page(a) : last_page(b);
    while (count <= limit && a->pages[count] == b->pages[count]) count++;
    return count;
}

// Splits the sequences into parties of at most `limit` tokens; returns how many.
static int32_t form_parties(const struct attention *a, int32_t count, int32_t limit, struct party *parties) {
    int32_t formed = 0, tokens = limit;
    for (int32_t i = 0; i < count; i++) {
        const kernels_sequence *sequence = &a->sequences[i];
        struct party *last = formed > 0 ? &parties[formed - 1] : NULL;
        if (a->window == 0 && tokens + sequence->tokens <= limit) {
            int32_t common = common_pages(&a->sequences[last->first], sequence);
            // One that has less in common with the others would make them share less.
            if (common > 0 && (last->count == 1 || common >= last->shared_pages)) {
                last->shared_pages = last->count == 1 ? common : last->shared_pages;
                last->count++;
                tokens += sequence->tokens;
                continue;
            }
        }
        for (int32_t token = 0; token < sequence->tokens; token += limit) {
            int32_t end = sequence->tokens - token < limit ? sequence->tokens : token + limit;
            parties[formed++] = (struct party){.first = i, .count = 1, .token = token, .end = end};
        }
        tokens = sequence->tokens;
    }
    return formed;
}

// A head's keys and values in a page, as floats; `widened` has room for them.
static const float *head_of(const struct attention *a, const void *page, int32_t head, float *widened) {
    size_t offset = head_offset(a->layer_offset, head, a->dimension);
    if (a->format == kernels_f32) return (const float *)page + offset;
    size_t count = 2 * positions * (size_t)a->dimension;
#if defined(__x86_64__)
    if (a->instructions >= kernels_avx2) {
        kernels_widen_f16_avx2((const uint16_t *)page + offset, widened, count);
        return widened;
    }
#endif
    kernels_convert(kernels_f16, (const uint16_t *)page + offset, kernels_f32, widened, count);
    return widened;
}

// Queries [low, high) pass over a sequence's pages [page, end).
static void attend_pages(const struct attention *a, kernels_queries *queries, int32_t low, int32_t high,
                         const kernels_sequence *sequence, int32_t head, int32_t page, int32_t end, float *widened) {
    for (; page < end; page++) {
        const char *next = sequence->pages[page + 1 < end ? page + 1 : page];
        queries->next = next + head_offset(a->layer_offset, head, a->dimension) * kernels_format_size(a->format);
        const float *memory = head_of(a, sequence->pages[page], head, widened);
#if defined(__x86_64__)
        if (a->instructions >= kernels_avx512 && a->dimension % 16 == 0) {
            kernels_attend_page_avx512(queries, low, high, memory, page * positions);
            continue;
        }
        if (a->instructions >= kernels_avx2 && a->dimension % 8 == 0) {
            kernels_attend_page_avx2(queries, low, high, memory, page * positions);
            continue;
        }
#endif
        kernels_attend_page(queries, low, high, memory, page * positions);
    }
}

// Adds the queries of a sequence's tokens [token, end) and of `width` heads from `first_head` on.
static void add_queries(const struct attention *a, kernels_queries *queries, const kernels_sequence *sequence,
                        int32_t token, int32_t end, int32_t first_head, int32_t width) {
    for (int32_t t = token; t < end; t++)
        for (int32_t head = first_head; head < first_head + width; head++, queries->count++) {
            size_t row = (size_t)(sequence->row + t) * (size_t)a->heads + (size_t)head;
            size_t offset = row * (size_t)a->dimension;
            queries->q[queries->count] = a->q + offset;
            queries->out[queries->count] = a->out + offset;
            queries->position[queries->count] = sequence->position + t;
            queries->maximum[queries->count] = -INFINITY;
            queries->total[queries->count] = 0;
            memset(a->out + offset, 0, (size_t)a->dimension * sizeof(float));
        }
}

static void attend(const struct attention *a, const struct party *party, int32_t head, float *widened) {
    const kernels_sequence *members = a->sequences + party->first;
    int32_t group = a->heads / a->key_value_heads;
    for (int32_t shared = 0; shared < group; shared += maximum_queries) {
        int32_t width = group - shared < maximum_queries ? group - shared : maximum_queries;
        kernels_queries queries = {.dimension = a->dimension, .window = a->window,
                                   .scale = 1 / sqrtf((float)a->dimension),
                                   .next_step = 2 * positions * kernels_format_size(a->format)};
        for (int32_t i = 0; i < party->count; i++)
            add_queries(a, &queries, &members[i], party->count == 1 ? party->token : 0,
                        party->count == 1 ? party->end : members[i].tokens, head * group + shared, width);
        attend_pages(a, &queries, 0, queries.count, members, head, 0, party->shared_pages, widened);
        int32_t low = 0;
        for (int32_t i = 0; i < party->count; i++) {
            int32_t high = party->count == 1 ? queries.count : low + members[i].tokens * width;
            int32_t start = queries.position[low] + 1 - a->window;
            int32_t page = a->window > 0 && start > 0 ? start / positions : party->shared_pages;
            attend_pages(a, &queries, low, high, &members[i], head, page, queries.position[high - 1] / positions + 1,
                         widened);
            low = high;
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
    int32_t items = a->party_count * a->key_value_heads, item;
    while ((item = atomic_fetch_add_explicit(&a->next, 1, memory_order_relaxed)) < items)
        attend(a, &a->parties[item / a->key_value_heads], item % a->key_value_heads, widened);
}

void kernels_attend(kernels_context *context, enum kernels_format format, const kernels_sequence *sequences,
                    int32_t count, const float *q, float *out, size_t layer_offset, int32_t heads,
                    int32_t key_value_heads, int32_t dimension, int32_t window) {
    struct attention a = {.instructions = kernels_context_instructions(context), .format = format,
                          .sequences = sequences, .q = q, .out = out, .layer_offset = layer_offset, .heads = heads,
                          .key_value_heads = key_value_heads, .dimension = dimension, .window = window};
    int64_t products = 0;
    int32_t tokens = 0, threads = kernels_context_threads(context), group = heads / key_value_heads;
    for (int32_t i = 0; i < count; i++) {
        tokens += sequences[i].tokens;
        products += (int64_t)sequences[i].tokens * (sequences[i].position + sequences[i].tokens) * heads * dimension;
    }
    // As many tokens together as have room in the cache, but each thread is to have some.
    int32_t resident = (int32_t)(resident_queries / (2 * (size_t)dimension * sizeof(float)));
    int32_t limit = (resident < maximum_queries ? resident : maximum_queries) / group;
    if (limit < 1) limit = 1;
    int32_t fair = (tokens * key_value_heads + threads - 1) / threads;
    if (limit > fair && fair > 0) limit = fair;
    size_t number = format == kernels_f32 ? 0 : sizeof(float);
    size_t widened = 2 * positions * (size_t)dimension * number * (size_t)threads;
    char *memory = kernels_scratch(context, widened + (size_t)tokens * sizeof(struct party));
    a.widened = (float *)memory;
    struct party *parties = (struct party *)(memory + widened);
    a.parties = parties;
    a.party_count = form_parties(&a, count, limit, parties);
    if (products < 50000)
        run(&a, 0, 1);
    else
        kernels_run(context, run, &a);
}

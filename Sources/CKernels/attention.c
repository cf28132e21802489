#include "avx2.h"
#include "context.h"

#include <math.h>

struct attention {
    bool avx2;
    const float *q, *keys, *values;
    float *out;
    int32_t tokens, position, heads, key_value_heads, dimension, window;
};

// One head of one query: a running softmax over the positions in order.
static void attend(const float *q, const float *keys, const float *values, float *out, int32_t positions,
                   size_t stride, int32_t dimension) {
    float scale = 1 / sqrtf((float)dimension), maximum = -INFINITY, total = 0;
    for (int32_t i = 0; i < dimension; i++) out[i] = 0;
    for (int32_t p = 0; p < positions; p++) {
        const float *key = keys + p * stride, *value = values + p * stride;
        float score = 0;
        for (int32_t i = 0; i < dimension; i++) score += q[i] * key[i];
        score *= scale;
        if (score > maximum) {
            float correction = expf(maximum - score);
            total *= correction;
            for (int32_t i = 0; i < dimension; i++) out[i] *= correction;
            maximum = score;
        }
        float weight = expf(score - maximum);
        total += weight;
        for (int32_t i = 0; i < dimension; i++) out[i] += weight * value[i];
    }
    for (int32_t i = 0; i < dimension; i++) out[i] /= total;
}

static void run(void *argument, int32_t index, int32_t count) {
    const struct attention *a = argument;
    size_t stride = (size_t)a->key_value_heads * a->dimension;
    int32_t group = a->heads / a->key_value_heads;
    // Later tokens cost more, so the threads take turns.
    for (int32_t pair = index; pair < a->tokens * a->heads; pair += count) {
        int32_t token = pair / a->heads, head = pair % a->heads;
        int32_t end = a->position + token + 1, first = a->window > 0 && end > a->window ? end - a->window : 0;
        size_t offset = (size_t)pair * a->dimension;
        size_t shared = first * stride + (size_t)(head / group) * a->dimension;
#if defined(__x86_64__)
        if (a->avx2) {
            kernels_attend_avx2(a->q + offset, a->keys + shared, a->values + shared, a->out + offset, end - first,
                                stride, a->dimension);
            continue;
        }
#endif
        attend(a->q + offset, a->keys + shared, a->values + shared, a->out + offset, end - first, stride,
               a->dimension);
    }
}

void kernels_attention(kernels_context *context, const float *q, const float *keys, const float *values, float *out,
                       int32_t tokens, int32_t position, int32_t heads, int32_t key_value_heads, int32_t dimension,
                       int32_t window) {
    struct attention a = {.avx2 = kernels_context_uses_avx2(context), .q = q, .keys = keys, .values = values,
                          .out = out, .tokens = tokens, .position = position, .heads = heads,
                          .key_value_heads = key_value_heads, .dimension = dimension, .window = window};
    if ((int64_t)tokens * heads * dimension * (position + tokens) < 50000)
        run(&a, 0, 1);
    else
        kernels_run(context, run, &a);
}

#include "avx2.h"
#include "avx512.h"
#include "context.h"
#include "exponential.h"

// Σ (x[i] - center)².
static float sum_of_squares(const float *x, float center, int32_t count) {
    float sums[8] = {0};
    int32_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (int lane = 0; lane < 8; lane++) sums[lane] += (x[i + lane] - center) * (x[i + lane] - center);
    for (int lane = 0; i < count; i++, lane++) sums[lane] += (x[i] - center) * (x[i] - center);
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

void kernels_rms_norm(const float *x, const float *weight, float *out, int32_t rows, int32_t columns, float epsilon) {
    for (int32_t row = 0; row < rows; row++, x += columns, out += columns) {
        float scale = 1 / sqrtf(sum_of_squares(x, 0, columns) / (float)columns + epsilon);
        for (int32_t i = 0; i < columns; i++) out[i] = x[i] * scale * weight[i];
    }
}

void kernels_layer_norm(const float *x, const float *weight, const float *bias, float *out, int32_t rows,
                        int32_t columns, float epsilon) {
    for (int32_t row = 0; row < rows; row++, x += columns, out += columns) {
        float sum = 0;
        for (int32_t i = 0; i < columns; i++) sum += x[i];
        float mean = sum / (float)columns;
        float scale = 1 / sqrtf(sum_of_squares(x, mean, columns) / (float)columns + epsilon);
        for (int32_t i = 0; i < columns; i++) out[i] = (x[i] - mean) * scale * weight[i] + bias[i];
    }
}

void kernels_gelu(float *x, size_t count) {
    for (size_t i = 0; i < count; i++)
        x[i] = x[i] / 2 * (1 + tanhf(0.7978845608f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

void kernels_rope(float *x, const float *cosines, const float *sines, int32_t tokens, int32_t heads,
                  int32_t dimension) {
    int32_t half = dimension / 2;
    for (int32_t token = 0; token < tokens; token++, cosines += half, sines += half)
        for (int32_t head = 0; head < heads; head++, x += dimension)
            for (int32_t i = 0; i < half; i++) {
                float a = x[i], b = x[i + half];
                x[i] = a * cosines[i] - b * sines[i];
                x[i + half] = b * cosines[i] + a * sines[i];
            }
}

void kernels_add(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

struct swiglu {
    enum kernels_instructions instructions;
    float *gate;
    const float *up;
    int32_t blocks;
    size_t count;
};

// Numbers that a thread takes at least.
enum { swiglu_block = 4096 };

static void swiglu(void *argument, int32_t index, int32_t count) {
    const struct swiglu *s = argument;
    int32_t low, high;
    kernels_share(s->blocks, 1, index, count, &low, &high);
    size_t first = (size_t)low * swiglu_block, end = (size_t)high * swiglu_block;
    if (end > s->count) end = s->count;
    if (first >= end) return;
#if defined(__x86_64__)
    if (s->instructions >= kernels_avx512) {
        kernels_swiglu_avx512(s->gate + first, s->up + first, end - first);
        return;
    }
    if (s->instructions >= kernels_avx2) {
        kernels_swiglu_avx2(s->gate + first, s->up + first, end - first);
        return;
    }
#endif
    for (size_t i = first; i < end; i++) s->gate[i] = s->gate[i] / (1 + kernels_exp(-s->gate[i])) * s->up[i];
}

void kernels_swiglu(kernels_context *context, float *gate, const float *up, size_t count) {
    struct swiglu s = {kernels_context_instructions(context), gate, up,
                       (int32_t)((count + swiglu_block - 1) / swiglu_block), count};
    if (s.blocks < 4)
        swiglu(&s, 0, 1);
    else
        kernels_run(context, swiglu, &s);
}

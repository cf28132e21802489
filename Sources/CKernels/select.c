#include "CKernels.h"

#include <math.h>

// Whether index a comes after index b: by value falling, then by index rising, NaN last.
static inline bool after(const float *x, int32_t a, int32_t b) {
    float u = isnan(x[a]) ? -INFINITY : x[a], v = isnan(x[b]) ? -INFINITY : x[b];
    return u < v || (u == v && a > b);
}

int32_t kernels_argmax(const float *x, int32_t count) {
    enum { block = 256, lanes = 16 };
    float best = -INFINITY;
    int32_t first = 0;
    for (int32_t start = 0; start < count; start += block) {
        float peaks[lanes], peak = -INFINITY;
        for (int lane = 0; lane < lanes; lane++) peaks[lane] = -INFINITY;
        int32_t i = start, end = count - start < block ? count : start + block;
        // No comparison with NaN holds.
        for (; i + lanes <= end; i += lanes)
            for (int lane = 0; lane < lanes; lane++) peaks[lane] = x[i + lane] > peaks[lane] ? x[i + lane] : peaks[lane];
        for (; i < end; i++) peak = x[i] > peak ? x[i] : peak;
        for (int lane = 0; lane < lanes; lane++) peak = peaks[lane] > peak ? peaks[lane] : peak;
        if (peak > best) {
            best = peak;
            first = start;
        }
    }
    for (int32_t i = first; i < count; i++)
        if (x[i] == best) return i;
    return 0;
}

// Restores the heap below `root`; the top is the index that comes last.
static void sift_down(const float *x, int32_t *heap, int32_t root, int32_t count) {
    for (int32_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && after(x, heap[child + 1], heap[child])) child++;
        if (!after(x, heap[child], heap[root])) return;
        int32_t index = heap[root];
        heap[root] = heap[child];
        heap[child] = index;
    }
}

void kernels_top(const float *x, int32_t count, int32_t k, int32_t *indices) {
    for (int32_t i = 0; i < k; i++) indices[i] = i;
    for (int32_t i = k / 2 - 1; i >= 0; i--) sift_down(x, indices, i, k);
    for (int32_t i = k; i < count; i++)
        if (after(x, indices[0], i)) {
            indices[0] = i;
            sift_down(x, indices, 0, k);
        }
    for (int32_t last = k - 1; last > 0; last--) {
        int32_t index = indices[0];
        indices[0] = indices[last];
        indices[last] = index;
        sift_down(x, indices, 0, last);
    }
}

// Attention over pages of keys and values, a page at a time.
//
// Each query passes over its pages in order with a running softmax, rescaled once a page. Pages begin at multiples of
// their size, so that what a query computes does not depend on what is computed beside it. All forms do the same
// operations in the same order, and so give the same bits: a score is a sum over the dimension in order, fused; a
// page's weights are summed in the order of `sum4`; outputs take on the page's values position by position, fused.
#pragma once

#include "CKernels.h"

enum { maximum_queries = 64, tile_queries = 8 };

/// Queries of some tokens that attend to one key-value head.
typedef struct {
    int32_t count, dimension, window;
    float scale;
    /// What is needed after this page: as many lines of it as the dimension, each `next_step` bytes. The first tile of
    /// queries fetches it beside its work, for the processor's own prefetch starts anew with each page.
    const char *next;
    size_t next_step;
    const float *q[maximum_queries];
    float *out[maximum_queries];
    int32_t position[maximum_queries];
    /// The largest score so far, and Σ exp(score - maximum); with room to read a tile from any query on.
    float maximum[maximum_queries + tile_queries], total[maximum_queries + tile_queries];
} kernels_queries;

/// The positions of a page, counted within it, that a query attends to: [*first, *end).
static inline void kernels_visible(const kernels_queries *queries, int32_t query, int32_t page_start, int32_t *first,
                                   int32_t *end) {
    int32_t last = queries->position[query] + 1 - page_start;
    int32_t start = queries->window > 0 ? last - queries->window : 0;
    *end = last < kernels_page_positions ? last : kernels_page_positions;
    *first = start > 0 ? start : 0;
}

/// Adds a page's part to the running softmax of queries [low, high); keys (dimension × positions), values
/// (positions × dimension).
void kernels_attend_page(kernels_queries *queries, int32_t low, int32_t high, const float *page, int32_t page_start);

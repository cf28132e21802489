// Which of the numbers 1, 2, 3 … are done, given that only so many are open at a time.
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PREFIX_CAPACITY = 1 << 16 };

struct prefix {
    uint64_t done;  // every number up to this one
    bool is_done[PREFIX_CAPACITY];
};

/// Marks a number, and moves `done` over all that are marked behind it.
static inline void prefix_mark(struct prefix *prefix, uint64_t number)
{
    if (number <= prefix->done) {
        return;
    }
    prefix->is_done[number % PREFIX_CAPACITY] = true;
    while (prefix->is_done[(prefix->done + 1) % PREFIX_CAPACITY]) {
        prefix->done++;
        prefix->is_done[prefix->done % PREFIX_CAPACITY] = false;
    }
}

/// Whether a number was marked before.
static inline bool prefix_holds(const struct prefix *prefix, uint64_t number)
{
    return number <= prefix->done || prefix->is_done[number % PREFIX_CAPACITY];
}

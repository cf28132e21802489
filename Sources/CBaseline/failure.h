// What went wrong, as one sentence for whoever called.
#pragma once
#include <stddef.h>

struct failure {
    char *text;
    size_t size;
};

/// Notes a failure, as printf does, and returns -1.
__attribute__((format(printf, 2, 3))) int fail(struct failure *failure, const char *format, ...);

#include "failure.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct failure *failure, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(failure->text, failure->size, format, arguments);
    va_end(arguments);
    // libpq ends its messages with a line break.
    failure->text[strcspn(failure->text, "\n")] = 0;
    return -1;
}

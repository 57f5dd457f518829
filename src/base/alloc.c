/* SPDX-License-Identifier: MIT */
/* Allocation that ends the program with a clear line when memory is out. */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *have(void *p, size_t size)
{
    if (p || !size)
        return p;
    (void)fprintf(stderr, "otedama: out of memory (%zu bytes asked for)\n", size);
    abort();
}

void *xmalloc(size_t size)
{
    return have(malloc(size ? size : 1), size);
}

void *xcalloc(size_t count, size_t size)
{
    return have(calloc(count ? count : 1, size ? size : 1), size);
}

void *xrealloc(void *old, size_t size)
{
    return have(realloc(old, size ? size : 1), size);
}

void *xreallocarray(void *old, size_t count, size_t size)
{
    return have(reallocarray(old, count ? count : 1, size ? size : 1), size);
}

char *xstrdup(const char *text)
{
    return xstrndup(text, strlen(text));
}

char *xstrndup(const char *text, size_t len)
{
    char *copy = xmalloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}

char *xasprintf(const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    return have(len < 0 ? NULL : text, 1);
}

/* SPDX-License-Identifier: MIT */
/* Memory that is there or the program ends: the x* functions never return NULL. Any thread. */
#pragma once

#include <stddef.h>
#include <stdlib.h>

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t len);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* `AUTO_FREE char *s = ...;` is freed at the end of its scope; `return steal(&s)` keeps it. */
#define AUTO_FREE __attribute__((cleanup(free_at)))
static inline void free_at(void *at)
{
    free(*(void **)at);
}

#define steal(at)                                                                                  \
    __extension__({                                                                                \
        __auto_type steal_was = *(at);                                                             \
        *(at) = NULL;                                                                              \
        steal_was;                                                                                 \
    })

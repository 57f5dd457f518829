/* SPDX-License-Identifier: MIT */
/* Line framing. */
#include "net/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

static int keep(struct lines *l, const char *data, size_t len)
{
    if (l->len + len > (size_t)l->limit + 1) /* + 1: a CR may still be cut off */
        return ERR_PROTOCOL;
    if (l->len + len + 1 > l->cap) {
        uint32_t cap = l->cap ? l->cap : 128;
        while (cap < l->len + len + 1)
            cap *= 2;
        l->part = xrealloc(l->part, cap);
        l->cap = cap;
    }
    memcpy(l->part + l->len, data, len);
    l->len += (uint32_t)len;
    return 0;
}

static void forget(struct lines *l)
{
    free(l->part);
    l->part = NULL;
    l->len = l->cap = 0;
}

static int hand_out(struct lines *l, char *line, size_t len, lines_fn *on_line, void *arg)
{
    if (len && line[len - 1] == '\r')
        len--;
    if (len > l->limit)
        return ERR_PROTOCOL;
    line[len] = 0;
    return len ? on_line(arg, line, len) : 0;
}

int lines_feed(struct lines *l, char *data, size_t len, lines_fn *on_line, void *arg)
{
    char *end = data + len;
    int err = 0;

    while (data < end && !err) {
        char *lf = memchr(data, '\n', (size_t)(end - data));
        if (!lf)
            return keep(l, data, (size_t)(end - data));
        if (!l->len) {
            err = hand_out(l, data, (size_t)(lf - data), on_line, arg);
        } else if (!(err = keep(l, data, (size_t)(lf - data)))) {
            struct lines whole = *l; /* on_line may end the owner: it finds nothing half-used */
            l->part = NULL;
            l->len = l->cap = 0;
            err = hand_out(&whole, whole.part, whole.len, on_line, arg);
            forget(&whole);
        }
        data = lf + 1;
    }
    return err;
}

void lines_fini(struct lines *l)
{
    forget(l);
}

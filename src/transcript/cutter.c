/* SPDX-License-Identifier: MIT */
/* Line cutting for bystanders. */
#include "transcript/cutter.h"

#include <string.h>

static void add(struct cutter *c, const char *bytes, size_t len)
{
    if (!c->skipped && c->line.len + len <= c->limit) {
        str_add_n(&c->line, bytes, len);
        return;
    }
    c->skipped += c->line.len + len;
    str_free(&c->line);
}

static void finish(struct cutter *c, cutter_fn *on_line, void *arg)
{
    size_t len = c->line.len;

    if (c->skipped)
        on_line(arg, NULL, c->skipped);
    if (len && c->line.s[len - 1] == '\r')
        len--;
    if (len)
        on_line(arg, c->line.s, len);
    str_free(&c->line);
    c->skipped = 0;
}

void cutter_feed(struct cutter *c, const char *bytes, size_t len, cutter_fn *on_line, void *arg)
{
    const char *end = bytes + len;

    while (bytes < end) {
        const char *lf = memchr(bytes, '\n', (size_t)(end - bytes));
        if (!lf) {
            add(c, bytes, (size_t)(end - bytes));
            return;
        }
        if (lf > bytes)
            add(c, bytes, (size_t)(lf - bytes));
        finish(c, on_line, arg);
        bytes = lf + 1;
    }
}

/* SPDX-License-Identifier: MIT */
/* Batches: statements with copies of their arguments, kept until the store thread writes them. */
#include <string.h>

#include "base/alloc.h"
#include "store/db.h"

static size_t value_bytes(const struct value *v)
{
    if (v->kind == VALUE_TEXT)
        return v->p ? strlen(v->p) + 1 : 0;
    return v->kind == VALUE_BLOB ? v->n : 0;
}

struct write *write_new(enum statement statement, const struct value *args, unsigned n)
{
    size_t head = sizeof(struct write) + n * sizeof *args, bytes = head;

    for (unsigned i = 0; i < n; i++)
        bytes += value_bytes(&args[i]);
    struct write *w = xmalloc(bytes);
    char *at = (char *)w + head;
    *w = (struct write){.statement = statement, .n = n};
    for (unsigned i = 0; i < n; i++) {
        size_t len = value_bytes(&args[i]);
        w->args[i] = args[i];
        if (len)
            w->args[i].p = memcpy(at, args[i].p, len);
        else if (args[i].p)
            w->args[i].p = ""; /* an empty blob is not NULL */
        at += len;
    }
    return w;
}

size_t write_bytes(const struct write *w)
{
    size_t bytes = sizeof *w + w->n * sizeof *w->args;

    for (unsigned i = 0; i < w->n; i++)
        bytes += value_bytes(&w->args[i]);
    return bytes;
}

struct store_batch *store_batch_new(void)
{
    struct store_batch *batch = xcalloc(1, sizeof *batch);

    batch->last = &batch->first;
    return batch;
}

void store_batch_add(struct store_batch *batch, enum statement statement, const struct value *args,
                     unsigned n)
{
    struct write *w = write_new(statement, args, n);

    *batch->last = w;
    batch->last = &w->next;
    batch->rows++;
    batch->bytes += write_bytes(w);
}

void store_batch_free(struct store_batch *batch)
{
    struct write *next;

    if (!batch)
        return;
    for (struct write *w = batch->first; w; w = next) {
        next = w->next;
        free(w);
    }
    free(batch);
}

bool store_batch_empty(const struct store_batch *batch)
{
    return !batch->first;
}

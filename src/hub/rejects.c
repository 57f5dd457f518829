/* SPDX-License-Identifier: MIT */
/* The ring of rejected shares. */
#include "hub/rejects.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct rejects *rejects_new(void)
{
    struct rejects *r = xcalloc(1, sizeof *r);

    atomic_init(&r->refs, 1);
    return r;
}

struct rejects *rejects_ref(struct rejects *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void rejects_unref(struct rejects *r)
{
    /* pairs with itself: the last holder sees all that the others did */
    if (r && atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) == 1)
        free(r);
}

/* One that nobody else holds: only the owner makes references from it. */
static struct rejects *own(struct rejects *r)
{
    if (atomic_load_explicit(&r->refs, memory_order_acquire) == 1)
        return r;
    struct rejects *copy = rejects_new();
    copy->total = r->total;
    copy->count = r->count;
    copy->next = r->next;
    memcpy(copy->items, r->items, sizeof copy->items);
    rejects_unref(r);
    return copy;
}

void rejects_add(struct rejects **rejects, const struct rejected *reject)
{
    struct rejects *r = *rejects = own(*rejects);

    r->items[r->next] = *reject;
    r->next = (r->next + 1) % REJECTS_KEPT;
    r->count += r->count < REJECTS_KEPT;
    r->total++;
}

const struct rejected *rejects_at(const struct rejects *r, unsigned back)
{
    return &r->items[(r->next + REJECTS_KEPT - 1 - back) % REJECTS_KEPT];
}

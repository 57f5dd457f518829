/* SPDX-License-Identifier: MIT */
/* "Newest wins": one pointer handed from an owner to one other thread. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

struct slot {
    void *_Atomic newest; /* NULL = nothing new */
};

/* Owner thread. Returns what nobody took: the caller unrefs it. Pairs with slot_take. */
static inline void *slot_put(struct slot *s, void *p)
{
    return atomic_exchange_explicit(&s->newest, p, memory_order_acq_rel);
}

/* Other thread. Returns the newest and owns it, or NULL. Pairs with slot_put. */
static inline void *slot_take(struct slot *s)
{
    if (!atomic_load_explicit(&s->newest, memory_order_relaxed))
        return NULL;
    return atomic_exchange_explicit(&s->newest, NULL, memory_order_acq_rel);
}

/* SPDX-License-Identifier: MIT */
/* Typed rings between one producer thread and one consumer thread, without locks. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Defines `struct name` with name##_push (producer; false = full) and name##_pop (consumer;
 * false = empty). The store of `tail` pairs with the consumer's acquire, `head` the other way. */
#define SPSC(name, type, capacity)                                                                 \
    _Static_assert(((capacity) & ((capacity)-1)) == 0, "capacity is a power of two");              \
    struct name {                                                                                  \
        _Alignas(64) _Atomic uint32_t head;                                                        \
        _Alignas(64) _Atomic uint32_t tail;                                                        \
        _Alignas(64) type slot[capacity];                                                          \
    };                                                                                             \
    static inline bool name##_push(struct name *q, type v)                                         \
    {                                                                                              \
        uint32_t t = atomic_load_explicit(&q->tail, memory_order_relaxed);                         \
        if (t - atomic_load_explicit(&q->head, memory_order_acquire) == (capacity))                \
            return false;                                                                          \
        q->slot[t & ((capacity)-1)] = v;                                                           \
        atomic_store_explicit(&q->tail, t + 1, memory_order_release);                              \
        return true;                                                                               \
    }                                                                                              \
    static inline bool name##_pop(struct name *q, type *v)                                         \
    {                                                                                              \
        uint32_t h = atomic_load_explicit(&q->head, memory_order_relaxed);                         \
        if (h == atomic_load_explicit(&q->tail, memory_order_acquire))                             \
            return false;                                                                          \
        *v = q->slot[h & ((capacity)-1)];                                                          \
        atomic_store_explicit(&q->head, h + 1, memory_order_release);                              \
        return true;                                                                               \
    }

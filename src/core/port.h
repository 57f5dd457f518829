/* SPDX-License-Identifier: MIT */
/* A port: one thread's ring of events towards the hub, and the bell that wakes it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/spsc.h"
#include "core/event.h"

SPSC(event_ring, struct event, 1024)

struct port {
    struct event_ring ring;
    uv_async_t *bell; /* the hub's; NULL in tests without a loop */
    _Atomic uint64_t dropped;
};

struct port *port_new(uv_async_t *bell);
void port_free(struct port *); /* both threads are done with it; frees shares still inside */

/* Producer thread. EV_DROP events are lost and counted when the ring is full (returns false);
 * EV_KEEP events wait, a millisecond at a time, until there is room or `*stop` (may be NULL) turns
 * true: then false, and the caller still owns what the event carries. */
bool port_post(struct port *, struct event, const _Atomic bool *stop);

/* Hub thread. False when empty. */
bool port_take(struct port *, struct event *);

/* SPDX-License-Identifier: MIT */
/* Ring plus wake-up. */
#include "core/port.h"

/* GCC's thread sanitizer does not model fences; ours orders against libuv, not against our data. */
#if defined __GNUC__ && !defined __clang__
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "core/share.h"

struct port *port_new(uv_async_t *bell)
{
    struct port *port = aligned_alloc(64, (sizeof *port + 63) / 64 * 64);

    if (!port)
        abort();
    *port = (struct port){.bell = bell};
    return port;
}

void port_free(struct port *port)
{
    struct event ev;

    if (!port)
        return;
    while (port_take(port, &ev))
        if (ev.type == EV_SHARE_FOUND)
            share_free(ev.share);
    free(port);
}

bool port_post(struct port *port, struct event ev, const _Atomic bool *stop)
{
    while (!event_ring_push(&port->ring, ev)) {
        bool keep = event_policy(ev.type) == EV_KEEP;
        if (!keep || (stop && atomic_load_explicit(stop, memory_order_relaxed))) {
            atomic_fetch_add_explicit(&port->dropped, 1, memory_order_relaxed);
            return false;
        }
        sleep_us(1000);
    }
    /* libuv before 1.53 may coalesce on a stale read of its own flag: our push comes before it */
    atomic_thread_fence(memory_order_seq_cst);
    if (port->bell)
        (void)uv_async_send(port->bell);
    return true;
}

bool port_take(struct port *port, struct event *ev)
{
    return event_ring_pop(&port->ring, ev);
}

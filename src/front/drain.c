/* SPDX-License-Identifier: MIT */
/* A front that is about to close: it takes no connections, sends its miners away one after the
 * other, so that they do not all come at once elsewhere, answers what they still send, and closes
 * what is left. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "front/loop.h"

enum { STEP_MS = 20 };

void front_drain(struct front *front, const struct front_drain *drain)
{
    if (front->stopping || front->draining)
        return;
    front->draining = true;
    for (struct door *d = front->doors; d; d = d->next)
        d->open = false; /* the loops close their listeners first of all */
    front->drain = *drain;
    for (unsigned i = 0; i < front->loop_count; i++) {
        /* pairs with the acquire in front_draining */
        atomic_store_explicit(&front->loops[i].drain, true, memory_order_release);
        (void)uv_async_send(&front->loops[i].wake);
    }
}

void session_send_away(struct session *s)
{
    const struct front_drain *drain = &s->loop->front->drain;
    struct str *out = &s->loop->out;

    s->sent_away = true;
    if (!s->miner.dialect || !s->miner.dialect->reconnect || !s->miner.subscribed)
        return;
    str_clear(out);
    s->miner.dialect->reconnect(out, drain->host, drain->port);
    session_send(s);
}

/* As many of those that were there as should be on their way by now. */
static void send_some(struct front_loop *f, int64_t now)
{
    int64_t spread = f->front->drain.spread_us, passed = now - f->drain_us;
    uint32_t due = passed >= spread
                       ? UINT32_MAX
                       : (uint32_t)((double)f->drain_count * (double)passed / (double)spread);

    for (struct session *s = f->sessions, *next; s && f->drain_told < due; s = next) {
        next = s->next;
        if (s->sent_away || !s->miner.subscribed) /* it has to be there first */
            continue;
        f->drain_told++;
        session_send_away(s);
    }
}

static void on_step(uv_timer_t *timer)
{
    struct front_loop *f = timer->data;
    const struct front_drain *drain = &f->front->drain;
    int64_t now = now_us();

    send_some(f, now);
    if (!f->session_count || now - f->drain_us >= drain->spread_us + drain->grace_us)
        loop_shut(f);
}

void front_draining(struct front_loop *f)
{
    /* pairs with the release in front_drain */
    if (f->drain_us || !atomic_load_explicit(&f->drain, memory_order_acquire))
        return;
    listeners_close(f);
    f->drain_us = now_us();
    f->drain_count = f->session_count;
    (void)uv_timer_start(&f->drain_timer, on_step, 0, STEP_MS);
}

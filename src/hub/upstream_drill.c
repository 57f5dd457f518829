/* SPDX-License-Identifier: MIT */
/* The failover drill: pools in use are left alone for a while, to see whether others take over. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "hub/upstream_one.h"

static unsigned others(const struct upstreams *all)
{
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i]->enabled && !all->items[i]->drilled;
    return n;
}

static bool is_main(const struct upstreams *all, unsigned number)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].active == (int)number)
            return true;
    return false;
}

static void release(struct upstreams *all)
{
    for (unsigned i = 0; i < all->count; i++)
        all->items[i]->drilled = false;
}

int upstreams_drill(struct upstreams *all, unsigned seconds, struct fault *why)
{
    struct drill_view *d = &all->drill;
    int from = -1;

    if (d->state == DRILL_RUNNING)
        return fault_set(why, ERR_FIELD, "a drill is under way already");
    for (unsigned i = 0; i < all->count; i++)
        if (is_main(all, i)) {
            all->items[i]->drilled = true;
            from = from < 0 ? (int)i : from;
        }
    if (from < 0 || !others(all)) {
        release(all);
        return fault_set(why, ERR_FIELD, "%s",
                         from < 0 ? "no pool is in use: there is nothing to fail over from"
                                  : "no other pool is enabled: there is nowhere to go");
    }
    *d = (struct drill_view){.state = DRILL_RUNNING,
                             .from = from,
                             .to = -1,
                             .began_us = now_us(),
                             .began_ms = wall_ms(),
                             .until_us = now_us() + seconds * SECOND_US,
                             .took_ms = NAN,
                             .share_ms = NAN};
    (void)snprintf(d->text, sizeof d->text, "pool %d is left alone for %u s", from, seconds);
    log_info(POOL, "drill: %s", d->text);
    return 0;
}

static double since_ms(const struct drill_view *d)
{
    return (double)(now_us() - d->began_us) / 1000;
}

void drill_accepted(struct upstream *up)
{
    struct drill_view *d = &up->all->drill;

    if (d->state == DRILL_RUNNING && !up->drilled && (int)up->number == d->to && isnan(d->share_ms))
        d->share_ms = since_ms(d);
}

/* Who has taken over, if anybody. */
static int successor(const struct upstreams *all)
{
    for (unsigned i = 0; i < all->demand_count; i++) {
        int active = all->demands[i].active;
        if (active >= 0 && !all->items[active]->drilled && upstream_serves(all->items[active]))
            return active;
    }
    return -1;
}

static const char *first_error(const struct upstreams *all)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->enabled && !all->items[i]->drilled && *all->items[i]->last_error)
            return all->items[i]->last_error;
    return "none of them gave a job";
}

static void finish(struct upstreams *all)
{
    struct drill_view *d = &all->drill;

    d->state = d->to >= 0 ? DRILL_OK : DRILL_FAILED;
    if (d->to < 0)
        (void)snprintf(d->text, sizeof d->text, "no other pool took over from pool %d: %.100s",
                       d->from, first_error(all));
    else if (isnan(d->share_ms))
        (void)snprintf(d->text, sizeof d->text,
                       "pool %d took over from pool %d after %.1f s; no share was due yet", d->to,
                       d->from, d->took_ms / 1000);
    else
        (void)snprintf(d->text, sizeof d->text,
                       "pool %d took over from pool %d after %.1f s; first share accepted after "
                       "%.1f s",
                       d->to, d->from, d->took_ms / 1000, d->share_ms / 1000);
    if (d->state == DRILL_OK)
        log_info(POOL, "drill passed: %s", d->text);
    else
        log_warn(POOL, "drill FAILED: %s", d->text);
    release(all);
}

void drill_drop(struct upstreams *all)
{
    if (all->drill.state != DRILL_RUNNING)
        return;
    release(all);
    all->drill.state = DRILL_NONE;
    log_info(POOL, "drill: given up, as the pools were configured anew");
}

void drill_tick(struct upstreams *all)
{
    struct drill_view *d = &all->drill;
    int to;

    if (d->state != DRILL_RUNNING)
        return;
    if (d->to < 0 && (to = successor(all)) >= 0) {
        d->to = to;
        d->took_ms = since_ms(d);
        (void)snprintf(d->text, sizeof d->text, "pool %d took over from pool %d after %.1f s", to,
                       d->from, d->took_ms / 1000);
    }
    if (now_us() >= d->until_us)
        finish(all);
}

/* SPDX-License-Identifier: MIT */
/* Snapshots: making, counting, and the words for their states. */
#include "hub/snapshot.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

struct snapshot *snapshot_new(unsigned devices)
{
    static const struct effective_rate no_rate = {.rate = NAN, .low = NAN, .high = NAN};
    struct snapshot *s = xcalloc(1, sizeof *s);

    atomic_init(&s->refs, 1);
    s->device_count = devices;
    s->devices = xcalloc(devices, sizeof *s->devices);
    for (unsigned i = 0; i < RATE_WINDOWS; i++)
        s->rate[i] = NAN;
    for (unsigned i = 0; i < devices; i++) {
        s->devices[i].cpu_share = s->devices[i].dataset.eta_s = NAN;
        s->devices[i].effective = no_rate;
    }
    s->average = s->job_difficulty = s->network_difficulty = s->hub_busy_ratio = NAN;
    s->effective = no_rate;
    s->pool.network_difficulty = s->pool.rate_1m = s->pool.round_effort = NAN;
    return s;
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
    if (s)
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void snapshot_unref(struct snapshot *s)
{
    /* pairs with the other holders' release in the same operation */
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1)
        return;
    rejects_unref(s->rejects);
    free(s->devices);
    free(s);
}

const char *mining_state_name(enum mining_state state)
{
    static const char *const names[] = {"stopped", "waiting", "mining"};

    return names[state];
}

const char *device_state_name(enum device_state state)
{
    static const char *const names[] = {"off", "idle", "waiting", "run", "paused", "failed"};

    return names[state];
}

const char *drill_state_name(enum drill_state state)
{
    static const char *const names[] = {"none", "running", "passed", "failed"};

    return names[state];
}

const char *upstream_status_name(enum upstream_status status)
{
    static const char *const names[] = {"disabled", "standby", "dead", "connecting", "alive"};

    return names[status];
}

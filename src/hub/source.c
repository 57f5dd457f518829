/* SPDX-License-Identifier: MIT */
/* Which work source serves a line: the own pool while it is open, an upstream of the algorithm, the
 * own chain where there is none. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "hub/internal.h"

/* The own pool that mines for a wish; NULL = none is open. */
static struct pool *own_pool(const struct hub *hub, struct wish wish)
{
    return hub_pool(hub, wish.algo ? wish.algo : hub->own_algo);
}

/* Pool mode takes the default line, and whoever does its pool's algorithm. */
static bool pool_takes(const struct hub *hub, struct wish wish, const struct pool *own)
{
    return own && hub->pool_mode && (wish.follows || own == hub->pool);
}

struct job *source_job(struct hub *hub, struct wish wish, char source[64])
{
    struct pool *own = own_pool(hub, wish);
    struct job *job;

    *source = 0;
    if (!hub->mining || hub->stopping)
        return NULL;
    if (pool_takes(hub, wish, own) && (job = pool_job(own))) {
        (void)text_copy(source, 64, "local pool");
        return job;
    }
    if ((job = upstreams_job(hub->upstreams, wish.algo))) {
        upstreams_words(hub->upstreams, wish.algo, source);
        return job;
    }
    if (own && !upstreams_enabled(hub->upstreams, wish.algo) && (job = pool_job(own))) {
        (void)text_copy(source, 64, "solo");
        return job;
    }
    return NULL;
}

/* --- what upstream pools are asked for -------------------------------------------------------- */

struct demands {
    const struct algo *list[DEMANDS_MAX];
    unsigned count;
};

static void demand(const struct hub *hub, struct demands *d, struct wish wish)
{
    struct pool *own = own_pool(hub, wish);

    if (pool_takes(hub, wish, own) && pool_job(own))
        return;
    for (unsigned i = 0; i < d->count; i++)
        if (d->list[i] == wish.algo)
            return;
    if (d->count < DEMANDS_MAX)
        d->list[d->count++] = wish.algo;
}

static void demand_line(const struct hub *hub, struct demands *d, const struct line *line)
{
    demand(hub, d, line->wish);
    if (line->stage == CHANGE_PREPARING)
        demand(hub, d, line->to);
}

void source_demand(struct hub *hub)
{
    struct demands d = {.count = 0};

    if (hub->mining && !hub->stopping) {
        if (line_used(hub, &hub->line) || !hub->device_count)
            demand_line(hub, &d, &hub->line);
        for (unsigned i = 0; i < hub->device_count; i++)
            if (hub->devices[i].line == &hub->devices[i].own)
                demand_line(hub, &d, &hub->devices[i].own);
    }
    upstreams_want(hub->upstreams, d.list, d.count);
    upstreams_tick(hub->upstreams);
}

/* --- where an algorithm could be mined -------------------------------------------------------- */

void source_words(struct hub *hub, const struct algo *algo, char out[64])
{
    int number = upstreams_first(hub->upstreams, algo);

    *out = 0;
    if (number >= 0 && !(hub->pool_mode && hub_pool_may(hub, algo)))
        (void)snprintf(out, 64, "pool %d", number);
    else if (hub_pool_may(hub, algo))
        (void)text_copy(out, 64, hub->pool_mode ? "own pool" : "own chain");
}

int source_open(struct hub *hub, const struct algo *algo, struct fault *why)
{
    if (hub_pool_may(hub, algo)) {
        int err = hub_pool_open(hub, algo, why);
        if (!err || !upstreams_enabled(hub->upstreams, algo))
            return err;
    }
    if (upstreams_enabled(hub->upstreams, algo) || hub_pool_may(hub, algo))
        return 0;
    return fault_set(why, ERR_CONFIG,
                     "nothing gives work of %s: add a pool with algorithm: %s to upstreams "
                     "(the own pool mines %s, which is %s)",
                     algo->name, algo->name, hub->config->pool.coin, hub->own_algo->name);
}

/* SPDX-License-Identifier: MIT */
/* The embedded pools: one chain for each algorithm in use where the coin leaves it open (devnet),
 * else one. The Stratum server is that of the default line's pool. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "coin/coin.h"
#include "front/handover.h"
#include "hub/internal.h"
#include "pool/bans.h"

enum { IDLE_LIMIT_S = 120, MOVE_LIMIT_S = 10 };

static void on_job(void *arg, struct job *job)
{
    (void)job;
    hub_publish(arg);
}

static void on_changed(void *arg)
{
    hub_snapshot_soon(arg);
}

static struct hub_pool *entry(const struct hub *hub, const struct algo *algo)
{
    for (unsigned i = 0; i < hub->pool_count; i++)
        if (hub->pools[i].algo == algo)
            return (struct hub_pool *)(uintptr_t)&hub->pools[i];
    return NULL;
}

struct pool *hub_pool(const struct hub *hub, const struct algo *algo)
{
    const struct hub_pool *found = entry(hub, algo);

    return found ? found->pool : NULL;
}

bool hub_pool_may(const struct hub *hub, const struct algo *algo)
{
    return hub->coin_open || algo == hub->own_algo;
}

int hub_pool_open(struct hub *hub, const struct algo *algo, struct fault *why)
{
    const struct pool_setup setup = {
        .config = hub->config,
        .algo = algo,
        .datasets = hub->datasets,
        .store = hub->store,
        .bans = hub->bans,
        .loop = &hub->loop,
        .bell = &hub->bell,
        .handed = hub->handed,
        .callbacks = {.job = on_job, .changed = on_changed, .arg = hub},
    };
    struct pool *pool;
    int err;

    if (entry(hub, algo))
        return 0;
    if (hub->pool_count == HUB_POOLS)
        return fault_set(why, ERR_CONFIG, "%d chains are open already", HUB_POOLS);
    if ((err = pool_new(&setup, &pool, why)) < 0)
        return err;
    hub->pools[hub->pool_count++] =
        (struct hub_pool){.algo = algo, .pool = pool, .used_us = now_us()};
    return 0;
}

int hub_pools_open(struct hub *hub, struct fault *why)
{
    const struct coin *coin = coin_find(hub->config->pool.coin);
    int err;

    hub->coin_open = coin && !coin->algo;
    hub->own_algo = algo_find(coin && coin->algo ? coin->algo : hub->config->mining.algorithm);
    if ((err = bans_book_new(hub->config, hub->store, &hub->bans, why)) < 0 ||
        (err = hub_pool_open(hub, hub->own_algo, why)) < 0)
        return err;
    hub->pool = hub->pools[0].pool;
    bool on = hub->config->pool.enable || hub->handed; /* it was when the program before left */
    err = on ? hub_pool_mode(hub, true, why) : 0;
    pool_forget_handed(hub->pool);
    return err;
}

void hub_pools_close(struct hub *hub)
{
    hub->pool = NULL;
    while (hub->pool_count)
        pool_free(hub->pools[--hub->pool_count].pool);
    bans_book_free(hub->bans);
    hub->bans = NULL;
}

void hub_pools_drain(struct hub *hub)
{
    for (unsigned i = 0; i < hub->pool_count; i++)
        pool_drain(hub->pools[i].pool);
}

void hub_pools_leave(struct hub *hub)
{
    for (unsigned i = 0; i < hub->pool_count; i++)
        if (hub->upgrading)
            pool_hand_over(hub->pools[i].pool);
        else
            pool_leave(hub->pools[i].pool);
}

/* One pool at a time has the Stratum server. */
void hub_pools_handed(struct hub *hub)
{
    for (unsigned i = 0; i < hub->pool_count; i++) {
        json_t *handed = pool_handed(hub->pools[i].pool);
        if (!hub->handing)
            hub->handing = handed;
        else
            handover_free(handed);
    }
}

bool hub_pools_leaving(const struct hub *hub)
{
    for (unsigned i = 0; i < hub->pool_count; i++)
        if (pool_leaving(hub->pools[i].pool))
            return true;
    return false;
}

bool hub_pools_settling(const struct hub *hub)
{
    for (unsigned i = 0; i < hub->pool_count; i++)
        if (pool_settling(hub->pools[i].pool))
            return true;
    return false;
}

/* --- the Stratum server -------------------------------------------------------------------------
 */

int hub_pool_mode(struct hub *hub, bool on, struct fault *why)
{
    int err = pool_serve(hub->pool, on, why);

    hub->front_due_us = 0;
    hub->pool_mode = err ? pool_serving(hub->pool) : on;
    return err;
}

/* The pool of the default line, when it works for an own chain or pool mode says that it does. */
static struct pool *pool_of_default(const struct hub *hub)
{
    const struct algo *algo = hub->line.wish.algo ? hub->line.wish.algo : hub->own_algo;
    struct pool *pool = hub_pool(hub, algo);

    if (pool && (hub->pool_mode || !upstreams_enabled(hub->upstreams, hub->line.wish.algo)))
        return pool;
    return hub->pool;
}

/* The port is free once the server before has ended: tried again until then. */
static void open_front(struct hub *hub)
{
    struct fault why = {0};
    int err;

    if (!hub->front_due_us)
        return;
    err = pool_serve(hub->pool, true, &why);
    if (err && now_us() < hub->front_due_us)
        return;
    hub->front_due_us = 0;
    if (!err)
        return;
    hub->pool_mode = false;
    log_error(POOL, "pool mode is off: %s", why.text);
}

void hub_front_follow(struct hub *hub)
{
    struct pool *pool = pool_of_default(hub), *old = hub->pool;

    if (pool != old) {
        hub->pool = pool;
        (void)pool_serve(old, false, NULL);
        if (hub->pool_mode)
            hub->front_due_us = now_us() + MOVE_LIMIT_S * SECOND_US;
        hub_snapshot_soon(hub);
    }
    open_front(hub);
}

/* --- those that nobody needs any more -----------------------------------------------------------
 */

static bool line_uses(const struct hub *hub, const struct line *line, const struct algo *algo)
{
    const struct wish *wishes[] = {&line->wish, &line->to, &line->before};

    if (line->feed.job && line->feed.job->algo == algo)
        return true;
    for (unsigned i = 0; i < sizeof wishes / sizeof *wishes; i++)
        if (wishes[i]->algo == algo || (!wishes[i]->algo && algo == hub->own_algo))
            return true;
    return false;
}

static bool in_use(const struct hub *hub, const struct hub_pool *p)
{
    bool used = p->pool == hub->pool || p->algo == hub->own_algo || pool_settling(p->pool) ||
                line_uses(hub, &hub->line, p->algo);

    for (unsigned i = 0; i < hub->device_count && !used; i++)
        used = hub->devices[i].line == &hub->devices[i].own &&
               line_uses(hub, &hub->devices[i].own, p->algo);
    return used;
}

void hub_pools_tick(struct hub *hub)
{
    int64_t now = now_us();

    hub_front_follow(hub);
    bans_book_tick(hub->bans);
    for (unsigned i = 0; i < hub->pool_count; i++) {
        struct hub_pool *p = &hub->pools[i];
        if (in_use(hub, p))
            p->used_us = now;
        if (now - p->used_us < IDLE_LIMIT_S * SECOND_US)
            continue;
        pool_free(p->pool);
        *p = hub->pools[--hub->pool_count];
        return;
    }
}

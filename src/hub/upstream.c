/* SPDX-License-Identifier: MIT */
/* Upstream pools: which one is in use (see upstream.h for the rules). */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "hub/upstream_one.h"

/* True when another one is active now. */
static bool set_active(struct upstreams *all, struct demand *demand, int active)
{
    if (active == demand->active)
        return false;
    if (active >= 0 && demand->active >= 0)
        log_info(POOL, "work now comes from pool %d %s (was pool %d)", active,
                 all->items[active]->set->url, demand->active);
    demand->active = active;
    return true;
}

static void choose_all(struct upstreams *all)
{
    bool changed = false;

    for (unsigned i = 0; i < all->demand_count; i++)
        changed |= set_active(all, &all->demands[i], choose_pool(all, &all->demands[i]));
    if (changed)
        all->hooks.changed(all->hooks.arg);
}

static struct demand *demand_of(struct upstreams *all, const struct algo *algo)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].algo == algo)
            return &all->demands[i];
    return NULL;
}

void upstreams_want(struct upstreams *all, const struct algo *const *demands, unsigned count)
{
    struct demand next[DEMANDS_MAX];

    count = count < DEMANDS_MAX ? count : DEMANDS_MAX;
    for (unsigned i = 0; i < count; i++) {
        const struct demand *old = demand_of(all, demands[i]);
        next[i] = old ? *old : (struct demand){.algo = demands[i], .active = -1};
    }
    memcpy(all->demands, next, count * sizeof *next);
    all->demand_count = count;
}

/* Connects, watches or closes one pool. */
static void tend(struct upstream *up, bool wanted)
{
    upstream_shares_tick(up);
    if (wanted) {
        upstream_care(up);
    } else if (up->client && !upstream_owes_answers(up)) {
        upstream_drop_pending(up, "its pool is not used any more");
        upstream_disconnect(up);
        upstream_set_status(up, up->enabled ? UPSTREAM_STANDBY : UPSTREAM_DISABLED);
    }
}

void upstreams_tick(struct upstreams *all)
{
    bool wanted[UPSTREAM_MAX] = {false};

    for (unsigned k = 0; k < all->demand_count; k++) {
        choose_turn(all, &all->demands[k]);
        choose_wanted(all, &all->demands[k], wanted);
    }
    for (unsigned i = 0; i < all->count; i++)
        tend(all->items[i], wanted[i]);
    choose_all(all);
    drill_tick(all);
    choose_all(all);
}

static bool same(const struct upstream *up, const struct upstream_config *c)
{
    return !strcmp(up->set->url, c->url) && !strcmp(up->set->user, c->user) &&
           !strcmp(up->set->pass, c->pass) && !strcmp(up->set->algorithm, c->algorithm) &&
           !strcmp(up->set->coin, c->coin) && !strcmp(up->set->tls, c->tls) &&
           !strcmp(up->set->proxy, c->proxy) &&
           !strcmp(up->set->tls_fingerprint, c->tls_fingerprint) &&
           !strcmp(up->set->tls_authorities, c->tls_authorities);
}

/* The same pool, told by a newer configuration. */
static void take_settings(struct upstream *up, const struct upstream_config *c)
{
    if (up->set->quota != c->quota)
        up->quota = c->quota;
    config_unref(up->owner);
    up->owner = config_ref(up->all->config);
    up->set = c;
}

/* The old entry for `c`, taken out of the old list; NULL when there is none. */
static struct upstream *reuse(struct upstreams *all, unsigned number,
                              const struct upstream_config *c)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (!all->items[i] || !same(all->items[i], c))
            continue;
        all->items[i]->number = number;
        take_settings(all->items[i], c);
        return steal(&all->items[i]);
    }
    return NULL;
}

/* What was chosen at run time stays unless the configuration says something new. */
static void take_strategy(struct upstreams *all, const struct config *old)
{
    const struct config *now = all->config;

    if (!old || strcmp(old->upstreams.strategy, now->upstreams.strategy) != 0)
        (void)strategy_parse(now->upstreams.strategy, &all->strategy);
    if (!old || old->upstreams.rotate_us != now->upstreams.rotate_us)
        all->rotate_us = now->upstreams.rotate_us;
}

void upstreams_configure(struct upstreams *all, struct config *config)
{
    size_t count = config->upstreams.count < UPSTREAM_MAX ? config->upstreams.count : UPSTREAM_MAX;
    struct upstream **items = xcalloc(count, sizeof *items);
    struct config *old = all->config;

    all->config = config_ref(config);
    take_strategy(all, old);
    all->algorithm = config->mining.algorithm;
    for (unsigned i = 0; i < count; i++) {
        items[i] = reuse(all, i, &config->upstreams.items[i]);
        if (!items[i])
            items[i] = upstream_new(all, i, &config->upstreams.items[i]);
    }
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i])
            upstream_free(all->items[i]);
    free(all->items);
    all->items = items;
    all->count = (unsigned)count;
    if (old) {
        config_unref(old);
        for (unsigned i = 0; i < all->demand_count; i++)
            all->demands[i] = (struct demand){.algo = all->demands[i].algo, .active = -1};
        drill_drop(all);
        choose_all(all);
    }
}

struct upstreams *upstreams_new(struct config *config, uv_loop_t *loop,
                                const struct upstream_hooks *hooks)
{
    struct upstreams *all = xcalloc(1, sizeof *all);

    all->loop = loop;
    all->hooks = *hooks;
    upstreams_configure(all, config);
    return all;
}

void upstreams_free(struct upstreams *all)
{
    if (!all)
        return;
    for (unsigned i = 0; i < all->count; i++)
        upstream_free(all->items[i]);
    free(all->items);
    config_unref(all->config);
    free(all);
}

unsigned upstreams_enabled(const struct upstreams *all, const struct algo *algo)
{
    const struct demand demand = {.algo = algo, .active = -1};
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i]->enabled && upstream_meets(all->items[i], &demand);
    return n;
}

int upstreams_first(const struct upstreams *all, const struct algo *algo)
{
    const struct demand demand = {.algo = algo, .active = -1};

    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->enabled && upstream_meets(all->items[i], &demand))
            return (int)i;
    return -1;
}

struct job *upstreams_job(struct upstreams *all, const struct algo *algo)
{
    struct demand *demand = demand_of(all, algo);

    if (!demand)
        return NULL;
    demand->active = choose_pool(all, demand);
    return demand->active < 0 ? NULL : all->items[demand->active]->job;
}

int upstreams_active(const struct upstreams *all, const struct algo *algo)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].algo == algo)
            return all->demands[i].active;
    return -1;
}

struct upstream *upstreams_identified(struct upstreams *all, uint32_t source)
{
    for (unsigned i = 0; i < all->count; i++)
        if (SOURCE_OF_UPSTREAM(all->items[i]->id) == source)
            return all->items[i];
    return NULL;
}

void upstreams_submit(struct upstreams *all, const struct share *share)
{
    struct upstream *up = upstreams_identified(all, share->job->source);
    struct share_note note = {.device = share->device, .algo = share->job->algo, .fate = FATE_LOST};

    if (up) {
        upstream_submit(up, share);
        return;
    }
    log_warn(SHARE, "lost: its pool was taken out of the configuration");
    all->hooks.note(all->hooks.arg, &note);
}

bool upstreams_switch(struct upstreams *all, unsigned number)
{
    if (number >= all->count)
        return false;
    for (unsigned i = 0; i < all->count; i++)
        all->items[i]->pinned = i == number;
    all->items[number]->enabled = true;
    all->items[number]->try_us = 0;
    upstreams_tick(all);
    return true;
}

bool upstreams_enable(struct upstreams *all, unsigned number, bool on)
{
    if (number >= all->count)
        return false;
    struct upstream *up = all->items[number];
    if (up->enabled != on || !up->client)
        upstream_set_status(up, !on       ? UPSTREAM_DISABLED
                                : up->job ? UPSTREAM_ALIVE
                                          : UPSTREAM_STANDBY);
    up->enabled = on;
    up->pinned = false;
    if (!on)
        upstream_drop_pending(up, "its pool is switched off");
    up->try_us = 0;
    upstreams_tick(all);
    return true;
}

bool upstreams_quota(struct upstreams *all, unsigned number, uint32_t quota)
{
    if (number >= all->count)
        return false;
    all->items[number]->quota = quota;
    upstreams_strategy(all, all->strategy, 0); /* what was given by the old quotas is forgotten */
    return true;
}

void upstreams_strategy(struct upstreams *all, enum strategy strategy, int64_t rotate_us)
{
    all->strategy = strategy;
    all->rotate_us = rotate_us ? rotate_us : all->rotate_us;
    for (unsigned i = 0; i < all->count; i++) {
        all->items[i]->virtual_time = 0;
        all->items[i]->worked_us = 0;
    }
    for (unsigned i = 0; i < all->demand_count; i++)
        all->demands[i].turned_us = 0;
    upstreams_tick(all);
}

unsigned upstreams_view(struct upstreams *all, struct upstream_view *out, unsigned max)
{
    unsigned n = all->count < max ? all->count : max;

    for (unsigned i = 0; i < n; i++)
        upstream_fill_view(all->items[i], &out[i]);
    return n;
}

void upstreams_view_strategy(const struct upstreams *all, struct strategy_view *view)
{
    int64_t turned = all->demand_count ? all->demands[0].turned_us : 0;

    *view = (struct strategy_view){
        .strategy = all->strategy,
        .rotate_us = all->rotate_us,
        .turn_us = all->strategy == STRATEGY_ROTATE && turned ? turned + all->rotate_us : 0,
        .drill = all->drill,
    };
}

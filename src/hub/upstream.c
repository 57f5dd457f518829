/* SPDX-License-Identifier: MIT */
/* Upstream pools: which one is in use (see upstream.h for the rules). */
#include "hub/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "hub/upstream_one.h"

enum { PATIENCE_S = 5 }; /* a better pool may take this long to serve before the next is asked */

/* May `up` take over from a pool of lower priority that serves well? */
static bool proven(const struct upstreams *all, const struct upstream *up)
{
    return up->pinned || now_us() - up->serving_us >= all->config->upstreams.return_after_us;
}

/* The best pool for a demand, -1 when none serves. */
static int choose(const struct upstreams *all, const struct demand *demand)
{
    bool keep = demand->active >= 0 && upstream_serves(all->items[demand->active]);

    for (unsigned i = 0; i < all->count; i++)
        if (upstream_meets(all->items[i], demand) && upstream_serves(all->items[i]) &&
            all->items[i]->pinned)
            return (int)i;
    for (unsigned i = 0; i < all->count; i++) {
        if (!upstream_meets(all->items[i], demand) || !upstream_serves(all->items[i]))
            continue;
        if (!keep || (int)i == demand->active || proven(all, all->items[i]))
            return (int)i;
    }
    return -1;
}

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
        changed |= set_active(all, &all->demands[i], choose(all, &all->demands[i]));
    if (changed)
        all->hooks.changed(all->hooks.arg);
}

bool upstreams_is_active(const struct upstreams *all, unsigned number)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].active == (int)number)
            return true;
    return false;
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
        next[i] = (struct demand){demands[i], old ? old->active : -1};
    }
    memcpy(all->demands, next, count * sizeof *next);
    all->demand_count = count;
}

static bool pinned_serves(const struct upstreams *all, const struct demand *demand)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->pinned && upstream_meets(all->items[i], demand) &&
            upstream_serves(all->items[i]))
            return true;
    return false;
}

/* Just begun and not failed yet: the pools below need not be asked. */
static bool promising(const struct upstream *up)
{
    return up->enabled && !up->failures && !upstream_serves(up) &&
           now_us() - up->since_us < PATIENCE_S * SECOND_US;
}

/* Is the pool to be connected for this demand? Not when a better one serves it well. */
static bool wanted_for(const struct upstream *up, const struct demand *demand, bool covered)
{
    return upstream_meets(up, demand) && up->enabled &&
           (!covered || up->pinned || (int)up->number == demand->active);
}

/* Does the pool make those below it superfluous for this demand? */
static bool covers(const struct upstream *up, const struct demand *demand)
{
    bool none = demand->active < 0;

    return upstream_meets(up, demand) &&
           ((upstream_serves(up) && ((int)up->number == demand->active || none)) ||
            (none && promising(up)));
}

/* Connects, watches or closes one pool. */
static void tend(struct upstreams *all, struct upstream *up, const bool *covered)
{
    bool wanted = false;

    for (unsigned k = 0; k < all->demand_count; k++)
        wanted = wanted || wanted_for(up, &all->demands[k], covered[k]);
    if (wanted) {
        upstream_care(up);
    } else if (up->client && !upstream_owes_answers(up)) {
        upstream_disconnect(up);
        upstream_set_status(up, up->enabled ? UPSTREAM_STANDBY : UPSTREAM_DISABLED);
    }
}

void upstreams_tick(struct upstreams *all)
{
    bool covered[DEMANDS_MAX] = {false}; /* a better one serves well: those below may rest */

    for (unsigned k = 0; k < all->demand_count; k++)
        covered[k] = pinned_serves(all, &all->demands[k]);
    for (unsigned i = 0; i < all->count; i++) {
        tend(all, all->items[i], covered);
        for (unsigned k = 0; k < all->demand_count; k++)
            covered[k] = covered[k] || covers(all->items[i], &all->demands[k]);
    }
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

/* The old entry for `c`, taken out of the old list; NULL when there is none. */
static struct upstream *reuse(struct upstreams *all, unsigned number,
                              const struct upstream_config *c)
{
    for (unsigned i = 0; i < all->count; i++) {
        if (!all->items[i] || !same(all->items[i], c))
            continue;
        all->items[i]->number = number;
        return steal(&all->items[i]);
    }
    return NULL;
}

void upstreams_configure(struct upstreams *all, struct config *config)
{
    size_t count = config->upstreams.count < UPSTREAM_MAX ? config->upstreams.count : UPSTREAM_MAX;
    struct upstream **items = xcalloc(count, sizeof *items);
    struct config *old = all->config;

    all->config = config_ref(config);
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
            all->demands[i].active = -1;
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
    const struct demand demand = {algo, -1};
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i]->enabled && upstream_meets(all->items[i], &demand);
    return n;
}

int upstreams_first(const struct upstreams *all, const struct algo *algo)
{
    const struct demand demand = {algo, -1};

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
    demand->active = choose(all, demand);
    return demand->active < 0 ? NULL : all->items[demand->active]->job;
}

int upstreams_active(const struct upstreams *all, const struct algo *algo)
{
    for (unsigned i = 0; i < all->demand_count; i++)
        if (all->demands[i].algo == algo)
            return all->demands[i].active;
    return -1;
}

static struct upstream *identified(struct upstreams *all, uint32_t source)
{
    for (unsigned i = 0; i < all->count; i++)
        if (SOURCE_OF_UPSTREAM(all->items[i]->id) == source)
            return all->items[i];
    return NULL;
}

int upstreams_submit(struct upstreams *all, const struct share *share)
{
    struct upstream *up = identified(all, share->job->source);

    return up ? upstream_submit(up, share) : ERR_CLOSED;
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
    up->try_us = 0;
    upstreams_tick(all);
    return true;
}

unsigned upstreams_view(struct upstreams *all, struct upstream_view *out, unsigned max)
{
    unsigned n = all->count < max ? all->count : max;

    for (unsigned i = 0; i < n; i++)
        upstream_fill_view(all->items[i], &out[i]);
    return n;
}

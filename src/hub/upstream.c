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

static int choose(const struct upstreams *all)
{
    bool keep = all->active >= 0 && upstream_serves(all->items[all->active]);

    for (unsigned i = 0; i < all->count; i++)
        if (upstream_serves(all->items[i]) && all->items[i]->pinned)
            return (int)i;
    for (unsigned i = 0; i < all->count; i++) {
        if (!upstream_serves(all->items[i]))
            continue;
        if (!keep || (int)i == all->active || proven(all, all->items[i]))
            return (int)i;
    }
    return -1;
}

static void set_active(struct upstreams *all, int active)
{
    if (active == all->active)
        return;
    if (active >= 0 && all->active >= 0)
        log_info(POOL, "work now comes from pool %d %s (was pool %d)", active,
                 all->items[active]->url, all->active);
    all->active = active;
    all->hooks.changed(all->hooks.arg);
}

static bool pinned_serves(const struct upstreams *all)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->items[i]->pinned && upstream_serves(all->items[i]))
            return true;
    return false;
}

/* Just begun and not failed yet: the pools below need not be asked. */
static bool promising(const struct upstream *up)
{
    return up->enabled && !up->failures && !upstream_serves(up) &&
           now_us() - up->since_us < PATIENCE_S * SECOND_US;
}

void upstreams_tick(struct upstreams *all, bool needed)
{
    bool covered = pinned_serves(all); /* a better one serves well: this one may rest */

    all->needed = needed;
    for (unsigned i = 0; i < all->count; i++) {
        struct upstream *up = all->items[i];
        bool wanted = needed && up->enabled && (!covered || up->pinned || (int)i == all->active);
        if (wanted) {
            upstream_care(up);
        } else if (up->client && !upstream_owes_answers(up)) {
            upstream_disconnect(up);
            upstream_set_status(up, up->enabled ? UPSTREAM_STANDBY : UPSTREAM_DISABLED);
        }
        covered = covered || (upstream_serves(up) && ((int)i == all->active || all->active < 0)) ||
                  (all->active < 0 && promising(up));
    }
    set_active(all, needed ? choose(all) : -1);
}

static bool same(const struct upstream *up, const struct upstream_config *c)
{
    return !strcmp(up->url, c->url) && !strcmp(up->user, c->user) && !strcmp(up->pass, c->pass) &&
           !strcmp(up->algorithm, c->algorithm) && !strcmp(up->coin, c->coin);
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
        all->active = -1;
        set_active(all, choose(all));
    }
}

struct upstreams *upstreams_new(struct config *config, uv_loop_t *loop,
                                const struct upstream_hooks *hooks)
{
    struct upstreams *all = xcalloc(1, sizeof *all);

    all->loop = loop;
    all->hooks = *hooks;
    all->active = -1;
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

unsigned upstreams_enabled(const struct upstreams *all)
{
    unsigned n = 0;

    for (unsigned i = 0; i < all->count; i++)
        n += all->items[i]->enabled;
    return n;
}

struct job *upstreams_job(struct upstreams *all)
{
    all->active = choose(all);
    return all->active < 0 ? NULL : all->items[all->active]->job;
}

int upstreams_active(const struct upstreams *all)
{
    return all->active;
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
    upstreams_tick(all, all->needed);
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
    upstreams_tick(all, all->needed);
    return true;
}

unsigned upstreams_view(struct upstreams *all, struct upstream_view *out, unsigned max)
{
    unsigned n = all->count < max ? all->count : max;

    for (unsigned i = 0; i < n; i++)
        upstream_fill_view(all->items[i], &out[i]);
    return n;
}

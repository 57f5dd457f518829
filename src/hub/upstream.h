/* SPDX-License-Identifier: MIT */
/* Upstream pools: health, strategies, failover and return. Hub thread.
 *
 * The list is in order of priority. Work is asked for by algorithm, or of any: for each such demand
 * one pool that serves jobs of it is active, chosen by the strategy. A pool that is down is tried
 * again with back-off, in the shadow. pool_health.h says when a pool counts as sick; a pool that is
 * left keeps its session, and shares found meanwhile are sent once it is resumed. Where the
 * strategy spreads work, each device works for a pool of its own for some seconds (a slice). */
#pragma once

#include <uv.h>

#include "config/config.h"
#include "hub/rejects.h"
#include "hub/snapshot.h"

/* What jobs of the upstream with this id (1, 2, ...) carry in job->source; 0 is the embedded pool.
 */
#define SOURCE_OF_UPSTREAM(id) (id)

struct upstreams;

enum { DEMANDS_MAX = 16 };

struct upstream_hooks {
    void (*changed)(void *arg); /* an active pool or its job may be another */
    void (*note)(void *arg, const struct share_note *); /* of a share given to upstreams_submit */
    void (*rejected)(void *arg, unsigned device, struct rejected *); /* all but the device's name */
    double (*rate)(void *arg, const struct algo *); /* hashes per second of it; NAN = unknown */
    void *arg;
};

struct upstreams *upstreams_new(struct config *, uv_loop_t *, const struct upstream_hooks *);
void upstreams_free(struct upstreams *); /* open shares are noted as gone; NULL is fine */

/* Replaces the list after a reload: entries with the same address, user and way stay connected. */
void upstreams_configure(struct upstreams *, struct config *);

/* What the devices want work of: algorithms, NULL among them stands for whatever the best pool
 * has; each once. Pools that serve none of it are closed by the next tick. */
void upstreams_want(struct upstreams *, const struct algo *const *demands, unsigned count);

/* Once a second. */
void upstreams_tick(struct upstreams *);

/* Pools of an algorithm that are enabled; NULL: all. */
unsigned upstreams_enabled(const struct upstreams *, const struct algo *);

/* The first of them; -1 = none. */
int upstreams_first(const struct upstreams *, const struct algo *);

/* Of the active pool for a demand, borrowed; NULL = none, or not wanted. */
struct job *upstreams_job(struct upstreams *, const struct algo *);
int upstreams_active(const struct upstreams *, const struct algo *); /* number; -1 = none */

/* Which pools serve a demand, for people: "pool 1", "pools 0 2 by quota"; "" = none. */
void upstreams_words(const struct upstreams *, const struct algo *, char out[64]);

/* What one device works for, where the strategy spreads work: the job of its pool, borrowed, which
 * hashes with the same dataset as `like` does. NULL = as everybody. `rate` is the device's. Zero
 * `slice` is a beginning. */
struct slice {
    uint32_t source; /* 0 = none */
    int64_t until_us;
    double done, charged; /* hashes: the device's total when it began; put down to the pool then */
};
struct job *upstreams_slice(struct upstreams *, const struct algo *demand, const struct job *like,
                            const struct rate *rate, struct slice *);

/* Sends a share to the pool its job came from; what becomes of it is noted, now or later. */
void upstreams_submit(struct upstreams *, const struct share *);

/* Commands. False when there is no such pool. */
bool upstreams_switch(struct upstreams *, unsigned number); /* pinned until it fails */
bool upstreams_enable(struct upstreams *, unsigned number, bool on);
bool upstreams_quota(struct upstreams *, unsigned number, uint32_t quota);

/* Until the next start, or until a reload brings another one. `rotate_us` 0 = as before. */
void upstreams_strategy(struct upstreams *, enum strategy, int64_t rotate_us);

/* Forces a failover for a while: pools in use are left alone, unless no other one serves. 0, or
 * ERR_FIELD and why not. */
int upstreams_drill(struct upstreams *, unsigned seconds, struct fault *why);

unsigned upstreams_view(struct upstreams *, struct upstream_view *out, unsigned max);
void upstreams_view_strategy(const struct upstreams *, struct strategy_view *);

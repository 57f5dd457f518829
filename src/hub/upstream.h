/* SPDX-License-Identifier: MIT */
/* Upstream pools: health, failover and return. Hub thread.
 *
 * The list is in order of priority. Work is asked for by algorithm, or of any: for each such demand
 * the best pool that serves jobs of it is active; everything above it
 * that is down is tried again with back-off, in the shadow; a pool above comes back into use once
 * it has served for upstreams.return_after. A pool is dead when its connection fails, when it
 * refuses our user, when submits stay unanswered, when it sends no line for upstreams.silence, or
 * when it rejects ten shares in a row. */
#pragma once

#include <uv.h>

#include "config/config.h"
#include "hub/snapshot.h"

/* What jobs of the upstream with this id (1, 2, ...) carry in job->source; 0 is the embedded pool.
 */
#define SOURCE_OF_UPSTREAM(id) (id)

struct upstreams;

enum { DEMANDS_MAX = 16 };

struct upstream_hooks {
    void (*changed)(void *arg); /* an active pool or its job may have changed */
    /* A share's fate; err as stratum_client_events.answer. `device` as given to submit. */
    void (*answer)(void *arg, unsigned device, const struct algo *, int err, double difficulty);
    void *arg;
};

struct upstreams *upstreams_new(struct config *, uv_loop_t *, const struct upstream_hooks *);
void upstreams_free(struct upstreams *); /* open shares are answered as ERR_CLOSED; NULL is fine */

/* Replaces the list after a reload: entries with the same url, user and password stay connected. */
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

/* Sends a share to the pool its job came from. 0, or the error with which it was counted as lost.
 */
int upstreams_submit(struct upstreams *, const struct share *);

/* Commands. False when there is no such pool. */
bool upstreams_switch(struct upstreams *, unsigned number); /* pinned until it fails */
bool upstreams_enable(struct upstreams *, unsigned number, bool on);

unsigned upstreams_view(struct upstreams *, struct upstream_view *out, unsigned max);

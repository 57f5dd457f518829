/* SPDX-License-Identifier: MIT */
/* A front's workers: counters by name, and the shares that the hub has to credit. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/loop.h"

static const struct {
    const char *name;
    int errs[3];
} rejects[REJECTS] = {
    [REJECT_STALE] = {"stale", {ERR_STALE, ERR_NO_JOB}},
    [REJECT_DUPLICATE] = {"duplicate", {ERR_DUPLICATE}},
    [REJECT_LOW_DIFF] = {"low-difficulty", {ERR_LOW_DIFF}},
    [REJECT_UNAUTHORIZED] = {"unauthorized", {ERR_UNAUTHORIZED, ERR_NOT_SUBSCRIBED}},
    [REJECT_TIME] = {"ntime", {ERR_TIME_RANGE}},
    [REJECT_VERSION] = {"version", {ERR_VERSION}},
    [REJECT_FIELD] = {"malformed", {ERR_FIELD}},
    [REJECT_OTHER] = {"other", {0}},
};

const char *reject_name(enum reject reject)
{
    return reject < REJECTS ? rejects[reject].name : "other";
}

enum reject reject_of(int err)
{
    for (unsigned i = 0; i < REJECTS; i++)
        for (unsigned k = 0; k < 3; k++)
            if (err && rejects[i].errs[k] == err)
                return i;
    return REJECT_OTHER;
}

static bool idle(const struct worker *w)
{
    return !w->connections && !w->pending && !w->changed && !w->due.count;
}

static void forget(struct front_loop *f, struct worker *w)
{
    HASH_DEL(f->workers, w);
    free(w);
}

/* The longest known of those that nobody mines for goes. */
static bool make_room(struct front_loop *f)
{
    struct worker *w = f->workers;

    while (w && !idle(w))
        w = w->hh.next;
    if (w)
        forget(f, w);
    return w != NULL;
}

struct worker *front_worker(struct front_loop *f, const char *user)
{
    struct worker *w;

    HASH_FIND_STR(f->workers, user, w);
    if (w)
        return w;
    if (HASH_COUNT(f->workers) >= FRONT_WORKERS_MAX && !make_room(f))
        return NULL;
    w = xcalloc(1, sizeof *w);
    (void)text_copy(w->news.user, sizeof w->news.user, user);
    w->seen_us = now_us();
    HASH_ADD_STR(f->workers, news.user, w);
    return w;
}

/* --- shares ----------------------------------------------------------------------------------- */

static void on_batch(uv_timer_t *timer)
{
    front_send_batch(timer->data);
}

/* The worker's open row goes into the batch as it is. */
static void close_row(struct front_loop *f, struct worker *w)
{
    if (f->batch_count == f->batch_cap) {
        f->batch_cap = f->batch_cap ? f->batch_cap * 2 : 64;
        f->batch = xreallocarray(f->batch, f->batch_cap, sizeof *f->batch);
    }
    f->batch[f->batch_count++] = w->due;
    w->due.count = 0;
}

void front_credit(struct front_loop *f, struct worker *w, double difficulty, uint64_t height)
{
    struct front_share *due = &w->due;

    w->news.accepted++;
    w->news.difficulty = difficulty;
    w->changed = true;
    w->seen_us = now_us();
    bool listed = due->count != 0;
    if (due->count && (due->difficulty != difficulty || due->height != height))
        close_row(f, w);
    if (!due->count) {
        memcpy(due->user, w->news.user, sizeof due->user);
        due->difficulty = difficulty;
        due->height = height;
    }
    due->count++;
    due->at_ms = wall_ms();
    if (!listed) {
        w->due_next = f->due;
        f->due = w;
    }
    if (!uv_is_active((uv_handle_t *)&f->batch_timer) && !f->closing)
        (void)uv_timer_start(&f->batch_timer, on_batch, FRONT_BATCH_US / 1000, 0);
}

void front_send_batch(struct front_loop *f)
{
    (void)uv_timer_stop(&f->batch_timer);
    while (f->due) {
        struct worker *w = f->due;
        f->due = w->due_next;
        close_row(f, w);
    }
    if (!f->batch_count)
        return;
    size_t bytes = f->batch_count * sizeof *f->batch;
    struct front_shares *shares = xmalloc(sizeof *shares + bytes);
    shares->count = f->batch_count;
    memcpy(shares->items, f->batch, bytes);
    f->batch_count = 0;
    struct event ev = {.type = EV_FRONT_SHARES, .at_us = now_us(), .p = shares};
    if (!port_post(f->port, ev, NULL)) /* waits for room: shares are money */
        free(shares);
}

void front_reject(struct front_loop *f, struct worker *w, int err)
{
    enum reject reject = reject_of(err);

    f->rejected[reject]++;
    if (!w)
        return;
    w->seen_us = now_us();
    w->changed = true;
    if (reject == REJECT_STALE)
        w->news.stale++;
    else
        w->news.rejected++;
}

/* --- counters --------------------------------------------------------------------------------- */

void worker_connect(struct worker *w, const char *agent, const struct peer *peer)
{
    w->connections++;
    w->news.connections++;
    w->changed = true;
    w->seen_us = now_us();
    (void)text_copy(w->news.agent, sizeof w->news.agent, agent);
    peer_format(peer, w->news.peer);
}

void worker_disconnect(struct worker *w)
{
    w->connections--;
    w->news.connections--;
    w->changed = true;
    w->seen_us = now_us();
}

static size_t count_changed(const struct front_loop *f)
{
    size_t n = 0;

    for (const struct worker *w = f->workers; w; w = w->hh.next)
        n += w->changed;
    return n;
}

/* Into the report; the difficulty stays, for when the worker comes back. */
static void report_worker(struct worker *w, struct front_stats *stats)
{
    stats->items[stats->count++] = w->news;
    w->news.accepted = w->news.rejected = w->news.stale = 0;
    w->news.connections = 0;
    w->changed = false;
}

void front_send_stats(struct front_loop *f)
{
    struct front_stats *stats = xcalloc(1, sizeof *stats + count_changed(f) * sizeof *stats->items);

    stats->connections = f->session_news;
    f->session_news = 0;
    memcpy(stats->rejected, f->rejected, sizeof f->rejected);
    memset(f->rejected, 0, sizeof f->rejected);
    memcpy(stats->causes, f->causes, sizeof stats->causes);
    memset(f->causes, 0, sizeof f->causes);
    for (struct worker *w = f->workers; w; w = w->hh.next)
        if (w->changed)
            report_worker(w, stats);
    struct event ev = {.type = EV_FRONT_STATS, .at_us = now_us(), .p = stats};
    if (!port_post(f->port, ev, NULL)) /* waits for room: what it says is said once */
        free(stats);
}

void front_workers_expire(struct front_loop *f, int64_t now)
{
    struct worker *w, *next;

    HASH_ITER(hh, f->workers, w, next)
    {
        if (idle(w) && now - w->seen_us >= FRONT_WORKER_US)
            forget(f, w);
    }
}

void front_workers_free(struct front_loop *f)
{
    while (f->workers)
        forget(f, f->workers);
    free(f->batch);
}

/* SPDX-License-Identifier: MIT */
/* A front's workers: counters by name, and the shares that the hub has to credit. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "pool/front_state.h"

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

struct worker *front_worker(struct front *f, const char *user)
{
    struct worker *w;

    HASH_FIND_STR(f->workers, user, w);
    if (w)
        return w;
    if (HASH_COUNT(f->workers) >= FRONT_WORKERS_MAX)
        return NULL;
    w = xcalloc(1, sizeof *w);
    (void)text_copy(w->counters.user, sizeof w->counters.user, user);
    w->seen_us = now_us();
    HASH_ADD_STR(f->workers, counters.user, w);
    return w;
}

/* --- shares ----------------------------------------------------------------------------------- */

static void on_batch(uv_timer_t *timer)
{
    front_send_batch(timer->data);
}

/* The worker's open row goes into the batch as it is. */
static void close_row(struct front *f, struct worker *w)
{
    if (f->batch_count == f->batch_cap) {
        f->batch_cap = f->batch_cap ? f->batch_cap * 2 : 64;
        f->batch = xreallocarray(f->batch, f->batch_cap, sizeof *f->batch);
    }
    f->batch[f->batch_count++] = w->due;
    w->due.count = 0;
}

void front_credit(struct front *f, struct worker *w, double difficulty, uint64_t height)
{
    struct front_share *due = &w->due;

    f->accepted++;
    w->counters.accepted++;
    w->counters.difficulty = difficulty;
    w->seen_us = now_us();
    bool listed = due->count != 0;
    if (due->count && (due->difficulty != difficulty || due->height != height))
        close_row(f, w);
    if (!due->count) {
        memcpy(due->user, w->counters.user, sizeof due->user);
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

void front_send_batch(struct front *f)
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

void front_reject(struct front *f, struct worker *w, int err)
{
    enum reject reject = reject_of(err);

    f->rejected[reject]++;
    if (!w)
        return;
    w->seen_us = now_us();
    if (reject == REJECT_STALE)
        w->counters.stale++;
    else
        w->counters.rejected++;
}

/* --- counters --------------------------------------------------------------------------------- */

void front_send_stats(struct front *f)
{
    size_t count = HASH_COUNT(f->workers), n = 0;
    struct front_stats *stats = xcalloc(1, sizeof *stats + count * sizeof *stats->items);

    stats->connections = f->session_count;
    stats->accepted = f->accepted;
    for (unsigned i = 0; i < REJECTS; i++)
        stats->rejected[i] = f->rejected[i];
    for (struct worker *w = f->workers; w; w = w->hh.next)
        stats->items[n++] = w->counters;
    stats->count = (uint32_t)n;
    struct event ev = {.type = EV_FRONT_STATS, .at_us = now_us(), .p = stats};
    if (!port_post(f->port, ev, NULL))
        free(stats);
}

void front_workers_expire(struct front *f, int64_t now)
{
    struct worker *w, *next;

    HASH_ITER(hh, f->workers, w, next)
    {
        if (w->counters.connections || w->due.count || now - w->seen_us < FRONT_WORKER_US)
            continue;
        HASH_DEL(f->workers, w);
        free(w);
    }
}

void front_workers_free(struct front *f)
{
    struct worker *w, *next;

    HASH_ITER(hh, f->workers, w, next)
    {
        HASH_DEL(f->workers, w);
        free(w);
    }
    free(f->batch);
}

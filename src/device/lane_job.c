/* SPDX-License-Identifier: MIT */
/* The job of a hashing thread. A thread that comes back to a job (the algorithm was changed to and
 * fro, mining was stopped for a moment) goes on where it left: no nonce is tried twice. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "device/lane.h"

static bool same_lane(struct lane a, struct lane b)
{
    return a.index == b.index && a.count == b.count;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t len)
{
    for (const uint8_t *at = bytes, *end = at + len; at < end; at++)
        hash = (hash ^ *at) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

/* Of all that decides what its nonces are hashed with, and nothing else: a pool may say the same
 * job again, after a reconnect, with another target, under another id. */
static uint64_t mark_of(const struct job *job)
{
    const struct block_plan *p = &job->plan;
    const uint64_t numbers[] = {
        job->source,  p->version,         p->bits,        p->ntime,       p->version_mask,
        p->ntime_max, p->extranonce2_len, job->nonce_min, job->nonce_max, job->key.height};
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = (hash ^ numbers[i]) * UINT64_C(0x100000001b3);
    hash = mix(hash, job->algo->name, strlen(job->algo->name));
    hash = mix(hash, p->coinb1, p->coinb1 ? p->coinb1_len : 0);
    hash = mix(hash, p->coinb2, p->coinb2 ? p->coinb2_len : 0);
    hash = mix(hash, p->extranonce1, p->extranonce1_len);
    hash = mix(hash, p->branch, p->branch_count * sizeof *p->branch);
    hash = mix(hash, p->prevhash, sizeof p->prevhash);
    hash = mix(hash, job->key.seed, job->key.seed_len);
    hash = mix(hash, job->input, job->input_len <= sizeof job->input ? job->input_len : 0);
    return hash ? hash : 1;
}

/* Will the present job perhaps come back? A newer tip of the same work source makes it void: many
 * of those must not push out what is left of another source's job. */
static bool may_come_back(const struct job *before, const struct job *next)
{
    return !next || before->source != next->source || before->algo != next->algo ||
           !memcmp(before->plan.prevhash, next->plan.prevhash, sizeof next->plan.prevhash);
}

/* A free place, or the one that was taken longest ago. */
static struct left *place_for_one(struct lane_thread *t)
{
    struct left *oldest = &t->left[0];

    for (unsigned i = 0; i < LANE_JOBS; i++) {
        if (!t->left[i].mark)
            return &t->left[i];
        if (t->left[i].turn < oldest->turn)
            oldest = &t->left[i];
    }
    return oldest;
}

static void remember(struct lane_thread *t, const struct assignment *now, uint64_t mark)
{
    struct left *left = place_for_one(t);

    *left = (struct left){.mark = mark,
                          .lane = now->lane,
                          .work = t->work,
                          .used_up = t->used_up,
                          .turn = ++t->left_turn};
    left->work.job = NULL;
}

/* Goes on where a job was left, now or earlier. */
static bool resume(struct lane_thread *t, uint64_t mark)
{
    for (unsigned i = 0; i < LANE_JOBS; i++) {
        struct left *left = &t->left[i];
        if (left->mark != mark || !same_lane(left->lane, t->now.lane))
            continue;
        t->work = left->work;
        t->work.job = t->now.job;
        t->used_up = left->used_up;
        left->mark = 0;
        return true;
    }
    return false;
}

/* Begins the assignment, or goes on with it. `before` is what the thread did until now. */
static void begin(struct lane_thread *t, const struct assignment *before)
{
    if (before->job && may_come_back(before->job, t->now.job))
        remember(t, before, mark_of(before->job));
    t->used_up = false;
    if (t->now.job && !resume(t, mark_of(t->now.job)))
        work_first(&t->work, t->now.job, t->now.lane);
}

void lane_take_assignment(struct lane_thread *t)
{
    struct assignment *a = slot_take(&t->slot), before = t->now;

    if (!a)
        return;
    t->now = *a; /* its reference moves here */
    begin(t, &before);
    job_unref(before.job);
    free(a);
}

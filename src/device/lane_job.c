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

/* Will the present job perhaps come back? A newer one of the same work source makes it void. */
static bool may_come_back(const struct job *before, const struct job *next)
{
    return !next || before->source != next->source || before->algo != next->algo;
}

static void remember(struct lane_thread *t, const struct assignment *now)
{
    const struct job *job = now->job;

    (void)text_copy(t->left.id, sizeof t->left.id, job->id);
    t->left.source = job->source;
    t->left.born_us = job->born_us;
    t->left.lane = now->lane;
    t->left.work = t->work;
    t->left.work.job = NULL;
    t->left.used_up = t->used_up;
}

static bool was_left(const struct lane_thread *t, const struct assignment *a)
{
    return t->left.lane.count && t->left.source == a->job->source &&
           t->left.born_us == a->job->born_us && same_lane(t->left.lane, a->lane) &&
           !strcmp(t->left.id, a->job->id);
}

/* Begins the assignment, or goes on with it. `before` is what the thread did until now. */
static void begin(struct lane_thread *t, const struct assignment *before)
{
    struct work left = t->left.work;
    bool resumed = t->now.job && was_left(t, &t->now), used_up = t->left.used_up;

    if (before->job && may_come_back(before->job, t->now.job))
        remember(t, before);
    t->used_up = resumed && used_up;
    if (resumed) {
        t->work = left;
        t->work.job = t->now.job;
    } else if (t->now.job) {
        work_first(&t->work, t->now.job, t->now.lane);
    }
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

/* SPDX-License-Identifier: MIT */
/* From template to jobs, one for the front and one for this rig, and the rig's shares back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/log.h"
#include "core/target.h"
#include "pool/internal.h"

/* The rig's own devices report about this often: enough to see that they work. */
static const int64_t LOCAL_INTERVAL_US = 4 * SECOND_US;
/* Far above what one rig reports at its difficulty; past it a tip is used up. */
enum { SEEN_MAX = 1 << 20 };

/* --- duplicates --------------------------------------------------------------------------------
 */

static bool seen_put(struct seen *s, uint64_t a, uint64_t b)
{
    size_t i = (size_t)a & (s->capacity - 1);

    for (; s->at[i].a || s->at[i].b; i = (i + 1) & (s->capacity - 1))
        if (s->at[i].a == a && s->at[i].b == b)
            return false;
    s->at[i].a = a;
    s->at[i].b = b;
    s->count++;
    return true;
}

static void seen_grow(struct seen *s)
{
    struct seen old = *s;

    s->capacity = old.capacity ? old.capacity * 2 : 64;
    s->count = 0;
    s->at = xcalloc(s->capacity, sizeof *s->at);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.at[i].a || old.at[i].b)
            (void)seen_put(s, old.at[i].a, old.at[i].b);
    free(old.at);
}

/* True the first time. The two halves are mixed, so that leading zeros do not matter. */
static bool seen_add(struct seen *s, const uint8_t hash[32])
{
    if (s->count * 2 >= s->capacity)
        seen_grow(s);
    return s->count < SEEN_MAX &&
           seen_put(s, le64(hash) ^ le64(hash + 24), le64(hash + 8) ^ le64(hash + 16));
}

static void seen_clear(struct seen *s)
{
    free(s->at);
    *s = (struct seen){0};
}

/* --- jobs --------------------------------------------------------------------------------------
 */

static void local_free(struct local_job *local)
{
    job_unref(local->job);
    *local = (struct local_job){0};
}

void jobs_free(struct pool *p)
{
    for (unsigned i = 0; i < p->job_count; i++)
        local_free(&p->jobs[i]);
    p->job_count = 0;
    seen_clear(&p->seen);
    job_unref(p->front_job);
    p->front_job = NULL;
    template_unref(p->template);
    p->template = NULL;
}

static struct job *make_job(struct pool *p, struct chain_template *t, bool clean)
{
    const struct coinbase_plan plan = {
        .script = p->script,
        .script_len = p->script_len,
        .text = *p->set.text ? p->set.text : NULL,
        .extranonce1_len = FRONT_EXTRANONCE1,
        .extranonce2_len = FRONT_EXTRANONCE2,
    };
    struct job *job = template_job(t, &plan);

    if (!job)
        return NULL;
    (void)snprintf(job->id, sizeof job->id, "%x", ++p->job_serial);
    (void)snprintf(job->coin, sizeof job->coin, "%s", t->coin->name);
    job->clean = clean;
    job->dataset = dataset_ref(p->dataset);
    return job;
}

static double network_difficulty(const struct pool *p, const struct chain_template *t)
{
    return target_difficulty(&p->algo->diff1, &t->target);
}

static struct vardiff_limits local_limits(const struct pool *p)
{
    double max = network_difficulty(p, p->template), min = p->set.difficulty.local_min;

    return (struct vardiff_limits){
        .min = min,
        .max = max > min ? max : min,
        .interval_us = LOCAL_INTERVAL_US,
    };
}

/* Puts in what makes it the rig's own: its salt, extranonce1 with counter 0, its share target. */
static void aim(const struct pool *p, struct job *job, double difficulty)
{
    struct u256 target = target_from_difficulty(&p->algo->diff1, difficulty);

    memcpy(job->plan.extranonce1, p->salt, FRONT_SALT);
    memset(job->plan.extranonce1 + FRONT_SALT, 0, FRONT_TOLD1);
    job->plan.extranonce1[FRONT_SALT] = (uint8_t)p->set.node_id;
    job->share_target = target;
}

static void publish_local(struct pool *p, bool clean)
{
    struct job *job = make_job(p, p->template, clean);

    if (!job)
        return;
    aim(p, job, p->vardiff.difficulty);
    if (p->job_count == LOCAL_JOBS) {
        local_free(&p->jobs[0]);
        memmove(p->jobs, p->jobs + 1, (LOCAL_JOBS - 1) * sizeof *p->jobs);
        p->job_count--;
    }
    p->jobs[p->job_count++] = (struct local_job){
        .job = job,
        .difficulty = target_difficulty(&p->algo->diff1, &job->share_target),
    };
    p->local->difficulty = target_difficulty(&p->algo->diff1, &job->share_target);
    if (p->callbacks.job)
        p->callbacks.job(p->callbacks.arg, job);
}

static void publish_front(struct pool *p, bool clean)
{
    struct job *job = make_job(p, p->template, clean);

    if (!job)
        return;
    job_unref(p->front_job);
    p->front_job = job;
    if (p->front)
        p->parts->front_publish(p->front, job);
}

static void drop_stale(struct pool *p)
{
    for (unsigned i = 0; i < p->job_count; i++)
        local_free(&p->jobs[i]);
    p->job_count = 0;
}

void jobs_new_template(struct pool *p, struct chain_template *t, bool new_tip)
{
    bool moved =
        !p->template || memcmp(p->template->prevhash, t->prevhash, sizeof t->prevhash) != 0;
    bool clean = new_tip || moved;
    struct chain_template *old = p->template;

    if (t->coinbase_value > INT64_MAX / 2) {
        log_error(POOL, "a block template with an absurd reward is not used");
        return;
    }
    p->template = template_ref(t);
    template_unref(old);
    datasets_follow(p, t);
    struct vardiff_limits limits = local_limits(p);
    if (p->vardiff.difficulty <= 0)
        vardiff_init(&p->vardiff, vardiff_clamp(p->set.difficulty.local_start, &limits), now_us());
    p->vardiff.difficulty = vardiff_clamp(p->vardiff.difficulty, &limits);
    publish_front(p, clean); /* the miners first */
    if (clean)
        drop_stale(p);
    if (moved)
        seen_clear(&p->seen);
    publish_local(p, clean);
    if (clean)
        blocks_ask(p);
    pool_changed(p);
}

void jobs_retarget(struct pool *p)
{
    if (!p->template || !p->job_count)
        return;
    struct vardiff_limits limits = local_limits(p);
    double before = p->vardiff.difficulty;

    if (vardiff_next(&p->vardiff, &limits, now_us()) > 0 && p->vardiff.difficulty != before)
        publish_local(p, false);
}

/* --- shares ------------------------------------------------------------------------------------
 */

/* By id, and by what the id cannot say: a pool that was closed and opened numbers anew. */
static struct local_job *find_job(struct pool *p, const struct job *job)
{
    for (unsigned i = p->job_count; i-- > 0;) {
        const struct job *own = p->jobs[i].job;
        if (!strcmp(own->id, job->id) && own->algo == job->algo &&
            algo_key_same(&own->key, &job->key))
            return &p->jobs[i];
    }
    return NULL;
}

static int refuse(struct pool *p, int err)
{
    enum reject reason = reject_of(err);

    p->rejected[reason]++;
    if (reason == REJECT_STALE)
        p->local->stale++;
    else
        p->local->rejected++;
    return err;
}

/* A share on a job of an earlier tip: no credit, but a block is a block until the chain says no. */
static int take_stale(struct pool *p, const struct share *share)
{
    struct share copy = *share;

    if (share->job->origin && share->is_block) {
        (void)share_recheck(&copy, &copy.job->block_target);
        if (copy.is_block)
            blocks_found(p, &copy, p->local);
    }
    return refuse(p, ERR_STALE);
}

int pool_local_share(struct pool *p, const struct share *share)
{
    struct local_job *local = find_job(p, share->job);
    struct share copy = *share;
    int err;

    if (!local)
        return take_stale(p, share);
    copy.job = local->job; /* ours: with its template, whatever the caller made of it */
    copy.extranonce1_len = copy.job->plan.extranonce1_len;
    memcpy(copy.extranonce1, copy.job->plan.extranonce1, copy.extranonce1_len);
    if (copy.extranonce2_len != copy.job->plan.extranonce2_len)
        return refuse(p, ERR_FIELD);
    if ((err = share_recheck(&copy, &copy.job->share_target)) < 0)
        return refuse(p, err);
    if (!seen_add(&p->seen, copy.hash))
        return refuse(p, ERR_DUPLICATE);

    double difficulty = local->difficulty;
    struct vardiff_limits limits = local_limits(p);
    (void)job_ref(copy.job); /* a block may bring a new tip at once */
    vardiff_share(&p->vardiff, &limits, difficulty, now_us());
    pool_credit(p, p->local, difficulty, 1, wall_ms());
    if (copy.is_block)
        blocks_found(p, &copy, p->local);
    else
        shares_flush(&p->shares);
    job_unref(copy.job);
    return 0;
}

struct job *pool_job(struct pool *p)
{
    return p->job_count ? p->jobs[p->job_count - 1].job : NULL;
}

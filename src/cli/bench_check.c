/* SPDX-License-Identifier: MIT */
/* Share checks of one thread after the other, on a job like those of a pool: a coinbase of usual
 * length and eleven Merkle levels where the form has them. */
#include <stdlib.h>
#include <string.h>

#include "algo/bench.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/rand.h"
#include "cli/bench_room.h"
#include "core/share.h"

enum { COINBASE_HALF = 120, BRANCHES = 11, TURN_US = 2000, NTIME = 1700000000 };

struct checks {
    const struct bench_room *room;
    struct job *job;
};

struct checker {
    struct algo_ctx *ctx;
    struct share share;
};

static uint8_t *random_bytes(size_t len)
{
    uint8_t *bytes = xmalloc(len);

    rand_bytes(bytes, len);
    return bytes;
}

static struct job *make_job(const struct bench_room *room, const struct header_form *form)
{
    struct job *job = job_new(room->algo);
    struct block_plan *plan = &job->plan;

    job->form = form;
    job->key = room->key;
    job->height = room->key.height;
    job->share_target = u256_max();
    job->input_len = form->input_len ? form->input_len : room->algo->input_len;
    job->nonce_at = form->input_len ? form->nonce_at : room->algo->nonce_at;
    plan->coinb1 = random_bytes(plan->coinb1_len = COINBASE_HALF);
    plan->coinb2 = random_bytes(plan->coinb2_len = COINBASE_HALF);
    plan->extranonce1_len = 4;
    plan->extranonce2_len = 8;
    plan->branch_count = BRANCHES;
    rand_bytes(plan->branch, sizeof plan->branch);
    rand_bytes(plan->prevhash, sizeof plan->prevhash);
    plan->version = 0x20000000;
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = plan->ntime_max = NTIME;
    return job;
}

static int begin(void *arg, void **state, struct fault *why)
{
    const struct checks *all = arg;
    const struct algo *algo = all->room->algo;
    struct checker *c = xcalloc(1, sizeof *c);
    int err = algo->ctx_new ? algo->ctx_new(all->room->dataset, &c->ctx, why) : 0;

    if (err < 0) {
        free(c);
        return err;
    }
    c->share = (struct share){.job = all->job,
                              .extranonce1_len = all->job->plan.extranonce1_len,
                              .extranonce2_len = all->job->plan.extranonce2_len,
                              .ntime = NTIME,
                              .version = all->job->plan.version};
    rand_bytes(c->share.extranonce1, c->share.extranonce1_len);
    *state = c;
    return 0;
}

static uint64_t turn(void *arg, void *state)
{
    const struct checks *all = arg;
    struct checker *c = state;
    int64_t began = now_us();
    uint64_t done = 0;

    do {
        c->share.nonce++;
        put_le64(c->share.extranonce2, c->share.nonce);
        if (share_check(&c->share, &all->job->share_target, c->ctx) < 0)
            return 0;
        done++;
    } while (now_us() - began < TURN_US);
    return done;
}

static void end(void *arg, void *state)
{
    const struct checks *all = arg;
    struct checker *c = state;

    if (all->room->algo->ctx_free)
        all->room->algo->ctx_free(c->ctx);
    free(c);
}

int bench_check(const struct bench_room *room, struct figure *f, double seconds, struct fault *why)
{
    const struct header_form *form = form_of_algo(room->algo);
    struct checks all = {.room = room};
    struct bench_crew crew = {.threads = f->threads,
                              .seconds = seconds,
                              .arg = &all,
                              .begin = begin,
                              .turn = turn,
                              .end = end};

    if (!form)
        return fault_set(why, ERR_FIELD, "no header of %s to check shares with", f->algo);
    all.job = make_job(room, form);
    int err = bench_crew_run(&crew, why);
    job_unref(all.job);
    if (err < 0)
        return err;
    if (!crew.count)
        return fault_set(why, ERR_CHECK, "the share check of %s refuses its own job", f->algo);
    f->value = crew.rate;
    f->count = (double)crew.count;
    f->seconds = crew.seconds;
    f->cpu_seconds = crew.cpu_seconds;
    return 0;
}

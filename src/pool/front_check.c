/* SPDX-License-Identifier: MIT */
/* Is a submitted share true, new, in time and good enough? Cheapest questions first; the block
 * question before all that could refuse it. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "core/target.h"
#include "pool/front_state.h"

enum { NTIME_AHEAD_S = 7000 }; /* nodes refuse blocks 7200 s ahead of their clock */

struct worker *session_worker(const struct session *s, const char *user)
{
    for (unsigned i = 0; user && i < s->worker_count; i++)
        if (!strcmp(s->workers[i]->counters.user, user))
            return s->workers[i];
    return NULL;
}

/* What the connection was told to mine this job at; NULL when it was never sent to it. */
static const struct step *step_of(const struct session *s, uint32_t serial, uint32_t variant)
{
    if (!s->step_count || serial < s->first_serial)
        return NULL;
    for (unsigned i = s->step_count; i-- > 1;)
        if (s->steps[i].serial < serial ||
            (s->steps[i].serial == serial && s->steps[i].variant <= variant))
            return &s->steps[i];
    return &s->steps[0];
}

/* What a share of a job is worth: the easiest that this connection was ever told for it. The
 * variants of a job differ in ntime alone, which a miner may roll: it must not gain by choosing,
 * once it has seen a hash, the variant to submit it under. */
static double credit_of(const struct session *s, const struct step *step, uint32_t serial)
{
    double least = step->difficulty;

    for (unsigned i = 0; i < s->step_count; i++) {
        bool at_start = i + 1 == s->step_count || s->steps[i + 1].serial > serial ||
                        (s->steps[i + 1].serial == serial && s->steps[i + 1].variant > 0);
        if (s->steps[i].serial == serial || (s->steps[i].serial < serial && at_start))
            least = fmin(least, s->steps[i].difficulty);
    }
    return least;
}

static int fill_version(const struct miner *m, const struct block_plan *plan, uint32_t bits,
                        uint32_t *version)
{
    uint32_t mask = m->rolling ? m->version_mask & plan->version_mask : 0;

    return version_merge(plan->version, mask, bits, version) ? 0 : ERR_VERSION;
}

static void make_key(const struct share *share, uint8_t key[SHARE_KEY_BYTES])
{
    memcpy(key, share->extranonce1, 4);
    memcpy(key + 4, share->extranonce2, 8);
    put_le32(key + 12, share->ntime);
    put_le32(key + 16, (uint32_t)share->nonce);
    put_le32(key + 20, share->version);
}

/* The batch with the shares so far goes first, so that the finder's share is in it. */
static void report_block(struct front *f, const struct worker *w, const struct share *share)
{
    struct front_block *block = xcalloc(1, sizeof *block);

    block->share = share_copy(share);
    memcpy(block->user, w->counters.user, sizeof block->user);
    front_send_batch(f);
    struct event ev = {.type = EV_FRONT_BLOCK, .at_us = now_us(), .p = block};
    (void)port_post(f->port, ev, NULL); /* kept: it waits for room */
}

/* Hashes the share. Here rather than on a thread of its own: right for algorithms that take
 * microseconds. */
static int verify(struct front *f, struct share *share, const struct u256 *target,
                  struct fault *why)
{
    int err = hasher_ready(&f->hasher, &share->job->key, why);

    if (err == -EAGAIN)
        return fault_set(why, ERR_REJECTED, "the pool prepares its dataset: try again in a moment");
    return err < 0 ? err : share_check(share, target, f->hasher.ctx);
}

static int judge(struct session *s, struct worker *w, struct front_job *fj, const struct step *step,
                 struct share *share, struct fault *why)
{
    struct front *f = s->front;
    double worth = credit_of(s, step, fj->serial);
    uint8_t key[SHARE_KEY_BYTES];

    if (share->ntime > wall_s() + NTIME_AHEAD_S)
        return ERR_TIME_RANGE;
    make_key(share, key);
    if (share_set_has(&fj->seen, key))
        return ERR_DUPLICATE;
    int err = verify(f, share, &step->target, why);
    if (err && err != ERR_LOW_DIFF)
        return err;
    bool good = !fj->stale && (!err || share->is_block);
    if ((good || share->is_block) && !share_set_add(&fj->seen, key)) {
        if (share->is_block) /* no credit, as it may come twice; the hub knows a block again */
            report_block(f, w, share);
        return fault_set(why, ERR_REJECTED, "too many shares for one job: wait for the next");
    }
    if (good)
        front_credit(f, w, err ? fmin(worth, fj->network_difficulty) : worth, fj->job->height);
    if (share->is_block)
        report_block(f, w, share);
    if (fj->stale)
        return ERR_STALE;
    if (!good)
        return fault_set(why, ERR_LOW_DIFF, "low difficulty share of %.4g, %.6g is wanted",
                         share->difficulty, step->difficulty);
    return 0;
}

static int submit(struct session *s, struct worker *w, const struct submission *sub,
                  struct fault *why)
{
    struct front *f = s->front;
    uint32_t variant;

    if (!w)
        return ERR_UNAUTHORIZED;
    struct front_job *fj = front_job_find(f, sub->job, &variant);
    const struct step *step = fj ? step_of(s, fj->serial, variant) : NULL;
    if (!step)
        return ERR_NO_JOB;
    struct share share = {.job = fj->job,
                          .extranonce1_len = FRONT_EXTRANONCE1,
                          .extranonce2_len = FRONT_EXTRANONCE2,
                          .ntime = sub->ntime,
                          .nonce = sub->nonce,
                          .found_us = now_us()};
    memcpy(share.extranonce1, s->miner.extranonce1, FRONT_EXTRANONCE1);
    memcpy(share.extranonce2, sub->extranonce2, FRONT_EXTRANONCE2);
    int err = fill_version(&s->miner, &fj->job->plan, sub->version_bits, &share.version);
    if (!err)
        err = judge(s, w, fj, step, &share, why);
    if (!err) {
        struct vardiff_limits limits;
        session_limits(s, &limits);
        vardiff_share(&s->vardiff, &limits, step->difficulty, share.found_us);
    }
    return err;
}

int front_submit(struct miner *m, const struct submission *sub, struct fault *why)
{
    struct session *s = (struct session *)m;
    struct worker *w = session_worker(s, sub->user);
    int err = submit(s, w, sub, why);

    if (err)
        front_reject(s->front, w, err);
    return err;
}

void front_refused(struct miner *m, const char *user, int err)
{
    struct session *s = (struct session *)m;

    front_reject(s->front, session_worker(s, user), err);
}

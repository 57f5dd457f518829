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
#include "crypto/sha256.h"
#include "front/loop.h"

enum { NTIME_AHEAD_S = 7000 }; /* nodes refuse blocks 7200 s ahead of their clock */

/* Was the job sent under this variant's number? */
static bool was_sent(const struct session *s, uint32_t serial, uint32_t variant)
{
    for (unsigned i = 0; i < s->course.sent_count; i++)
        if (s->course.sent[i].serial == serial)
            return variant <= s->course.sent[i].variant;
    return !variant;
}

/* What the connection was told to mine this job at; NULL when it was never sent to it, or so long
 * ago that this is forgotten. */
static const struct step *step_of(const struct session *s, uint32_t serial, uint32_t variant)
{
    if (!s->course.step_count || serial < s->course.first_serial || !was_sent(s, serial, variant))
        return NULL;
    for (unsigned i = s->course.step_count; i-- > 0;)
        if (s->course.steps[i].serial < serial ||
            (s->course.steps[i].serial == serial && s->course.steps[i].variant <= variant))
            return &s->course.steps[i];
    return NULL;
}

static int fill_version(const struct miner *m, const struct block_plan *plan, uint32_t bits,
                        uint32_t *version)
{
    uint32_t mask = m->rolling ? m->version_mask & plan->version_mask : 0;

    return version_merge(plan->version, mask, bits, version) ? 0 : ERR_VERSION;
}

/* What the share claims to have hashed, and its name in the set of its tip. */
static int make_key(const struct share *share, struct share_work *work,
                    uint8_t key[SHARE_KEY_BYTES])
{
    uint8_t digest[32];
    int err = share_rebuild(share, work);

    if (err)
        return err;
    sha256(work->input, work->len, digest);
    memcpy(key, digest, SHARE_KEY_BYTES);
    return 0;
}

/* The batch with the shares so far goes first, so that the finder's share is in it. */
void front_report_block(struct front_loop *f, const struct worker *w, const struct share *share)
{
    struct front_block *block = xcalloc(1, sizeof *block);

    block->share = share_copy(share);
    memcpy(block->user, w->news.user, sizeof block->user);
    front_send_batch(f);
    struct event ev = {.type = EV_FRONT_BLOCK, .at_us = now_us(), .p = block};
    (void)port_post(f->port, ev, NULL); /* kept: it waits for room */
}

/* --- from the submission to the share ----------------------------------------------------------
 */

/* The nonce must begin with the bytes that are the connection's. */
static bool in_range(const struct session *s, uint64_t nonce)
{
    uint8_t bytes[8];

    put_be64(bytes, nonce);
    return s->miner.dialect->own_input ||
           !memcmp(bytes, s->miner.extranonce1, s->miner.extranonce1_len);
}

static int fill_share(const struct session *s, const struct front_job *fj, uint32_t variant,
                      const struct submission *sub, struct share *share, struct fault *why)
{
    const struct dialect *d = s->miner.dialect;

    *share = (struct share){.job = fj->job,
                            .extranonce1_len = FRONT_EXTRANONCE1,
                            .extranonce2_len = FRONT_EXTRANONCE2,
                            .ntime = sub->ntime,
                            .nonce = sub->nonce,
                            .found_us = now_us()};
    session_extranonce1(s, fj, variant, share->extranonce1);
    if (!d->makes_input) {
        memcpy(share->extranonce2, sub->extranonce2, FRONT_EXTRANONCE2);
        return fill_version(&s->miner, &fj->job->plan, sub->version_bits, &share->version);
    }
    share->ntime = fj->job->plan.ntime;
    share->version = fj->job->plan.version;
    memset(share->extranonce2, 0, FRONT_EXTRANONCE2);
    if (!in_range(s, sub->nonce))
        return fault_set(why, ERR_FIELD, "the nonce does not begin with this connection's bytes");
    return 0;
}

/* The value of the hash that the claim alone gives, before anything is hashed: a claimed result, or
 * what a claimed mix leads to. False: it gives none; an impossible mix is the worst value. */
static bool claimed_value(const struct share *share, const uint8_t input[ALGO_INPUT_MAX],
                          const struct submission *sub, struct u256 *value)
{
    const struct algo *algo = share->job->algo;
    uint8_t hash[32];
    const struct algo_input in = {.bytes = input,
                                  .len = job_input_len(share->job),
                                  .nonce_at = job_nonce_at(share->job),
                                  .key = &share->job->key};

    if (sub->has_hash) {
        *value = algo_hash_value(algo, sub->hash);
        return true;
    }
    if (!sub->has_mix || !algo->quick)
        return false;
    *value = algo->quick(&in, sub->mix, hash) < 0 ? u256_max() : algo_hash_value(algo, hash);
    return true;
}

/* --- the verdict -------------------------------------------------------------------------------
 */

/* Hashes the share here: right for algorithms that take microseconds. */
static int verify(struct front_loop *f, struct share *share, const struct share_work *work,
                  const struct u256 *target, struct fault *why)
{
    int err = hasher_ready(&f->hasher, &share->job->key, why);

    if (err == -EAGAIN)
        return fault_set(why, ERR_REJECTED, "the pool prepares its dataset: try again in a moment");
    return err < 0 ? err : share_check_work(share, work, target, f->hasher.ctx);
}

/* Into the set of its tip; 0 when it is new there. A block that there is no room for is reported
 * without credit, as it may come twice; the hub knows a block again. */
static int remember(struct front_loop *f, const struct judged *j, const struct share *share,
                    struct fault *why)
{
    enum seen_result seen = seen_add(&j->fj->post->tip->seen, j->key);

    if (seen == SEEN_BEFORE)
        return ERR_DUPLICATE;
    if (seen == SEEN_NEW)
        return 0;
    if (share->is_block)
        front_report_block(f, j->worker, share);
    return fault_set(why, ERR_REJECTED, "too many shares for one tip: wait for the next");
}

/* Who never sent a good one may have another algorithm than the port. */
static int too_easy(const struct session *s, const struct share *share, double wanted,
                    struct fault *why)
{
    const char *algo = s->loop->options->algo->name;

    return fault_set(why, ERR_LOW_DIFF, "low difficulty share of %.4g, %.6g is wanted%s%s",
                     share->difficulty, wanted, s->accepted ? "" : "; the algorithm here is ",
                     s->accepted ? "" : algo);
}

/* A hashed share is credited or refused; `err` is share_check's. */
int front_settle(struct session *s, const struct judged *j, struct share *share, int err,
                 struct fault *why)
{
    struct front_loop *f = s->loop;
    struct front_job *fj = j->fj;
    struct vardiff_limits limits;

    if (err && err != ERR_LOW_DIFF)
        return err;
    bool good = !j->stale && (!err || share->is_block);
    int again = good || share->is_block ? remember(f, j, share, why) : 0;
    if (again)
        return again;
    if (good)
        front_credit(f, j->worker, err ? fmin(j->wanted, fj->post->network_difficulty) : j->wanted,
                     fj->job->height);
    if (share->is_block)
        front_report_block(f, j->worker, share);
    if (j->stale)
        return ERR_STALE;
    if (!good)
        return too_easy(s, share, j->wanted, why);
    s->accepted = true;
    session_limits(s, &limits);
    vardiff_share(&s->course.vardiff, &limits, j->wanted, share->found_us);
    return 0;
}

static int judge(struct session *s, struct judged *j, const struct submission *sub,
                 struct share *share, struct fault *why)
{
    struct front_loop *f = s->loop;
    const struct u256 *block = &j->fj->job->block_target, *least = &j->step->target;
    struct share_work work;
    struct u256 value;

    if (share->ntime > wall_s() + NTIME_AHEAD_S)
        return ERR_TIME_RANGE;
    int err = make_key(share, &work, j->key);
    if (err)
        return err;
    if (sub->has_header && memcmp(sub->header, work.input, sizeof sub->header) != 0)
        return fault_set(why, ERR_NO_JOB, "the header hash is not that of the job");
    if (seen_has(&j->fj->post->tip->seen, j->key))
        return ERR_DUPLICATE;
    if (j->stale || u256_cmp(least, block) < 0)
        least = block;
    j->claims = claimed_value(share, work.input, sub, &value);
    if (j->claims && u256_cmp(&value, least) > 0)
        return j->stale ? ERR_STALE : ERR_LOW_DIFF;
    j->urgent = j->claims && u256_cmp(&value, block) <= 0;
    if (f->verifier && front_believes(s, j))
        return front_settle(s, j, share, 0, why);
    if (f->verifier)
        return front_verify_later(s, j, sub, share, why);
    return front_settle(s, j, share, verify(f, share, &work, &j->step->target, why), why);
}

static int submit(struct session *s, struct worker *w, const struct submission *sub,
                  struct fault *why)
{
    struct front_loop *f = s->loop;
    struct share share;
    uint32_t variant = 0;

    if (!w &&
        s->worker_count >= SESSION_WORKERS_MAX) /* the pool's limit is not the miner's fault */
        return fault_set(why, ERR_REJECTED, "not logged in: the connection has %d workers already",
                         SESSION_WORKERS_MAX);
    if (!w)
        return ERR_UNAUTHORIZED;
    struct front_job *fj = sub->job          ? front_job_find(f, sub->job, &variant)
                           : sub->has_header ? session_job_of_header(s, sub->header, &variant)
                                             : NULL;
    const struct step *step = fj ? step_of(s, fj->serial, variant) : NULL;
    if (!step)
        return ERR_NO_JOB;
    int err = fill_share(s, fj, variant, sub, &share, why);
    if (err)
        return err;
    struct judged j = {
        .worker = w, .fj = fj, .step = step, .wanted = step->difficulty, .stale = fj->stale};
    return judge(s, &j, sub, &share, why);
}

int front_submit(struct miner *m, const struct submission *sub, struct fault *why)
{
    struct session *s = (struct session *)m;
    struct worker *w = session_worker(s, sub->user);
    int err = submit(s, w, sub, why);

    if (err < 0)
        front_reject(s->loop, w, err);
    if (err <= 0)
        (void)gate_share(s, err);
    return err;
}

void front_refused(struct miner *m, const char *user, int err)
{
    struct session *s = (struct session *)m;

    front_reject(s->loop, session_worker(s, user), err);
    (void)gate_share(s, err);
}

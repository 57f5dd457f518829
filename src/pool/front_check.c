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

/* Where the miner tries nonces only, extranonce2 is the variant's number and the nonce may be long.
 */
static void make_key(const struct session *s, const struct share *share,
                     uint8_t key[SHARE_KEY_BYTES])
{
    memcpy(key, share->extranonce1, 4);
    memcpy(key + 4, share->extranonce2, 8);
    put_le32(key + 12, share->ntime);
    put_le32(key + 16, (uint32_t)share->nonce);
    put_le32(key + 20,
             s->miner.dialect->makes_input ? (uint32_t)(share->nonce >> 32) : share->version);
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

/* --- from the submission to the share ----------------------------------------------------------
 */

/* The nonce must begin with the bytes that are the connection's. */
static bool in_range(const struct session *s, uint64_t nonce)
{
    uint8_t bytes[8];

    put_be64(bytes, nonce);
    return s->miner.dialect->own_input || s->miner.dialect->free_nonces ||
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
    session_extranonce1(s, share->extranonce1);
    if (!d->makes_input) {
        memcpy(share->extranonce2, sub->extranonce2, FRONT_EXTRANONCE2);
        return fill_version(&s->miner, &fj->job->plan, sub->version_bits, &share->version);
    }
    share->ntime = fj->job->plan.ntime;
    share->version = fj->job->plan.version;
    put_le64(share->extranonce2, d->own_input ? variant : 0);
    if (sub->has_header && memcmp(sub->header, fj->input, sizeof sub->header) != 0)
        return fault_set(why, ERR_NO_JOB, "the header hash is not that of the job");
    if (!in_range(s, sub->nonce))
        return fault_set(why, ERR_FIELD, "the nonce does not begin with this connection's bytes");
    return 0;
}

/* What the claim alone says, before anything is hashed: a claimed result, or the hash that a
 * claimed mix gives. True also where nothing is claimed. */
static bool claims_enough(const struct share *share, const struct front_job *fj,
                          const struct submission *sub, const struct u256 *target)
{
    const struct algo *algo = share->job->algo;
    uint8_t input[ALGO_INPUT_MAX], hash[32];
    const struct algo_input in = {.bytes = input,
                                  .len = job_input_len(share->job),
                                  .nonce_at = job_nonce_at(share->job),
                                  .key = &share->job->key};

    if (sub->has_hash) {
        struct u256 value = algo_hash_value(algo, sub->hash);
        return u256_cmp(&value, target) <= 0;
    }
    if (!sub->has_mix || !algo->quick)
        return true;
    memcpy(input, fj->input, sizeof input);
    algo_put_nonce(algo, input, in.nonce_at, share->nonce);
    if (algo->quick(&in, sub->mix, hash) < 0)
        return false;
    struct u256 value = algo_hash_value(algo, hash);
    return u256_cmp(&value, target) <= 0;
}

/* --- the verdict -------------------------------------------------------------------------------
 */

/* Hashes the share here: right for algorithms that take microseconds. */
static int verify(struct front *f, struct share *share, const struct u256 *target,
                  struct fault *why)
{
    int err = hasher_ready(&f->hasher, &share->job->key, why);

    if (err == -EAGAIN)
        return fault_set(why, ERR_REJECTED, "the pool prepares its dataset: try again in a moment");
    return err < 0 ? err : share_check(share, target, f->hasher.ctx);
}

/* A hashed share is credited or refused; `err` is share_check's. */
static int settle(struct session *s, struct worker *w, struct front_job *fj, double worth,
                  double wanted, struct share *share, int err, struct fault *why)
{
    struct front *f = s->front;
    uint8_t key[SHARE_KEY_BYTES];

    if (err && err != ERR_LOW_DIFF)
        return err;
    bool good = !fj->stale && (!err || share->is_block);
    make_key(s, share, key);
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
                         share->difficulty, wanted);
    struct vardiff_limits limits;
    session_limits(s, &limits);
    vardiff_share(&s->vardiff, &limits, wanted, share->found_us);
    return 0;
}

/* Puts the share off to the threads that hash. */
static int verify_later(struct session *s, struct worker *w, struct front_job *fj,
                        const struct step *step, const struct submission *sub, double worth,
                        const struct share *share, struct fault *why)
{
    struct verify_task *t = xcalloc(1, sizeof *t);

    t->share = share_copy(share);
    t->target = step->target;
    t->session = s;
    t->worker = w;
    t->job = fj;
    t->worth = worth;
    t->difficulty = step->difficulty;
    t->has_mix = sub->has_mix;
    t->has_hash = sub->has_hash;
    memcpy(t->mix, sub->mix, sizeof t->mix);
    memcpy(t->hash, sub->hash, sizeof t->hash);
    t->id_len = sub->id_len < VERIFY_ID_MAX ? sub->id_len : 0;
    memcpy(t->id, sub->id, t->id_len);
    if (s->pending >= SESSION_PENDING_MAX || !verifier_add(s->front->verifier, t)) {
        verify_task_free(t);
        return fault_set(why, ERR_REJECTED, "too many shares at once: the pool is busy");
    }
    s->pending++;
    fj->pending++;
    return SUBMIT_LATER;
}

static int judge(struct session *s, struct worker *w, struct front_job *fj, const struct step *step,
                 const struct submission *sub, struct share *share, struct fault *why)
{
    struct front *f = s->front;
    double worth = s->miner.dialect->own_input ? step->difficulty : credit_of(s, step, fj->serial);
    uint8_t key[SHARE_KEY_BYTES];

    if (share->ntime > wall_s() + NTIME_AHEAD_S)
        return ERR_TIME_RANGE;
    make_key(s, share, key);
    if (share_set_has(&fj->seen, key))
        return ERR_DUPLICATE;
    const struct u256 *least = &step->target;
    if (u256_cmp(least, &fj->job->block_target) < 0)
        least = &fj->job->block_target;
    if (!claims_enough(share, fj, sub, fj->stale ? &fj->job->block_target : least))
        return fj->stale ? ERR_STALE : ERR_LOW_DIFF;
    if (f->verifier)
        return verify_later(s, w, fj, step, sub, worth, share, why);
    int err = verify(f, share, &step->target, why);
    return settle(s, w, fj, worth, step->difficulty, share, err, why);
}

static int submit(struct session *s, struct worker *w, const struct submission *sub,
                  struct fault *why)
{
    struct front *f = s->front;
    struct share share;
    uint32_t variant = 0;

    if (!w)
        return ERR_UNAUTHORIZED;
    struct front_job *fj = sub->job          ? front_job_find(f, sub->job, &variant)
                           : sub->has_header ? front_job_of_header(f, sub->header)
                                             : NULL;
    const struct step *step = fj ? step_of(s, fj->serial, variant) : NULL;
    if (!step || variant > s->variant_last)
        return ERR_NO_JOB;
    int err = fill_share(s, fj, variant, sub, &share, why);
    return err ? err : judge(s, w, fj, step, sub, &share, why);
}

int front_submit(struct miner *m, const struct submission *sub, struct fault *why)
{
    struct session *s = (struct session *)m;
    struct worker *w = session_worker(s, sub->user);
    int err = submit(s, w, sub, why);

    if (err < 0)
        front_reject(s->front, w, err);
    return err;
}

/* What the miner claimed must be what came out. */
static int check_claims(const struct verify_task *t, int err, struct fault *why)
{
    if (err && err != ERR_LOW_DIFF)
        return err;
    if (t->has_mix && memcmp(t->mix, t->share->mix, sizeof t->mix) != 0)
        return fault_set(why, ERR_REJECTED, "the mix hash is wrong");
    if (t->has_hash && memcmp(t->hash, t->share->hash, sizeof t->hash) != 0)
        return fault_set(why, ERR_REJECTED, "the result is wrong");
    return err;
}

/* Two submits of one share may have been verified at once. */
static int verdict_of(struct session *s, struct verify_task *t, struct fault *why)
{
    struct front_job *fj = t->job;
    uint8_t key[SHARE_KEY_BYTES];

    if (t->err == -EAGAIN)
        return fault_set(why, ERR_REJECTED, "the pool prepares its dataset: try again in a moment");
    if (t->err < 0 && t->err != ERR_LOW_DIFF)
        return fault_set(why, t->err, "%s", *t->trouble ? t->trouble : err_str(t->err));
    int err = check_claims(t, t->err, why);
    if (err && err != ERR_LOW_DIFF)
        return err;
    make_key(s, t->share, key);
    if (share_set_has(&fj->seen, key))
        return ERR_DUPLICATE;
    return settle(s, t->worker, fj, t->worth, t->difficulty, t->share, err, why);
}

void front_verified(void *front, struct verify_task *t)
{
    struct front *f = front;
    struct session *s = t->session;
    struct front_job *fj = t->job;
    struct fault why;

    why.text[0] = 0;
    s->pending--;
    fj->pending--;
    int err = verdict_of(s, t, &why);
    if (err < 0)
        front_reject(f, t->worker, err);
    if (s->gone) {
        if (!s->pending)
            session_free(s);
    } else {
        str_clear(&f->out);
        miner_verdict(&s->miner, t->id_len ? t->id : "null", t->id_len ? t->id_len : 4, err, &why);
        session_send(s);
    }
    verify_task_free(t);
}

void front_refused(struct miner *m, const char *user, int err)
{
    struct session *s = (struct session *)m;

    front_reject(s->front, session_worker(s, user), err);
}

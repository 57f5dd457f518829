/* SPDX-License-Identifier: MIT */
/* Shares of slow algorithms on their way to the threads that hash, and back: whose go first, whose
 * claims were false, what waits for a dataset. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/rand.h"
#include "front/loop.h"

static struct verify_task *task_of(struct session *s, const struct judged *j,
                                   const struct submission *sub, const struct share *share)
{
    struct verify_task *t = xcalloc(1, sizeof *t);

    t->share = share_copy(share);
    t->target = j->step->target;
    t->lane = &s->lane;
    t->session = s;
    t->worker = j->worker;
    t->job = j->fj;
    t->difficulty = j->wanted;
    t->stale = j->stale;
    memcpy(t->key, j->key, sizeof t->key);
    t->has_mix = sub->has_mix;
    t->has_hash = sub->has_hash;
    memcpy(t->mix, sub->mix, sizeof t->mix);
    memcpy(t->hash, sub->hash, sizeof t->hash);
    t->id_len = sub->id_len < VERIFY_ID_MAX ? sub->id_len : 0;
    memcpy(t->id, sub->id, t->id_len);
    return t;
}

bool front_believes(const struct session *s, const struct judged *j)
{
    const struct front_options *o = s->loop->options;

    return j->claims && !j->urgent && s->proven >= o->proven_after &&
           rand_u32() % 100 >= o->check_percent;
}

/* Puts the share off to the threads that hash. What claims to be a block goes before all others,
 * but for connections that made false claims, and not without end. */
int front_verify_later(struct session *s, const struct judged *j, const struct submission *sub,
                       const struct share *share, struct fault *why)
{
    struct verify_task *t = task_of(s, j, sub, share);

    t->urgent = j->urgent && !s->false_claims && s->urgent < SESSION_URGENT_MAX;
    if ((!t->urgent && s->pending - s->urgent >= SESSION_PENDING_MAX) ||
        !verifier_add(s->loop->verifier, t)) {
        verify_task_free(t);
        return fault_set(why, ERR_REJECTED, "too many shares at once: the pool is busy");
    }
    s->pending++;
    s->urgent += t->urgent;
    j->fj->pending++;
    j->worker->pending++;
    return SUBMIT_LATER;
}

/* What the miner claimed must be what came out. */
static int check_claims(struct session *s, const struct verify_task *t, struct fault *why)
{
    const struct share *share = t->share;
    bool mix = t->has_mix && memcmp(t->mix, share->mix, sizeof t->mix) != 0;
    bool result = t->has_hash && memcmp(t->hash, share->hash, sizeof t->hash) != 0;

    if (!mix && !result) {
        s->false_claims -= s->false_claims > 0;
        s->proven += t->has_mix || t->has_hash;
        return 0;
    }
    s->proven = 0;
    s->false_claims += s->false_claims < SESSION_FALSE_MAX;
    return fault_set(why, ERR_REJECTED, mix ? "the mix hash is wrong" : "the result is wrong");
}

/* Two submits of one share may have been verified at once. A block is a block, whatever was claimed
 * of it. */
static int verdict_of(struct session *s, struct verify_task *t, struct fault *why)
{
    struct judged j = {
        .worker = t->worker, .fj = t->job, .wanted = t->difficulty, .stale = t->stale};

    if (t->err == -EAGAIN)
        return fault_set(why, ERR_REJECTED, "the pool prepares its dataset: try again in a moment");
    if (t->err < 0 && t->err != ERR_LOW_DIFF)
        return fault_set(why, t->err, "%s", *t->trouble ? t->trouble : err_str(t->err));
    memcpy(j.key, t->key, sizeof j.key);
    if (seen_has(&j.fj->post->tip->seen, j.key))
        return ERR_DUPLICATE;
    int err = check_claims(s, t, why);
    if (err && t->share->is_block)
        front_report_block(s->loop, j.worker, t->share);
    return err ? err : front_settle(s, &j, t->share, t->err, why);
}

/* A share waits for its dataset for a while: the miner has done its work. Blocks' claims find room
 * whoever else waits. */
static bool hold(struct front_loop *f, struct verify_task *t)
{
    if (t->err != -EAGAIN || f->closing || now_us() - t->share->found_us > FRONT_HELD_US ||
        (!t->urgent && f->held_count >= FRONT_HELD_MAX))
        return false;
    t->next = NULL;
    *f->held_end = t;
    f->held_end = &t->next;
    f->held_count++;
    return true;
}

static struct verify_task *take_held(struct front_loop *f)
{
    struct verify_task *held = f->held;

    f->held = NULL;
    f->held_end = &f->held;
    f->held_count = 0;
    return held;
}

void front_verify_held(struct front_loop *f)
{
    struct verify_task *t = take_held(f), *next;

    for (; t; t = next) {
        next = t->next;
        if (!verifier_add(f->verifier, t))
            front_verified(f, t);
    }
}

static void answer(struct session *s, struct verify_task *t, int err, const struct fault *why)
{
    struct front_loop *f = s->loop;

    if (s->false_claims >= SESSION_FALSE_MAX)
        s->cause = CAUSE_FALSE;
    if (s->cause) {
        session_close_noted(s, s->cause);
        return;
    }
    str_clear(&f->out);
    miner_verdict(&s->miner, t->id_len ? t->id : "null", t->id_len ? t->id_len : 4, err, why);
    session_send(s);
}

void front_verified(void *front, struct verify_task *t)
{
    struct front_loop *f = front;
    struct session *s = t->session;
    struct front_job *fj = t->job;
    struct fault why;

    if (hold(f, t))
        return;
    why.text[0] = 0;
    s->pending--;
    s->urgent -= t->urgent;
    fj->pending--;
    ((struct worker *)t->worker)->pending--;
    int err = verdict_of(s, t, &why);
    if (err < 0)
        front_reject(f, t->worker, err);
    if (!s->gone) {
        (void)gate_share(s, err);
        answer(s, t, err, &why);
    } else if (!s->pending) {
        session_free(s);
    }
    verify_task_free(t);
}

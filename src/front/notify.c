/* SPDX-License-Identifier: MIT */
/* Telling a connection its jobs: the first, each new one, and the newest once more at another
 * difficulty. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/endian.h"
#include "front/loop.h"

bool session_shares_input(const struct session *s)
{
    return s->miner.dialect->makes_input && !s->miner.dialect->own_input;
}

static void salt(const struct session *s, const struct front_job *fj, uint32_t variant,
                 uint8_t out[FRONT_SALT])
{
    if (variant)
        salt_of(&s->loop->front->salts, s->course.extranonce, fj->serial, variant, out);
    else
        memcpy(out, fj->post->salt, FRONT_SALT);
}

void session_extranonce1(const struct session *s, const struct front_job *fj, uint32_t variant,
                         uint8_t out[FRONT_EXTRANONCE1])
{
    const struct front *front = s->loop->front;

    salt(s, fj, variant, out);
    put_be32(out + FRONT_SALT,
             s->loop->options->node_id << 24 |
                 (session_shares_input(s) ? front->shared_extranonce : s->course.extranonce));
}

void session_input(const struct session *s, const struct front_job *fj, uint32_t variant,
                   uint8_t out[ALGO_INPUT_MAX])
{
    const struct job *job = fj->job;
    const struct block_plan *plan = &job->plan;
    uint8_t extranonce1[FRONT_EXTRANONCE1], extranonce2[FRONT_EXTRANONCE2] = {0}, root[32];

    if (session_shares_input(s) || job->form->given) {
        memcpy(out, fj->post->input, ALGO_INPUT_MAX);
        return;
    }
    session_extranonce1(s, fj, variant, extranonce1);
    job->form->root(plan, extranonce1, sizeof extranonce1, extranonce2, sizeof extranonce2, root);
    job->form->input(job, root, plan->version, plan->ntime, out);
}

static struct notice notice_of(struct session *s, struct front_job *fj, bool clean,
                               struct wording *w)
{
    (void)snprintf(w->id, sizeof w->id, s->course.variant ? "%xv%x" : "%x", fj->serial,
                   s->course.variant);
    salt(s, fj, s->course.variant, w->salt);
    if (s->miner.dialect->own_input)
        session_input(s, fj, s->course.variant, w->input);
    return (struct notice){
        .job = fj->job,
        .body = &session_told(s, fj)->body,
        .id = w->id,
        .salt = w->salt,
        .salt_len = sizeof w->salt,
        .ntime = fj->job->plan.ntime,
        .clean = clean,
        .difficulty = s->course.sent_difficulty,
        .target = session_target(s, s->course.sent_difficulty),
        .input = s->miner.dialect->own_input ? w->input : fj->post->input,
        .input_len = job_input_len(fj->job),
    };
}

static void send_now(struct session *s, const struct str *first, const struct str *second)
{
    uv_buf_t bufs[2] = {uv_buf_init(first->s, (unsigned)first->len),
                        uv_buf_init(second ? second->s : NULL, second ? (unsigned)second->len : 0)};
    int err = stream_send(s->stream, first->len ? bufs : bufs + 1, first->len ? 2u : 1u);

    if (err == UV_ENOBUFS)
        session_close_noted(s, CAUSE_SLOW);
    else if (err < 0)
        session_close(s);
}

void session_send(struct session *s)
{
    if (s->loop->out.len)
        send_now(s, &s->loop->out, NULL);
}

static void note_sent(struct session *s, const struct front_job *fj)
{
    if (!s->course.first_serial)
        s->course.first_serial = fj->serial;
    if (!s->greeted) /* it had nothing to do before */
        s->course.vardiff.start_us = s->course.vardiff.changed_us = now_us();
    s->greeted = true;
    s->course.last_serial = fj->serial;
    s->notified_us = now_us();
}

static void append_notice(struct session *s, struct front_job *fj, bool clean)
{
    struct wording words;
    const struct notice n = notice_of(s, fj, clean, &words);

    s->miner.dialect->notify(&s->loop->out, &n);
}

static void note_variant(struct session *s, uint32_t serial)
{
    if (s->course.sent_count && s->course.sent[s->course.sent_count - 1].serial == serial)
        s->course.sent_count--;
    if (s->course.sent_count == COURSE_STEPS)
        memmove(s->course.sent, s->course.sent + 1,
                --s->course.sent_count * sizeof *s->course.sent);
    s->course.sent[s->course.sent_count++] =
        (struct sent){.serial = serial, .variant = s->course.variant};
}

/* The job is told under a salt of its own from now on, as work that the miner cannot have hashed:
 * its shares are worth the difficulty that is due. False: that cannot be; or it was done so often
 * that the steps of the job would no longer be remembered. */
static bool salt_job(struct session *s, const struct front_job *fj)
{
    if (session_shares_input(s) || s->course.variant + 1 >= COURSE_STEPS)
        return false;
    s->course.variant++;
    note_variant(s, fj->serial);
    session_say_difficulty(s, fj, session_due_difficulty(s));
    return true;
}

/* The newest job as this connection gets it now. One that was told to the session before, on
 * another connection, goes on under its last id. False: the session was told a newer one, on a
 * loop that had it earlier; this loop will have it in a moment. */
static bool begin_job(struct session *s, const struct front_job *fj)
{
    bool again = s->course.last_serial == fj->serial;

    if (fj->serial < s->course.last_serial)
        return false;
    s->course.variant = again ? s->course.variant : 0;
    double worth =
        again && s->course.variant ? s->course.sent_difficulty : session_job_difficulty(s, fj);
    if (worth == session_due_difficulty(s) || !salt_job(s, fj))
        session_say_difficulty(s, fj, worth);
    note_sent(s, fj);
    return true;
}

/* The text that all connections share, when this one gets it too. */
static const struct str *shared_text(const struct session *s, const struct front_job *fj,
                                     bool clean)
{
    bool shared = s->miner.dialect->same_for_all && !s->course.variant;

    return shared ? &session_told(s, fj)->text[clean] : NULL;
}

/* A new job for everybody: the same text for all, after what this connection has to know. */
void session_job(struct session *s, struct front_job *fj)
{
    struct str *out = &s->loop->out;

    if (!session_ready(s))
        return;
    str_clear(out);
    miner_remask(&s->miner, s->loop->version_mask);
    if (!begin_job(s, fj))
        return;
    const struct str *text = shared_text(s, fj, fj->clean);
    if (!text)
        append_notice(s, fj, fj->clean);
    send_now(s, out, text);
}

/* The first job of a connection, among its other replies. */
void session_first_job(struct session *s)
{
    struct front_job *fj = s->loop->jobs;

    if (!fj || !session_ready(s) || s->greeted || !begin_job(s, fj))
        return;
    const struct str *text = shared_text(s, fj, true);
    if (text)
        str_add_n(&s->loop->out, text->s, text->len);
    else
        append_notice(s, fj, true);
}

/* For a dialect that gives work when it is asked: the first job counts as told by it. */
bool session_current(struct miner *m, struct notice *n)
{
    struct session *s = (struct session *)m;
    struct front_job *fj = s->loop->jobs;

    if (!fj || !session_ready(s))
        return false;
    if ((!s->greeted || s->course.last_serial != fj->serial) && !begin_job(s, fj))
        return false;
    *n = notice_of(s, fj, true, &s->loop->wording);
    return true;
}

/* The newest job once more, under an id and a salt of its own, at the new difficulty. When it
 * cannot be, the next job has to do. */
static void job_again(struct session *s)
{
    struct front_job *fj = s->loop->jobs;

    if (s->course.last_serial != fj->serial || !salt_job(s, fj))
        return;
    note_sent(s, fj);
    append_notice(s, fj, false);
}

/* Appends to the front's `out`; the caller sends it. */
void session_retarget(struct session *s, int64_t now)
{
    struct vardiff_limits limits;

    if (!s->greeted || now - s->notified_us < SECOND_US || !s->loop->jobs)
        return;
    session_limits(s, &limits);
    /* what vardiff came to is told before it goes on from there */
    if (s->course.vardiff.difficulty == s->course.sent_difficulty &&
        vardiff_next(&s->course.vardiff, &limits, now) <= 0)
        return;
    job_again(s);
}

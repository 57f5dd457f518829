/* SPDX-License-Identifier: MIT */
/* A connection's difficulty: its limits, what vardiff and the miner ask for, and from which job on
 * it counts. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "core/target.h"
#include "front/loop.h"

/* Not above the network's difficulty, so that every solution is reported; but the pool's own floor
 * holds even above it: on a test chain where every other hash is a block, it keeps shares rare. */
void session_limits(const struct session *s, struct vardiff_limits *limits)
{
    const struct front_port *o = s->port;
    double max = o->max_difficulty > 0 ? o->max_difficulty : INFINITY;

    if (s->loop->jobs && s->loop->jobs->post->network_difficulty > 0)
        max = fmin(max, s->loop->jobs->post->network_difficulty);
    limits->max = fmax(max, o->min_difficulty);
    limits->min = fmin(fmax(o->min_difficulty, s->course.floor), limits->max);
    limits->interval_us = o->share_interval_us;
}

struct u256 session_target(const struct session *s, double difficulty)
{
    struct u256 target = target_from_difficulty(&s->loop->options->algo->diff1, difficulty);

    if (s->miner.dialect->round_target)
        s->miner.dialect->round_target(&target);
    return target;
}

static void push_step(struct session *s, uint32_t serial)
{
    const struct step *last =
        s->course.step_count ? &s->course.steps[s->course.step_count - 1] : NULL;

    if (last && last->difficulty == s->course.sent_difficulty)
        return;
    if (last && last->serial == serial && last->variant == s->course.variant)
        return; /* what was told of this work holds */
    if (s->course.step_count == COURSE_STEPS)
        memmove(s->course.steps, s->course.steps + 1,
                --s->course.step_count * sizeof *s->course.steps);
    s->course.steps[s->course.step_count++] = (struct step){
        .serial = serial,
        .variant = s->course.variant,
        .difficulty = s->course.sent_difficulty,
        .target = session_target(s, s->course.sent_difficulty),
    };
}

void session_fix_difficulty(struct session *s)
{
    struct course *c = &s->course;

    if (!c->extranonce)
        return;
    if (c->sent_difficulty > 0)
        c->fixed_difficulty = c->sent_difficulty;
    else if (!s->fixed)
        c->fixed_difficulty = c->vardiff.difficulty;
    c->fixed_serial = atomic_load(&s->loop->front->newest_serial);
    s->fixed = true;
}

double session_due_difficulty(struct session *s)
{
    struct vardiff *v = &s->course.vardiff;
    struct vardiff_limits limits;

    session_limits(s, &limits);
    if (v->difficulty < limits.min || v->difficulty > limits.max)
        v->difficulty = vardiff_clamp(v->difficulty, &limits);
    return v->difficulty;
}

double session_job_difficulty(struct session *s, const struct front_job *fj)
{
    double fixed = s->course.fixed_difficulty, network = fj->post->network_difficulty;

    if (!s->fixed || (s->greeted && fj->serial > s->course.fixed_serial))
        return session_due_difficulty(s);
    /* the port's limits do not count: another port of the pool may have others */
    return network > 0 ? fmax(fmin(fixed, network), s->port->min_difficulty) : fixed;
}

void session_say_difficulty(struct session *s, const struct front_job *fj, double difficulty)
{
    struct course *c = &s->course;

    if (!s->greeted || c->sent_difficulty != difficulty) {
        struct u256 target = session_target(s, difficulty);
        c->sent_difficulty = difficulty;
        vardiff_told(&c->vardiff, now_us());
        if (s->miner.dialect->set_difficulty)
            s->miner.dialect->set_difficulty(&s->loop->out, &s->miner, difficulty, &target);
    }
    push_step(s, fj->serial);
}

void session_suggest(struct miner *m, double difficulty, bool floor)
{
    struct session *s = (struct session *)m;
    struct vardiff_limits limits;

    if (floor)
        s->course.floor = difficulty;
    session_limits(s, &limits);
    if (floor && difficulty < s->course.vardiff.difficulty)
        return; /* a minimum, and it is met */
    if (s->fixed)
        session_fix_difficulty(s);
    s->course.asked = true;
    /* told with the next job, or with the present one as other work */
    s->course.vardiff.difficulty = fmax(limits.min, fmin(difficulty, limits.max));
}

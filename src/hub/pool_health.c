/* SPDX-License-Identifier: MIT */
/* Judging an upstream pool by its signals. */
#include "hub/pool_health.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"

enum {
    INTERVALS_KNOWN = 5,     /* before the pool's habit counts */
    JOB_FIRST_LIMIT_S = 600, /* until then */
    JOB_LEAST_LIMIT_S = 120, /* a pool that tells jobs often may pause */
    JOB_WARN = 3,            /* times the habit */
    JOB_FAIL = 5,
    ANSWER_FAIL = 3, /* times the limit, though lines come */
    UNAUTHORISED_MAX = 3,
    STORM_PER_S = 20, /* jobs */
    STORM_LEAST_US = 100000,
};

const char *trouble_name(enum trouble trouble)
{
    static const char *const names[TROUBLES] = {
#define X(name, word) [name] = word,
        TROUBLES_LIST(X)
#undef X
    };

    return names[trouble];
}

static const struct {
    const char *name, *unit;
} signals[SIGNALS] = {
#define X(name, word, unit, help) [name] = {word, unit},
    SIGNALS_LIST(X)
#undef X
};

const char *signal_name(enum signal_kind kind)
{
    return signals[kind].name;
}

const char *signal_unit(enum signal_kind kind)
{
    return signals[kind].unit;
}

const char *signal_state_name(enum signal_state state)
{
    static const char *const names[] = {"unknown", "ok", "warn", "fail"};

    return names[state];
}

/* --- remembering ----------------------------------------------------------------------------- */

void pool_health_job(struct pool_health *h, int64_t now)
{
    if (h->job_us)
        h->interval_s[h->intervals++ % HEALTH_INTERVALS] = (float)(now - h->job_us) / SECOND_US;
    h->job_us = now;
    h->jobs_us[h->jobs++ % HEALTH_JOBS] = now;
}

void pool_health_answer(struct pool_health *h, int err)
{
    bool stale = err == ERR_STALE || err == ERR_NO_JOB;

    h->answers = h->answers << 1 | (err && !stale);
    h->stales = h->stales << 1 | stale;
    h->answer_count += h->answer_count < HEALTH_ANSWERS;
    if (!err)
        h->rejects_in_a_row = 0;
    else if (!stale) /* a new block makes many of those */
        h->rejects_in_a_row++;
    if (!stale)
        h->too_easy_in_a_row = err == ERR_LOW_DIFF ? h->too_easy_in_a_row + 1 : 0;
    h->unauthorised_in_a_row = err == ERR_UNAUTHORIZED ? h->unauthorised_in_a_row + 1 : 0;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

double pool_health_interval(const struct pool_health *h)
{
    float sorted[HEALTH_INTERVALS];
    unsigned n = h->intervals < HEALTH_INTERVALS ? h->intervals : HEALTH_INTERVALS;

    if (n < INTERVALS_KNOWN)
        return NAN;
    memcpy(sorted, h->interval_s, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    return (double)sorted[n / 2];
}

/* --- judging --------------------------------------------------------------------------------- */

struct judge {
    const struct pool_health *h;
    const struct health_limits *limits;
    const struct health_facts *facts;
    char *why;
    size_t size;
};

static double seconds(int64_t us)
{
    return (double)us / SECOND_US;
}

static enum signal_state grade(double value, double warn, double fail)
{
    if (isnan(value))
        return SIGNAL_UNKNOWN;
    return value > fail ? SIGNAL_FAIL : value > warn ? SIGNAL_WARN : SIGNAL_OK;
}

static struct signal judge_link(struct judge *j)
{
    double limit = seconds(j->limits->silence_us);
    double value = seconds(j->facts->now_us - j->facts->last_line_us);
    struct signal s = {grade(value, limit / 2, limit), value, limit};

    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size, "it has been silent for %.0f s", value);
    return s;
}

/* Asked after the limit (see upstream_care): nothing at all since then, or lines but no answers. */
static bool is_mute(const struct health_facts *facts, const struct health_limits *limits)
{
    return facts->now_us - facts->last_line_us > limits->answer_us;
}

static struct signal judge_answer(struct judge *j)
{
    int64_t oldest = j->facts->oldest_share_us, limit_us = j->limits->answer_us;
    double limit = seconds(limit_us), value = oldest ? seconds(j->facts->now_us - oldest) : 0;
    bool mute = is_mute(j->facts, j->limits);
    double fail = limit * (mute ? 1.5 : ANSWER_FAIL);
    struct signal s = {grade(value, limit, fail), value, fail};

    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size, "a share was not answered for %.0f s%s", value,
                       mute ? "" : ", though other lines came");
    return s;
}

static struct signal judge_job(struct judge *j)
{
    double habit = pool_health_interval(j->h), fixed = seconds(j->limits->job_us), fail, warn;

    if (!j->h->job_us)
        return (struct signal){SIGNAL_UNKNOWN, NAN, NAN};
    if (fixed > 0) {
        fail = fixed;
        warn = fixed * JOB_WARN / JOB_FAIL;
    } else {
        fail = isnan(habit) ? JOB_FIRST_LIMIT_S : fmax(habit * JOB_FAIL, JOB_LEAST_LIMIT_S);
        warn = fail * JOB_WARN / JOB_FAIL;
    }
    double value = seconds(j->facts->now_us - j->h->job_us);
    struct signal s = {grade(value, warn, fail), value, fail};
    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size, "it has sent no new job for %.0f s%s", value,
                       fixed > 0 || isnan(habit) ? "" : ", five times its habit");
    return s;
}

static unsigned bits(uint32_t of)
{
    return (unsigned)__builtin_popcount(of & ((UINT32_C(1) << HEALTH_ANSWERS) - 1));
}

/* A row of rejects, most of the last ones rejected, or all of them refused, if only as stale. */
static struct signal judge_rejects(struct judge *j)
{
    unsigned rejected = bits(j->h->answers), refused = rejected + bits(j->h->stales);
    unsigned known = j->h->answer_count;
    double value = known ? 100.0 * rejected / known : NAN, limit = j->limits->reject_percent;
    struct signal s = {known ? SIGNAL_OK : SIGNAL_UNKNOWN, value, limit};

    if (known >= HEALTH_ANSWERS && (value > limit || refused == known)) {
        s.state = SIGNAL_FAIL;
        (void)snprintf(j->why, j->size, "it rejected %u of the last %u shares%s", rejected, known,
                       value > limit ? "" : " and called the others stale");
    }
    if (j->h->rejects_in_a_row >= j->limits->rejects) {
        s.state = SIGNAL_FAIL;
        (void)snprintf(j->why, j->size, "it rejected %u shares in a row%s", j->h->rejects_in_a_row,
                       j->h->too_easy_in_a_row >= j->limits->rejects
                           ? " as too easy: perhaps it is for another algorithm"
                           : "");
    } else if (s.state == SIGNAL_OK && known >= HEALTH_ANSWERS / 4 && value > limit / 2) {
        s.state = SIGNAL_WARN;
    }
    return s;
}

static struct signal judge_login(struct judge *j)
{
    unsigned n = j->h->unauthorised_in_a_row;
    struct signal s = {n >= UNAUTHORISED_MAX ? SIGNAL_FAIL
                       : n                   ? SIGNAL_WARN
                                             : SIGNAL_OK,
                       n, UNAUTHORISED_MAX};

    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size, "it says that our user is not authorised");
    return s;
}

/* By the newest HEALTH_JOBS jobs. */
static struct signal judge_job_rate(struct judge *j)
{
    const struct pool_health *h = j->h;
    struct signal s = {SIGNAL_UNKNOWN, NAN, STORM_PER_S};

    if (h->jobs < HEALTH_JOBS)
        return s;
    int64_t span = j->facts->now_us - h->jobs_us[h->jobs % HEALTH_JOBS];
    span = span > STORM_LEAST_US ? span : STORM_LEAST_US;
    s.value = HEALTH_JOBS / seconds(span);
    s.state = grade(s.value, STORM_PER_S / 2.0, STORM_PER_S);
    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size, "it sends %.0f jobs a second", s.value);
    return s;
}

static struct signal judge_share_time(struct judge *j)
{
    double limit = j->limits->share_us ? seconds(j->limits->share_us) : INFINITY;
    double value = j->facts->share_s;
    struct signal s = {grade(value, limit / 4, limit), value, isinf(limit) ? NAN : limit};

    if (s.state == SIGNAL_FAIL)
        (void)snprintf(j->why, j->size,
                       "its difficulty is so high that a share would take about %.3g days",
                       value / 86400);
    return s;
}

enum trouble pool_health_judge(const struct pool_health *h, const struct health_limits *limits,
                               const struct health_facts *facts, struct signal out[SIGNALS],
                               char *why, size_t size)
{
    static const struct {
        struct signal (*judge)(struct judge *);
        enum trouble trouble;
    } rows[SIGNALS] = {
        [SIGNAL_LINK] = {judge_link, TROUBLE_SILENT},
        [SIGNAL_ANSWER] = {judge_answer, TROUBLE_UNANSWERED},
        [SIGNAL_JOB] = {judge_job, TROUBLE_OLD_JOB},
        [SIGNAL_REJECTS] = {judge_rejects, TROUBLE_REJECTS},
        [SIGNAL_LOGIN] = {judge_login, TROUBLE_LOGIN},
        [SIGNAL_JOB_RATE] = {judge_job_rate, TROUBLE_JOB_STORM},
        [SIGNAL_SHARE_TIME] = {judge_share_time, TROUBLE_DIFFICULTY},
    };
    static const enum signal_kind order[SIGNALS] = {
        /* the more telling reason first */
        SIGNAL_LOGIN,    SIGNAL_REJECTS, SIGNAL_ANSWER,    SIGNAL_LINK,
        SIGNAL_JOB_RATE, SIGNAL_JOB,     SIGNAL_SHARE_TIME};
    enum trouble trouble = TROUBLE_NONE;
    char spare[2];

    for (unsigned i = 0; i < SIGNALS; i++)
        out[i] = (struct signal){SIGNAL_UNKNOWN, NAN, NAN};
    for (unsigned i = 0; i < SIGNALS && facts->ready; i++) {
        bool told = trouble != TROUBLE_NONE;
        struct judge j = {h, limits, facts, told ? spare : why, told ? sizeof spare : size};
        out[order[i]] = rows[order[i]].judge(&j);
        if (!told && out[order[i]].state == SIGNAL_FAIL)
            trouble = order[i] == SIGNAL_ANSWER && is_mute(facts, limits) ? TROUBLE_SILENT
                                                                          : rows[order[i]].trouble;
    }
    return trouble;
}

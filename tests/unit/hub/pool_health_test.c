/* SPDX-License-Identifier: MIT */
/* The signals by which an upstream pool is judged: each one alone, with its limit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "hub/pool_health.h"

static const int64_t NOW = 100000 * SECOND_US;

static const struct health_limits limits = {
    .silence_us = 45 * SECOND_US,
    .answer_us = 10 * SECOND_US,
    .rejects = 10,
    .reject_percent = 50,
    .share_us = 365 * 86400 * SECOND_US,
};

struct pool {
    struct pool_health health;
    struct health_facts facts;
    struct health_limits limits;
    struct signal signals[SIGNALS];
    char why[160];
};

/* A pool that does everything as it should. */
static struct pool well(void)
{
    struct pool p = {.limits = limits};

    p.facts = (struct health_facts){
        .now_us = NOW, .ready = true, .last_line_us = NOW - SECOND_US, .share_s = 10};
    for (int i = 10; i > 0; i--)
        pool_health_job(&p.health, NOW - i * 30 * SECOND_US);
    for (int i = 0; i < 20; i++)
        pool_health_answer(&p.health, 0);
    return p;
}

static enum trouble judge(struct pool *p)
{
    return pool_health_judge(&p->health, &p->limits, &p->facts, p->signals, p->why, sizeof p->why);
}

static void sick(struct pool *p, enum trouble trouble, enum signal_kind kind, const char *words)
{
    enum trouble found = judge(p);

    assert_string_equal(trouble_name(found), trouble_name(trouble));
    assert_string_equal(signal_state_name(p->signals[kind].state), "fail");
    if (!strstr(p->why, words))
        fail_msg("\"%s\" does not say \"%s\"", p->why, words);
}

static void fine(struct pool *p)
{
    assert_string_equal(trouble_name(judge(p)), "none");
}

static void a_good_pool_has_no_trouble(void **state)
{
    struct pool p = well();

    (void)state;
    fine(&p);
    for (unsigned i = 0; i < SIGNALS; i++)
        if (i != SIGNAL_JOB_RATE)
            assert_string_equal(signal_state_name(p.signals[i].state), "ok");
}

static void before_the_login_nothing_is_judged(void **state)
{
    struct pool p = well();

    (void)state;
    p.facts.ready = false;
    p.facts.last_line_us = NOW - 900 * SECOND_US;
    fine(&p);
    assert_int_equal(p.signals[SIGNAL_LINK].state, SIGNAL_UNKNOWN);
}

static void silence_is_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    p.facts.last_line_us = NOW - 44 * SECOND_US;
    fine(&p);
    assert_int_equal(p.signals[SIGNAL_LINK].state, SIGNAL_WARN);
    p.facts.last_line_us = NOW - 46 * SECOND_US;
    sick(&p, TROUBLE_SILENT, SIGNAL_LINK, "silent for 46 s");
}

static void shares_without_an_answer_are_a_reason_though_jobs_come(void **state)
{
    struct pool p = well();

    (void)state;
    p.facts.oldest_share_us = NOW - 29 * SECOND_US;
    fine(&p);
    assert_int_equal(p.signals[SIGNAL_ANSWER].state, SIGNAL_WARN);
    p.facts.oldest_share_us = NOW - 31 * SECOND_US;
    sick(&p, TROUBLE_UNANSWERED, SIGNAL_ANSWER, "other lines came");
}

static void a_share_without_an_answer_and_no_line_is_silence(void **state)
{
    struct pool p = well();

    (void)state;
    p.facts.last_line_us = NOW - 16 * SECOND_US;
    p.facts.oldest_share_us = NOW - 14 * SECOND_US;
    fine(&p);
    p.facts.oldest_share_us = NOW - 16 * SECOND_US;
    sick(&p, TROUBLE_SILENT, SIGNAL_ANSWER, "not answered for 16 s");
}

static void a_job_five_times_as_old_as_usual_is_a_reason(void **state)
{
    struct pool p = well(); /* a job each 30 s */

    (void)state;
    p.facts.now_us = p.facts.last_line_us = p.health.job_us + 149 * SECOND_US;
    fine(&p);
    assert_int_equal(p.signals[SIGNAL_JOB].state, SIGNAL_WARN);
    p.facts.now_us = p.facts.last_line_us = p.health.job_us + 151 * SECOND_US;
    sick(&p, TROUBLE_OLD_JOB, SIGNAL_JOB, "five times its habit");
}

static void the_habit_of_jobs_is_their_median(void **state)
{
    struct pool p = {.limits = limits};
    static const int at[] = {0, 60, 120, 121, 181, 900, 960};

    (void)state;
    for (unsigned i = 0; i < 5; i++)
        pool_health_job(&p.health, NOW + at[i] * SECOND_US);
    assert_true(isnan(pool_health_interval(&p.health))); /* four say too little */
    for (unsigned i = 5; i < 7; i++)
        pool_health_job(&p.health, NOW + at[i] * SECOND_US);
    assert_true(pool_health_interval(&p.health) == 60);
}

static void a_pool_that_tells_jobs_often_may_pause_for_two_minutes(void **state)
{
    struct pool p = {.limits = limits, .facts = {.ready = true, .share_s = NAN}};

    (void)state;
    for (int i = 0; i < 10; i++)
        pool_health_job(&p.health, NOW + i * SECOND_US);
    p.facts.now_us = p.facts.last_line_us = p.health.job_us + 119 * SECOND_US;
    fine(&p);
    p.facts.now_us = p.facts.last_line_us = p.health.job_us + 121 * SECOND_US;
    sick(&p, TROUBLE_OLD_JOB, SIGNAL_JOB, "no new job for 121 s");
}

static void a_set_limit_of_the_job_counts_alone(void **state)
{
    struct pool p = well();

    (void)state;
    p.limits.job_us = 20 * SECOND_US;
    sick(&p, TROUBLE_OLD_JOB, SIGNAL_JOB, "no new job for 30 s");
}

static void ten_rejects_in_a_row_are_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    for (int i = 0; i < 9; i++)
        pool_health_answer(&p.health, ERR_LOW_DIFF);
    fine(&p);
    pool_health_answer(&p.health, ERR_DUPLICATE);
    sick(&p, TROUBLE_REJECTS, SIGNAL_REJECTS, "10 shares in a row");
    assert_null(strstr(p.why, "algorithm"));
}

static void shares_that_are_all_too_easy_suggest_another_algorithm(void **state)
{
    struct pool p = well();

    (void)state;
    for (int i = 0; i < 10; i++)
        pool_health_answer(&p.health, ERR_LOW_DIFF);
    sick(&p, TROUBLE_REJECTS, SIGNAL_REJECTS, "perhaps it is for another algorithm");
}

static void most_of_the_last_twenty_rejected_are_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    for (int i = 0; i < 10; i++) {
        pool_health_answer(&p.health, ERR_LOW_DIFF);
        pool_health_answer(&p.health, 0);
    }
    fine(&p);
    assert_int_equal(p.signals[SIGNAL_REJECTS].state, SIGNAL_WARN);
    pool_health_answer(&p.health, ERR_LOW_DIFF);
    pool_health_answer(&p.health, ERR_LOW_DIFF);
    sick(&p, TROUBLE_REJECTS, SIGNAL_REJECTS, "11 of the last 20");
}

static void stale_shares_are_none_but_twenty_of_them_are(void **state)
{
    struct pool p = well();

    (void)state;
    for (int i = 0; i < 19; i++)
        pool_health_answer(&p.health, ERR_STALE);
    fine(&p);
    pool_health_answer(&p.health, ERR_NO_JOB);
    sick(&p, TROUBLE_REJECTS, SIGNAL_REJECTS, "stale");
}

static void a_user_who_is_not_authorised_any_more_is_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    pool_health_answer(&p.health, ERR_UNAUTHORIZED);
    pool_health_answer(&p.health, ERR_UNAUTHORIZED);
    fine(&p);
    pool_health_answer(&p.health, ERR_UNAUTHORIZED);
    sick(&p, TROUBLE_LOGIN, SIGNAL_LOGIN, "not authorised");
}

static void a_storm_of_jobs_is_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    for (int i = 0; i < 32; i++)
        pool_health_job(&p.health, NOW + i * 10000);
    p.facts.now_us = NOW + 330000;
    sick(&p, TROUBLE_JOB_STORM, SIGNAL_JOB_RATE, "jobs a second");
    p.facts.now_us = NOW + 10 * SECOND_US; /* it has passed */
    p.facts.last_line_us = p.facts.now_us;
    fine(&p);
}

static void a_difficulty_out_of_reach_is_a_reason(void **state)
{
    struct pool p = well();

    (void)state;
    p.facts.share_s = 400 * 86400.0;
    sick(&p, TROUBLE_DIFFICULTY, SIGNAL_SHARE_TIME, "400 days");
    p.limits.share_us = 0;
    fine(&p);
    p.facts.share_s = NAN; /* nothing hashes yet */
    fine(&p);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(a_good_pool_has_no_trouble),
        T(before_the_login_nothing_is_judged),
        T(silence_is_a_reason),
        T(shares_without_an_answer_are_a_reason_though_jobs_come),
        T(a_share_without_an_answer_and_no_line_is_silence),
        T(a_job_five_times_as_old_as_usual_is_a_reason),
        T(the_habit_of_jobs_is_their_median),
        T(a_pool_that_tells_jobs_often_may_pause_for_two_minutes),
        T(a_set_limit_of_the_job_counts_alone),
        T(ten_rejects_in_a_row_are_a_reason),
        T(shares_that_are_all_too_easy_suggest_another_algorithm),
        T(most_of_the_last_twenty_rejected_are_a_reason),
        T(stale_shares_are_none_but_twenty_of_them_are),
        T(a_user_who_is_not_authorised_any_more_is_a_reason),
        T(a_storm_of_jobs_is_a_reason),
        T(a_difficulty_out_of_reach_is_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

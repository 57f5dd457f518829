/* SPDX-License-Identifier: MIT */
/* Which upstream pool is used: the strategies, without sockets. A pool serves when it has a
 * connection, which here is one that nobody ever speaks through, and a job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "hub/upstream_one.h"
#include "tests/fake/hash_algo.h"

enum { POOLS = 4 };

const struct algo *const algos[] = {&fake_sha256d, NULL};

static uv_loop_t loop;
static struct config *config;
static struct upstreams *all;
static struct job *job;
static unsigned lost, unanswered;

static void no_change(void *arg)
{
    (void)arg;
}

static void on_note(void *arg, const struct share_note *note)
{
    (void)arg;
    lost += note->fate == FATE_LOST;
    unanswered += note->fate == FATE_UNACKNOWLEDGED;
}

static void on_rejected(void *arg, unsigned device, struct rejected *rejected)
{
    (void)arg;
    (void)device;
    (void)rejected;
}

static double no_rate(void *arg, const struct algo *algo)
{
    (void)arg;
    (void)algo;
    return 0;
}

static struct demand *demand(void)
{
    return &all->demands[0];
}

static void serve(unsigned number, bool on)
{
    struct upstream *up = all->items[number];

    job_unref(up->job);
    up->job = on ? job_ref(job) : NULL;
    up->client = on ? (struct stratum_client *)&loop : NULL;
    up->serving_us = on ? now_us() - 3600 * SECOND_US : 0;
    up->status = on ? UPSTREAM_ALIVE : UPSTREAM_DEAD;
    up->failures += !on;
}

static int active(void)
{
    choose_turn(all, demand());
    demand()->active = choose_pool(all, demand());
    choose_turn(all, demand());
    return demand()->active;
}

static void by(enum strategy strategy)
{
    all->strategy = strategy;
}

static int setup(void **state)
{
    struct config_override set[3 * POOLS];
    static char path[3 * POOLS][40], value[3 * POOLS][40];
    struct config_request request = {
        .file = "/dev/null", .overrides = set, .override_count = 3 * POOLS};
    const struct upstream_hooks hooks = {
        .changed = no_change, .note = on_note, .rejected = on_rejected, .rate = no_rate};
    const struct algo *any = NULL;
    struct fault why = {0};

    (void)state;
    for (unsigned i = 0; i < POOLS; i++) {
        const char *const keys[] = {"url", "user", "quota"};
        (void)snprintf(value[3 * i], 40, "pool%u.example:3333", i);
        (void)snprintf(value[3 * i + 1], 40, "user%u", i);
        (void)snprintf(value[3 * i + 2], 40, "%u", i); /* pool 0 is a spare */
        for (unsigned k = 0; k < 3; k++) {
            (void)snprintf(path[3 * i + k], 40, "upstreams[%u].%s", i, keys[k]);
            set[3 * i + k] = (struct config_override){path[3 * i + k], value[3 * i + k], "test"};
        }
    }
    if (config_load(&request, &config, &why) < 0)
        fail_msg("%s", why.text);
    (void)uv_loop_init(&loop);
    all = upstreams_new(config, &loop, &hooks);
    upstreams_want(all, &any, 1);
    job = job_new(&fake_sha256d);
    lost = unanswered = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, false);
    upstreams_free(all);
    config_unref(config);
    job_unref(job);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

/* --- one at a time -----------------------------------------------------------------------------
 */

static void failover_takes_the_first_that_serves(void **state)
{
    (void)state;
    assert_int_equal(active(), -1);
    serve(2, true);
    assert_int_equal(active(), 2);
    serve(1, true);
    assert_int_equal(active(), 1);
    serve(1, false);
    assert_int_equal(active(), 2);
}

static void failover_returns_to_what_has_served_for_a_while(void **state)
{
    (void)state;
    serve(1, true);
    assert_int_equal(active(), 1);
    serve(0, true);
    all->items[0]->serving_us = now_us();
    assert_int_equal(active(), 1);
    all->items[0]->serving_us = now_us() - config->upstreams.return_after_us;
    assert_int_equal(active(), 0);
}

static void a_distrusted_pool_waits_twice_as_long_each_time(void **state)
{
    (void)state;
    serve(1, true);
    assert_int_equal(active(), 1);
    serve(0, true);
    all->items[0]->distrust = 2;
    all->items[0]->serving_us = now_us() - 3 * config->upstreams.return_after_us;
    assert_int_equal(active(), 1);
    all->items[0]->serving_us = now_us() - 4 * config->upstreams.return_after_us;
    assert_int_equal(active(), 0);
}

static void a_pinned_pool_is_used_by_every_strategy(void **state)
{
    (void)state;
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, true);
    all->items[2]->pinned = true;
    for (unsigned s = 0; s < STRATEGIES; s++) {
        struct slice slice = {0};
        struct rate rate = {0};
        by(s);
        assert_int_equal(active(), 2);
        assert_null(upstreams_slice(all, NULL, job, &rate, &slice));
    }
}

static void round_robin_goes_on_from_the_one_that_failed(void **state)
{
    (void)state;
    by(STRATEGY_ROUND_ROBIN);
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, true);
    assert_int_equal(active(), 0);
    serve(0, false);
    assert_int_equal(active(), 1);
    serve(0, true);
    assert_int_equal(active(), 1);
    serve(1, false);
    assert_int_equal(active(), 2);
    serve(2, false);
    serve(3, false);
    assert_int_equal(active(), 0);
}

static void rotate_takes_the_next_when_time_is_up(void **state)
{
    (void)state;
    by(STRATEGY_ROTATE);
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, true);
    serve(1, false);
    assert_int_equal(active(), 0);
    for (unsigned turns = 0; turns < 4; turns++) {
        static const int order[] = {2, 3, 0, 2}; /* 1 is dead */
        demand()->turned_us = now_us() - all->rotate_us;
        (void)active();
        assert_int_equal(active(), order[turns]);
    }
}

static void rotate_keeps_the_old_one_until_the_next_serves(void **state)
{
    (void)state;
    by(STRATEGY_ROTATE);
    serve(0, true);
    assert_int_equal(active(), 0);
    all->items[1]->status = UPSTREAM_CONNECTING;
    demand()->turned_us = now_us() - all->rotate_us;
    assert_int_equal(active(), 0);
    serve(1, true);
    assert_int_equal(active(), 1);
}

/* --- several at once ---------------------------------------------------------------------------
 */

/* Gives slices to a device and returns how many each pool got. */
static void deal(unsigned slices, unsigned got[POOLS])
{
    struct slice slice = {0};
    struct rate rate = {0};

    memset(got, 0, POOLS * sizeof *got);
    (void)active();
    for (unsigned i = 0; i < slices; i++) {
        slice.until_us = 0; /* its time is up */
        rate.total += 1000;
        (void)upstreams_slice(all, NULL, job, &rate, &slice);
        for (unsigned k = 0; k < POOLS; k++)
            got[k] += slice.source == SOURCE_OF_UPSTREAM(all->items[k]->id);
    }
}

static void balance_gives_each_the_same(void **state)
{
    unsigned got[POOLS];

    (void)state;
    by(STRATEGY_BALANCE);
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, true);
    deal(400, got);
    for (unsigned i = 0; i < POOLS; i++)
        assert_in_range(got[i], 98, 102);
}

static void quotas_are_parts_of_their_sum(void **state)
{
    unsigned got[POOLS];

    (void)state;
    by(STRATEGY_QUOTA);
    for (unsigned i = 0; i < POOLS; i++)
        serve(i, true);
    deal(600, got); /* 0 : 1 : 2 : 3 */
    assert_int_equal(got[0], 0);
    assert_in_range(got[1], 96, 104);
    assert_in_range(got[2], 196, 204);
    assert_in_range(got[3], 296, 304);
}

static void a_spare_is_used_when_no_other_serves(void **state)
{
    bool wanted[UPSTREAM_MAX] = {false};

    (void)state;
    by(STRATEGY_QUOTA);
    serve(0, true);
    assert_int_equal(active(), 0);
    serve(2, true);
    all->items[2]->serving_us = now_us() - 3600 * SECOND_US;
    assert_int_equal(active(), 2);
    choose_wanted(all, demand(), wanted);
    assert_false(wanted[0]);
    assert_true(wanted[1] && wanted[2] && wanted[3]);
}

static void whoever_joins_later_gets_no_more_than_its_part(void **state)
{
    unsigned got[POOLS];

    (void)state;
    by(STRATEGY_BALANCE);
    serve(0, true);
    serve(1, true);
    deal(1000, got);
    serve(2, true);
    choose_joins(all->items[2]);
    deal(300, got);
    assert_in_range(got[2], 96, 104);
}

static void work_is_counted_by_what_was_done(void **state)
{
    struct slice slice = {0};
    struct rate rate = {0};
    double done[2] = {0};

    (void)state;
    by(STRATEGY_BALANCE);
    serve(0, true);
    serve(1, true);
    (void)active();
    for (unsigned i = 0; i < 300; i++) { /* the device slows down and speeds up again */
        slice.until_us = 0;
        (void)upstreams_slice(all, NULL, job, &rate, &slice);
        double hashes = i % 7 < 2 ? 100 : 5000;
        rate.total += hashes;
        done[slice.source == SOURCE_OF_UPSTREAM(all->items[1]->id)] += hashes;
    }
    assert_true(done[0] / (done[0] + done[1]) > 0.48 && done[0] / (done[0] + done[1]) < 0.52);
}

static void a_slice_ends_with_its_pool(void **state)
{
    struct slice slice = {0};
    struct rate rate = {0};

    (void)state;
    by(STRATEGY_BALANCE);
    serve(0, true);
    serve(1, true);
    (void)active();
    (void)upstreams_slice(all, NULL, job, &rate, &slice);
    unsigned first = slice.source == SOURCE_OF_UPSTREAM(all->items[1]->id);
    serve(first, false);
    assert_non_null(upstreams_slice(all, NULL, job, &rate, &slice));
    assert_int_equal(slice.source, SOURCE_OF_UPSTREAM(all->items[1 - first]->id));
}

/* --- drills, sessions, words -------------------------------------------------------------------
 */

static void a_drill_leaves_the_pool_alone_unless_no_other_serves(void **state)
{
    struct fault why = {0};

    (void)state;
    assert_true(upstreams_drill(all, 10, &why) < 0); /* nothing is in use */
    serve(0, true);
    assert_int_equal(active(), 0);
    assert_int_equal(upstreams_drill(all, 10, &why), 0);
    assert_true(upstreams_drill(all, 10, &why) < 0);
    assert_int_equal(active(), 0);
    serve(1, true);
    assert_int_equal(active(), 1);
    drill_tick(all);
    assert_int_equal(all->drill.to, 1);
    all->drill.until_us = now_us();
    drill_tick(all);
    assert_string_equal(drill_state_name(all->drill.state), "passed");
    assert_int_equal(active(), 0);
}

static void a_drill_ends_when_the_pools_are_configured_anew(void **state)
{
    struct fault why = {0};

    (void)state;
    serve(0, true);
    serve(1, true);
    assert_int_equal(active(), 0);
    assert_int_equal(upstreams_drill(all, 10, &why), 0);
    assert_int_equal(active(), 1);
    upstreams_configure(all, all->config);
    assert_string_equal(drill_state_name(all->drill.state), "none");
    assert_int_equal(active(), 0);
}

static void the_last_job_is_worked_on_while_no_other_pool_serves(void **state)
{
    (void)state;
    serve(0, true);
    assert_int_equal(active(), 0);
    all->items[0]->lingers_us = now_us() + SECOND_US;
    assert_int_equal(active(), 0);
    serve(1, true);
    assert_int_equal(active(), 1);
    serve(1, false);
    all->items[0]->lingers_us = now_us() - 1;
    assert_int_equal(active(), -1);
    all->items[0]->lingers_us = 0;
}

static void shares_wait_for_a_session_and_are_lost_when_it_does_not_come(void **state)
{
    struct share share = {.job = job};
    struct upstream *up = all->items[0];

    (void)state;
    job->source = SOURCE_OF_UPSTREAM(up->id);
    upstreams_submit(all, &share); /* no session: lost at once */
    assert_int_equal(lost, 1);
    (void)snprintf(up->session.id, sizeof up->session.id, "s1");
    upstreams_submit(all, &share);
    upstreams_submit(all, &share);
    assert_int_equal(up->pending_count, 2);
    assert_int_equal(up->shares.unanswered, 2);
    up->pending_us = now_us() - (SESSION_S + 1) * SECOND_US;
    upstream_shares_tick(up);
    assert_int_equal(lost, 3);
    assert_int_equal(up->shares.lost, 3);
    assert_int_equal(up->shares.found, 3);
    for (unsigned i = 0; i < PENDING_MAX + 5; i++)
        upstreams_submit(all, &share);
    assert_int_equal(up->pending_count, PENDING_MAX);
    upstream_ready(up, false); /* another session */
    assert_int_equal(up->shares.lost, up->shares.found);
}

static void a_share_of_a_pool_that_is_gone_is_lost(void **state)
{
    struct share share = {.job = job};

    (void)state;
    job->source = 99;
    upstreams_submit(all, &share);
    assert_int_equal(lost, 1);
}

static void who_serves_is_told_in_words(void **state)
{
    char words[64];

    (void)state;
    serve(1, true);
    serve(3, true);
    (void)active();
    upstreams_words(all, NULL, words);
    assert_string_equal(words, "pool 1");
    by(STRATEGY_QUOTA);
    upstreams_words(all, NULL, words);
    assert_string_equal(words, "pools 1 3 by quota");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(failover_takes_the_first_that_serves),
        T(failover_returns_to_what_has_served_for_a_while),
        T(a_distrusted_pool_waits_twice_as_long_each_time),
        T(a_pinned_pool_is_used_by_every_strategy),
        T(round_robin_goes_on_from_the_one_that_failed),
        T(rotate_takes_the_next_when_time_is_up),
        T(rotate_keeps_the_old_one_until_the_next_serves),
        T(balance_gives_each_the_same),
        T(quotas_are_parts_of_their_sum),
        T(a_spare_is_used_when_no_other_serves),
        T(whoever_joins_later_gets_no_more_than_its_part),
        T(work_is_counted_by_what_was_done),
        T(a_slice_ends_with_its_pool),
        T(a_drill_leaves_the_pool_alone_unless_no_other_serves),
        T(a_drill_ends_when_the_pools_are_configured_anew),
        T(the_last_job_is_worked_on_while_no_other_pool_serves),
        T(shares_wait_for_a_session_and_are_lost_when_it_does_not_come),
        T(a_share_of_a_pool_that_is_gone_is_lost),
        T(who_serves_is_told_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

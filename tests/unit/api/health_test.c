/* SPDX-License-Identifier: MIT */
/* The rules of health: what fails liveness, what readiness, and what only the score. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/health.h"
#include "canned.h"

static struct snapshot snap;
static struct device_view devices[2];

static int setup(void **state)
{
    (void)state;
    canned_snapshot(&snap, devices);
    return 0;
}

static struct health judge(void)
{
    struct health h;

    health_judge(&snap, snap.taken_us + 1000, &h);
    return h;
}

static void all_well_is_ten_of_ten(void **state)
{
    struct health h = judge();

    (void)state;
    assert_true(h.live && h.ready && h.started);
    assert_int_equal(h.status, VERDICT_OK);
    assert_int_equal(h.score, 10);
}

static void before_the_first_snapshot_it_lives_but_is_not_ready(void **state)
{
    struct health h;

    (void)state;
    health_judge(NULL, 0, &h);
    assert_true(h.live);
    assert_false(h.ready || h.started);
}

static void hung_main_loop_fails_liveness(void **state)
{
    struct health h;

    (void)state;
    health_judge(&snap, snap.hub_tick_us + 9 * SECOND_US, &h);
    assert_true(h.live);
    health_judge(&snap, snap.hub_tick_us + 10 * SECOND_US, &h);
    assert_false(h.live);
    assert_int_equal(h.status, VERDICT_FAIL);
}

static void dead_upstreams_do_not_fail_liveness(void **state)
{
    struct health h;

    (void)state;
    snap.pool_on = false;
    snap.state = MINING_WAITING;
    for (unsigned i = 0; i < snap.upstream_count; i++)
        snap.upstreams[i].status = UPSTREAM_DEAD;
    h = judge();
    assert_true(h.live);
    assert_false(h.ready);
}

static void one_dead_upstream_with_a_backup_is_degraded(void **state)
{
    struct health h;

    (void)state;
    snap.upstreams[0].status = UPSTREAM_DEAD;
    h = judge();
    assert_true(h.ready);
    assert_int_equal(h.status, VERDICT_DEGRADED);
    assert_true(h.score < 10 && h.score > 5);
}

static void stopped_mining_is_ready(void **state)
{
    (void)state;
    snap.state = MINING_STOPPED;
    assert_true(judge().ready);
}

static void store_error_is_not_ready(void **state)
{
    (void)state;
    strcpy(snap.store.error, "disk full");
    assert_true(judge().live);
    assert_false(judge().ready);
}

static void old_template_is_not_ready_in_pool_mode_only(void **state)
{
    (void)state;
    snap.pool.template_us = snap.taken_us - 61 * SECOND_US;
    assert_false(judge().ready);
    snap.pool_on = false;
    assert_true(judge().ready);
}

static void slow_chains_may_have_older_templates(void **state)
{
    static const struct coin slow = {.name = "slow", .block_s = 600};

    (void)state;
    snap.pool.coin = &slow;
    snap.pool.template_us = snap.taken_us - 1000 * SECOND_US;
    assert_true(judge().ready);
    snap.pool.template_us = snap.taken_us - 1801 * SECOND_US;
    assert_false(judge().ready);
}

static void closed_listener_in_pool_mode_is_not_ready(void **state)
{
    (void)state;
    snap.pool.serving = false;
    assert_false(judge().ready);
}

static void dead_daemon_is_not_ready(void **state)
{
    (void)state;
    snap.pool.nodes[0].up = false;
    assert_false(judge().ready);
    assert_true(judge().live);
}

static void failed_device_is_degraded_and_named(void **state)
{
    struct health h;
    const char *detail = "";

    (void)state;
    devices[1].state = DEVICE_FAILED;
    h = judge();
    for (unsigned i = 0; i < h.count; i++)
        if (h.checks[i].verdict == VERDICT_DEGRADED)
            detail = h.checks[i].detail;
    assert_string_equal(detail, "cpu1 failed");
    assert_true(h.ready);
}

static void broken_ledger_takes_half_the_score(void **state)
{
    (void)state;
    snap.pool.ledger_ok = false;
    assert_int_equal(judge().score, 5);
    assert_int_equal(judge().status, VERDICT_DEGRADED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_well_is_ten_of_ten, setup),
        cmocka_unit_test_setup(before_the_first_snapshot_it_lives_but_is_not_ready, setup),
        cmocka_unit_test_setup(hung_main_loop_fails_liveness, setup),
        cmocka_unit_test_setup(dead_upstreams_do_not_fail_liveness, setup),
        cmocka_unit_test_setup(one_dead_upstream_with_a_backup_is_degraded, setup),
        cmocka_unit_test_setup(stopped_mining_is_ready, setup),
        cmocka_unit_test_setup(store_error_is_not_ready, setup),
        cmocka_unit_test_setup(old_template_is_not_ready_in_pool_mode_only, setup),
        cmocka_unit_test_setup(slow_chains_may_have_older_templates, setup),
        cmocka_unit_test_setup(closed_listener_in_pool_mode_is_not_ready, setup),
        cmocka_unit_test_setup(dead_daemon_is_not_ready, setup),
        cmocka_unit_test_setup(failed_device_is_degraded_and_named, setup),
        cmocka_unit_test_setup(broken_ledger_takes_half_the_score, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

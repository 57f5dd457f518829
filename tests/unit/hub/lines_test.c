/* SPDX-License-Identifier: MIT */
/* Algorithms at run time: prepared before they are begun, undone when nothing is accepted. A whole
 * hub on the devnet, with simulated devices and algorithms of a few bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "algo/dataset.h"
#include "base/clock.h"
#include "device/driver.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/hub_rig.h"

/* The registries of this test: SHA-256d is there because the simulated devices are far too slow to
 * find anything with it. */
extern const struct algo algo_sha256d;
const struct algo *const algos[] = {&fake_blobber, &fake_sealer, &algo_sha256d, NULL};
extern const struct driver driver_sim;
const struct driver *const drivers[] = {&driver_sim, NULL};

static void noted(const struct hub *hub, const char *part)
{
    if (!strstr(hub->line.note, part))
        fail_msg("the note \"%s\" does not say \"%s\"", hub->line.note, part);
}

static double done(const struct hub *hub, unsigned device, unsigned place)
{
    return hub->devices[device].done[place];
}

enum { BLOBBER, SEALER, SHA256D }; /* places in algos[] */

static void all_devices_stand_in_the_default_line(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0) && hub_accepted(hub, 1));
    RUN_UNTIL(hub, hub_does(hub, 0, "blobber") && hub_does(hub, 1, "blobber"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
    assert_int_equal(hub->snapshot->lines[0].devices, 2);
    assert_string_equal(hub->snapshot->algorithm, "blobber");
    assert_string_equal(hub->snapshot->source, "local pool");
    assert_string_equal(hub->snapshot->devices[0].dataset.state, "light");
}

static void devices_go_on_while_a_change_is_prepared(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    atomic_store(&fake_dataset_held, true);
    hub_must(hub, "algorithm sealer");
    hub_rig_run(hub, LONG_US);
    double before = done(hub, 0, BLOBBER);
    hub_rig_run(hub, 2 * LONG_US);
    assert_true(done(hub, 0, BLOBBER) > before);
    assert_true(hub_does(hub, 0, "blobber"));
    assert_int_equal(hub->line.stage, CHANGE_PREPARING);
    hub_take_snapshot(hub);
    assert_string_equal(hub->snapshot->lines[0].next, "sealer");
    assert_true(hub->snapshot->lines[0].next_dataset.making);

    atomic_store(&fake_dataset_held, false);
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer") && hub_does(hub, 1, "sealer"));
    RUN_UNTIL(hub, hub->line.gap_told);
    assert_true(hub->line.gap_us > 0 && hub->line.gap_us < 5 * SECOND_US);
    RUN_UNTIL(hub, hub->line.stage == CHANGE_NONE); /* a share was accepted */
    assert_string_equal(hub->snapshot->switches[0].to, "sealer");
    assert_int_equal(hub->snapshot->switches[0].count, 1);
}

static void a_change_can_be_called_off(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    atomic_store(&fake_dataset_held, true);
    hub_must(hub, "algorithm sealer");
    hub_rig_run(hub, LONG_US);
    hub_must(hub, "algorithm auto");
    assert_int_equal(hub->line.stage, CHANGE_NONE);
    atomic_store(&fake_dataset_held, false);
    hub_rig_run(hub, LONG_US);
    assert_true(hub_does(hub, 0, "blobber"));
}

static void nothing_accepted_leads_back(void **state)
{
    struct hub *hub = hub_rig_start("mining.switch.return_after", "2s");

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, hub_does(hub, 0, "sha256d"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->lines[0].stage, CHANGE_TRIAL);
    assert_string_equal(hub->snapshot->lines[0].before, "blobber");
    RUN_UNTIL(hub, hub_does(hub, 0, "blobber"));
    noted(hub, "no share was accepted");
    uint64_t before = hub_accepted(hub, 0);
    RUN_UNTIL(hub, hub_accepted(hub, 0) > before);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->switch_count, 2);
    assert_string_equal(hub->snapshot->switches[1].cause, "return");
    assert_true(hub->snapshot->warning_count > 0);
}

static void without_a_limit_it_stays(void **state)
{
    struct hub *hub = hub_rig_start("mining.switch.return_after", "0s");

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, hub_does(hub, 0, "sha256d"));
    assert_int_equal(hub->line.stage, CHANGE_NONE);
}

static void a_dataset_that_fails_changes_nothing(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    atomic_store(&fake_dataset_broken, true);
    hub_must(hub, "algorithm sealer");
    RUN_UNTIL(hub, hub->line.stage == CHANGE_NONE);
    noted(hub, "the fake dataset is broken");
    double before = done(hub, 0, BLOBBER);
    RUN_UNTIL(hub, done(hub, 0, BLOBBER) > before);
    assert_int_equal(done(hub, 0, SEALER), 0);

    atomic_store(&fake_dataset_broken, false); /* tried anew when asked again */
    hub_must(hub, "algorithm sealer");
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer"));
}

static void what_is_on_trial_stays_so_when_another_change_is_dropped(void **state)
{
    struct hub *hub = hub_rig_start("mining.switch.return_after", "3s");

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, hub->line.stage == CHANGE_TRIAL);
    atomic_store(&fake_dataset_held, true);
    hub_must(hub, "algorithm sealer");
    assert_int_equal(hub->line.stage, CHANGE_PREPARING);
    hub_must(hub, "algorithm sha256d"); /* called off */
    assert_int_equal(hub->line.stage, CHANGE_TRIAL);
    atomic_store(&fake_dataset_held, false);
    RUN_UNTIL(hub, hub_does(hub, 0, "blobber"));
    noted(hub, "no share was accepted");
}

static void a_dataset_that_fails_at_the_start_is_shown_and_tried_again(void **state)
{
    struct hub *hub;

    (void)state;
    atomic_store(&fake_dataset_broken, true);
    hub = hub_rig_start(NULL, NULL);
    RUN_UNTIL(hub, *hub->line.feed.trouble);
    hub_take_snapshot(hub);
    assert_string_equal(hub->snapshot->devices[0].dataset.state, "failed");
    assert_string_equal(hub->snapshot->devices[0].dataset.error, "the fake dataset is broken");
    assert_true(hub->snapshot->devices[0].state != DEVICE_RUN);
    assert_int_equal(hub->snapshot->state, MINING_WAITING);
    atomic_store(&fake_dataset_broken, false);
    hub->line.feed.retry_us = 1; /* half a minute has passed */
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    assert_string_equal(hub->line.feed.trouble, "");
}

/* The devnet's jobs come faster than the full part is tried for. */
static void without_the_full_dataset_that_is_demanded_nothing_is_hashed(void **state)
{
    struct hub *hub;

    (void)state;
    atomic_store(&fake_dataset_full, true);
    atomic_store(&fake_dataset_short, true);
    hub = hub_rig_start("mining.dataset.mode", "full");
    RUN_UNTIL(hub, *hub->line.feed.trouble);
    assert_string_equal(hub->line.feed.trouble, "no room for the fake items");
    hub_rig_run(hub, LONG_US);
    double before = done(hub, 0, BLOBBER);
    struct job *job = hub->line.feed.offered;
    pool_refresh(hub->pool);
    RUN_UNTIL(hub, hub->line.feed.offered != job); /* the job is held by the feed until then */
    hub_rig_run(hub, LONG_US);
    assert_string_equal(hub->line.feed.trouble, "no room for the fake items");
    assert_true(done(hub, 0, BLOBBER) <= before);

    atomic_store(&fake_dataset_short, false);
    hub->line.feed.retry_us = 1; /* half a minute has passed */
    uint64_t first = hub_accepted(hub, 0);
    RUN_UNTIL(hub, hub_accepted(hub, 0) > first);
    RUN_UNTIL(hub,
              hub->line.feed.job && dataset_state(hub->line.feed.job->dataset) == DATASET_FULL);
}

static void the_stratum_server_goes_with_the_default_line(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);
    struct pool *first = hub->pool;

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, hub_does(hub, 0, "sha256d"));
    RUN_UNTIL(hub, pool_serving(hub->pool));
    assert_ptr_not_equal(hub->pool, first);
    assert_false(pool_serving(first));
    assert_string_equal(hub->line.feed.source, "local pool");
    hub_must(hub, "pool off");
    assert_false(pool_serving(hub->pool));
    RUN_UNTIL(hub, !strcmp(hub->line.feed.source, "solo"));
}

static void a_change_while_mining_is_stopped_waits_for_it(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "mining stop");
    hub_must(hub, "algorithm sealer");
    hub_rig_run(hub, LONG_US);
    assert_int_equal(done(hub, 0, SEALER), 0);
    hub_must(hub, "mining start");
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer"));
}

static void there_and_back_tries_no_nonce_twice(void **state)
{
    struct hub *hub = hub_rig_start("pool.devnet.block_interval", "10m");

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0) > 2);
    for (unsigned i = 0; i < 6; i++) {
        hub_must(hub, i % 2 ? "algorithm auto" : "algorithm sealer");
        hub_rig_run(hub, LONG_US);
    }
    RUN_UNTIL(hub, hub->line.stage != CHANGE_PREPARING);
    assert_int_equal(hub_tally_sum(hub->shares, NULL).rejected, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, hub_rig_setup, hub_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(all_devices_stand_in_the_default_line),
        T(devices_go_on_while_a_change_is_prepared),
        T(a_change_can_be_called_off),
        T(nothing_accepted_leads_back),
        T(without_a_limit_it_stays),
        T(a_dataset_that_fails_changes_nothing),
        T(what_is_on_trial_stays_so_when_another_change_is_dropped),
        T(a_dataset_that_fails_at_the_start_is_shown_and_tried_again),
        T(without_the_full_dataset_that_is_demanded_nothing_is_hashed),
        T(the_stratum_server_goes_with_the_default_line),
        T(a_change_while_mining_is_stopped_waits_for_it),
        T(there_and_back_tries_no_nonce_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

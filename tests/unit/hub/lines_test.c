/* SPDX-License-Identifier: MIT */
/* Algorithms at run time: several at once, prepared before they are begun, undone when nothing is
 * accepted. A whole hub on the devnet, with simulated devices and algorithms of a few bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "device/driver.h"
#include "hub/internal.h"
#include "tests/fake/dataset_algo.h"

enum { PATIENCE_S = 60, LONG_US = 300000 };

/* The registries of this test: SHA-256d is there because the simulated devices are far too slow to
 * find anything with it. */
extern const struct algo algo_sha256d;
const struct algo *const algos[] = {&fake_blobber, &fake_sealer, &algo_sha256d, NULL};

static unsigned find_picky(const struct config *config, struct device_info *out, unsigned max)
{
    if (config->mining.gpu.intensity != 7 || !max) /* how a test asks for it */
        return 0;
    *out = (struct device_info){.id = "picky0", .kind = "sim", .threads = 1};
    return 1;
}

static const struct algo_impl *pick_blobber(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    if (algo == &fake_blobber)
        return algo->impls;
    (void)fault_set(why, ERR_CONFIG, "it is made for blobber");
    return NULL;
}

static void scan_slowly(void *state, unsigned index, const struct algo_impl *impl,
                        struct algo_ctx *ctx, struct scan *scan)
{
    (void)state;
    (void)index;
    scan->count = scan->count > 4 ? 4 : scan->count;
    impl->scan(ctx, scan);
    sleep_us(8000);
}

static const struct driver picky = {.name = "picky",
                                    .title = "Picky",
                                    .find = find_picky,
                                    .pick = pick_blobber,
                                    .scan = scan_slowly};
extern const struct driver driver_sim;
const struct driver *const drivers[] = {&driver_sim, &picky, NULL};

/* --- the rig ---------------------------------------------------------------------------------- */

struct rig {
    char dir[64];
    struct config *config;
    struct hub *hub;
};

static struct rig rig;

static struct hub *start(const char *extra_path, const char *extra_value)
{
    struct config_override set[] = {
        {"data.dir", rig.dir, NULL},
        {"mining.algorithm", "blobber", NULL},
        {"mining.enable_cpu", "false", NULL},
        {"pool.address", "127.0.0.1:0", NULL},
        {"pool.devnet.block_interval", "1s", NULL},
        {"api.enable", "false", NULL},
        {extra_path ? extra_path : "app.name", extra_value ? extra_value : "test", NULL},
    };
    struct config_request request = {
        .file = "/dev/null", .overrides = set, .override_count = sizeof set / sizeof *set};
    struct hub_options options = {.log_path = ""};
    struct fault why = {0};

    if (config_load(&request, &rig.config, &why) < 0)
        fail_msg("%s", why.text);
    options.config = rig.config;
    if (hub_new(&options, &rig.hub, &why) < 0)
        fail_msg("%s", why.text);
    hub_begin(rig.hub);
    return rig.hub;
}

static int set_up(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_SIM", "2", 1);
    rig = (struct rig){.dir = "/tmp/otedama-lines-XXXXXX"};
    atomic_store(&fake_dataset_held, false);
    atomic_store(&fake_dataset_broken, false);
    atomic_store(&fake_dataset_full, false);
    atomic_store(&fake_dataset_short, false);
    return mkdtemp(rig.dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    AUTO_FREE char *command = xasprintf("rm -rf %s", rig.dir);

    (void)state;
    atomic_store(&fake_dataset_held, false);
    if (rig.hub)
        (void)hub_free(rig.hub);
    config_unref(rig.config);
    return system(command);
}

static void turn(struct hub *hub)
{
    (void)uv_run(&hub->loop, UV_RUN_NOWAIT);
    sleep_us(1000);
}

/* Runs the loop for a while. */
static void run_for(struct hub *hub, int64_t us)
{
    for (int64_t end = now_us() + us; now_us() < end;)
        turn(hub);
}

#define RUN_UNTIL(hub, condition)                                                                  \
    do {                                                                                           \
        int64_t end_ = now_us() + PATIENCE_S * SECOND_US;                                          \
        while (!(condition)) {                                                                     \
            turn(hub);                                                                             \
            if (now_us() > end_)                                                                   \
                fail_msg("not within %d s: %s", PATIENCE_S, #condition);                           \
        }                                                                                          \
    } while (0)

static struct command_reply command(struct hub *hub, const char *words)
{
    struct command_reply reply;

    hub_command(hub, words, &reply);
    return reply;
}

static void must(struct hub *hub, const char *words)
{
    struct command_reply reply = command(hub, words);

    if (reply.err)
        fail_msg("%s: %s", words, reply.text);
}

static void refused(struct hub *hub, const char *words, const char *part)
{
    struct command_reply reply = command(hub, words);

    assert_true(reply.err < 0);
    if (!strstr(reply.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, reply.text, part);
}

static void noted(const struct hub *hub, const char *part)
{
    if (!strstr(hub->line.note, part))
        fail_msg("the note \"%s\" does not say \"%s\"", hub->line.note, part);
}

static const char *algo_name(const struct hub_device *d)
{
    return d->algo ? d->algo->name : "";
}

/* Does the device hash this, and is it its line's? */
static bool does(const struct hub *hub, unsigned device, const char *name)
{
    const struct hub_device *d = &hub->devices[device];

    return !strcmp(algo_name(d), name) && line_algo(d->line) == d->algo;
}

static uint64_t accepted(const struct hub *hub, unsigned device)
{
    return hub_tally_sum(hub->devices[device].shares, NULL).accepted;
}

static double done(const struct hub *hub, unsigned device, unsigned place)
{
    return hub->devices[device].done[place];
}

enum { BLOBBER, SEALER, SHA256D }; /* places in algos[] */

/* --- tests ------------------------------------------------------------------------------------ */

static void all_devices_stand_in_the_default_line(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0) && accepted(hub, 1));
    RUN_UNTIL(hub, does(hub, 0, "blobber") && does(hub, 1, "blobber"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
    assert_int_equal(hub->snapshot->lines[0].devices, 2);
    assert_string_equal(hub->snapshot->algorithm, "blobber");
    assert_string_equal(hub->snapshot->source, "local pool");
    assert_string_equal(hub->snapshot->devices[0].dataset.state, "light");
}

static void two_devices_do_two_algorithms_at_once(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, does(hub, 0, "sealer"));
    uint64_t first = accepted(hub, 0), second = accepted(hub, 1);
    RUN_UNTIL(hub, accepted(hub, 0) > first + 2 && accepted(hub, 1) > second + 2);
    assert_true(does(hub, 1, "blobber"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 2);
    assert_string_equal(hub->snapshot->lines[1].name, "sim0");
    assert_string_equal(hub->snapshot->lines[1].algo, "sealer");
    assert_string_equal(hub->snapshot->algorithm, "blobber");
    assert_int_equal(hub_tally_sum(hub->shares, NULL).rejected, 0);

    must(hub, "algorithm auto sim0");
    RUN_UNTIL(hub, does(hub, 0, "blobber") && hub->devices[0].line == &hub->line);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
}

static void devices_go_on_while_a_change_is_prepared(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    atomic_store(&fake_dataset_held, true);
    must(hub, "algorithm sealer");
    run_for(hub, LONG_US);
    double before = done(hub, 0, BLOBBER);
    run_for(hub, 2 * LONG_US);
    assert_true(done(hub, 0, BLOBBER) > before);
    assert_true(does(hub, 0, "blobber"));
    assert_int_equal(hub->line.stage, CHANGE_PREPARING);
    hub_take_snapshot(hub);
    assert_string_equal(hub->snapshot->lines[0].next, "sealer");
    assert_true(hub->snapshot->lines[0].next_dataset.making);

    atomic_store(&fake_dataset_held, false);
    RUN_UNTIL(hub, does(hub, 0, "sealer") && does(hub, 1, "sealer"));
    RUN_UNTIL(hub, hub->line.gap_told);
    assert_true(hub->line.gap_us > 0 && hub->line.gap_us < 5 * SECOND_US);
    RUN_UNTIL(hub, hub->line.stage == CHANGE_NONE); /* a share was accepted */
    assert_string_equal(hub->snapshot->switches[0].to, "sealer");
    assert_int_equal(hub->snapshot->switches[0].count, 1);
}

static void a_change_can_be_called_off(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    atomic_store(&fake_dataset_held, true);
    must(hub, "algorithm sealer");
    run_for(hub, LONG_US);
    must(hub, "algorithm auto");
    assert_int_equal(hub->line.stage, CHANGE_NONE);
    atomic_store(&fake_dataset_held, false);
    run_for(hub, LONG_US);
    assert_true(does(hub, 0, "blobber"));
}

static void nothing_accepted_leads_back(void **state)
{
    struct hub *hub = start("mining.switch.return_after", "2s");

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, does(hub, 0, "sha256d"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->lines[0].stage, CHANGE_TRIAL);
    assert_string_equal(hub->snapshot->lines[0].before, "blobber");
    RUN_UNTIL(hub, does(hub, 0, "blobber"));
    noted(hub, "no share was accepted");
    uint64_t before = accepted(hub, 0);
    RUN_UNTIL(hub, accepted(hub, 0) > before);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->switch_count, 2);
    assert_string_equal(hub->snapshot->switches[1].cause, "return");
    assert_true(hub->snapshot->warning_count > 0);
}

static void without_a_limit_it_stays(void **state)
{
    struct hub *hub = start("mining.switch.return_after", "0s");

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, does(hub, 0, "sha256d"));
    assert_int_equal(hub->line.stage, CHANGE_NONE);
}

static void a_dataset_that_fails_changes_nothing(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    atomic_store(&fake_dataset_broken, true);
    must(hub, "algorithm sealer");
    RUN_UNTIL(hub, hub->line.stage == CHANGE_NONE);
    noted(hub, "the fake dataset is broken");
    double before = done(hub, 0, BLOBBER);
    RUN_UNTIL(hub, done(hub, 0, BLOBBER) > before);
    assert_int_equal(done(hub, 0, SEALER), 0);

    atomic_store(&fake_dataset_broken, false); /* tried anew when asked again */
    must(hub, "algorithm sealer");
    RUN_UNTIL(hub, does(hub, 0, "sealer"));
}

static void a_device_that_cannot_be_switched_says_why(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    atomic_store(&fake_dataset_broken, true);
    must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, hub->devices[0].line == &hub->line);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
    assert_non_null(strstr(hub->snapshot->lines[0].note, "sim0: not switched to sealer"));
    assert_non_null(strstr(hub->snapshot->lines[0].note, "the fake dataset is broken"));
}

static void what_is_on_trial_stays_so_when_another_change_is_dropped(void **state)
{
    struct hub *hub = start("mining.switch.return_after", "3s");

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, hub->line.stage == CHANGE_TRIAL);
    atomic_store(&fake_dataset_held, true);
    must(hub, "algorithm sealer");
    assert_int_equal(hub->line.stage, CHANGE_PREPARING);
    must(hub, "algorithm sha256d"); /* called off */
    assert_int_equal(hub->line.stage, CHANGE_TRIAL);
    atomic_store(&fake_dataset_held, false);
    RUN_UNTIL(hub, does(hub, 0, "blobber"));
    noted(hub, "no share was accepted");
}

static void a_dataset_that_fails_at_the_start_is_shown_and_tried_again(void **state)
{
    struct hub *hub;

    (void)state;
    atomic_store(&fake_dataset_broken, true);
    hub = start(NULL, NULL);
    RUN_UNTIL(hub, *hub->line.feed.trouble);
    hub_take_snapshot(hub);
    assert_string_equal(hub->snapshot->devices[0].dataset.state, "failed");
    assert_string_equal(hub->snapshot->devices[0].dataset.error, "the fake dataset is broken");
    assert_true(hub->snapshot->devices[0].state != DEVICE_RUN);
    assert_int_equal(hub->snapshot->state, MINING_WAITING);
    atomic_store(&fake_dataset_broken, false);
    hub->line.feed.retry_us = 1; /* half a minute has passed */
    RUN_UNTIL(hub, accepted(hub, 0));
    assert_string_equal(hub->line.feed.trouble, "");
}

/* The devnet's jobs come faster than the full part is tried for. */
static void without_the_full_dataset_that_is_demanded_nothing_is_hashed(void **state)
{
    struct hub *hub;

    (void)state;
    atomic_store(&fake_dataset_full, true);
    atomic_store(&fake_dataset_short, true);
    hub = start("mining.dataset.mode", "full");
    RUN_UNTIL(hub, *hub->line.feed.trouble);
    assert_string_equal(hub->line.feed.trouble, "no room for the fake items");
    run_for(hub, LONG_US);
    double before = done(hub, 0, BLOBBER);
    struct job *job = hub->line.feed.offered;
    pool_refresh(hub->pool);
    RUN_UNTIL(hub, hub->line.feed.offered != job); /* the job is held by the feed until then */
    run_for(hub, LONG_US);
    assert_string_equal(hub->line.feed.trouble, "no room for the fake items");
    assert_true(done(hub, 0, BLOBBER) <= before);

    atomic_store(&fake_dataset_short, false);
    hub->line.feed.retry_us = 1; /* half a minute has passed */
    uint64_t first = accepted(hub, 0);
    RUN_UNTIL(hub, accepted(hub, 0) > first);
    RUN_UNTIL(hub,
              hub->line.feed.job && dataset_state(hub->line.feed.job->dataset) == DATASET_FULL);
}

static void what_cannot_be_is_refused_with_the_reason(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    refused(hub, "algorithm nonsense", "blobber, sealer, sha256d");
    refused(hub, "algorithm sealer gpu7", "sim0, sim1");
    refused(hub, "algorithm sealer sim0 sim1", "algorithm NAME");
    refused(hub, "algorithm", "algorithm NAME");
    hub->coin_open = false; /* as with a coin that has an algorithm of its own */
    refused(hub, "algorithm sealer", "upstreams");
    assert_int_equal(hub->line.stage, CHANGE_NONE);
}

static void a_device_that_cannot_do_it_is_not_asked_to(void **state)
{
    struct hub *hub = start("mining.gpu.intensity", "7");

    (void)state;
    assert_int_equal(hub->device_count, 3);
    refused(hub, "algorithm sealer", "picky0 cannot do sealer: it is made for blobber");
    refused(hub, "algorithm sealer picky0", "made for blobber");
    must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, does(hub, 0, "sealer") && does(hub, 2, "blobber"));
}

/* --- resuming --------------------------------------------------------------------------------- */

static void says(struct hub *hub, const char *words, const char *part)
{
    struct command_reply reply = command(hub, words);

    if (reply.err || !strstr(reply.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, reply.text, part);
}

static void resuming_a_failed_device_tries_it_again(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_MINING_GPU_INTENSITY", "7", 1);
    struct hub *hub = start("mining.algorithm", "sealer");
    (void)unsetenv("OTEDAMA_MINING_GPU_INTENSITY");
    RUN_UNTIL(hub, does(hub, 0, "sealer") &&
                       device_state(hub->devices[2].device) == DEVICE_FAILED &&
                       *hub->devices[2].error);
    says(hub, "device resume picky0", "is tried again; it had failed: it is made for blobber");
    RUN_UNTIL(hub, device_state(hub->devices[2].device) == DEVICE_FAILED && *hub->devices[2].error);
    says(hub, "device resume all", "0 resumed, 1 that had failed tried again, 0 could not");
}

static void resuming_what_is_not_paused_says_so(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    says(hub, "device resume sim0", "sim0 is not paused");
    says(hub, "device pause sim0", "sim0 paused");
    says(hub, "device resume sim0", "sim0 resumed");
    struct device *device = hub->devices[0].device;
    hub->devices[0].device = NULL; /* as one that could not be opened */
    refused(hub, "device resume sim0", "could not be opened");
    hub->devices[0].device = device;
}

static void devices_have_the_algorithms_of_the_configuration(void **state)
{
    struct hub *hub =
        start("mining.device_algorithms",
              "[{device: sim1, algorithm: sealer}, {device: gpu9, algorithm: sealer}]");

    (void)state;
    RUN_UNTIL(hub, does(hub, 0, "blobber") && does(hub, 1, "sealer"));
    RUN_UNTIL(hub, accepted(hub, 0) && accepted(hub, 1));
    must(hub, "algorithm sha256d all");
    RUN_UNTIL(hub, does(hub, 0, "sha256d") && does(hub, 1, "sha256d"));
    assert_ptr_equal(hub->devices[1].line, &hub->line);
}

static void the_stratum_server_goes_with_the_default_line(void **state)
{
    struct hub *hub = start(NULL, NULL);
    struct pool *first = hub->pool;

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "algorithm sha256d");
    RUN_UNTIL(hub, does(hub, 0, "sha256d"));
    RUN_UNTIL(hub, pool_serving(hub->pool));
    assert_ptr_not_equal(hub->pool, first);
    assert_false(pool_serving(first));
    assert_string_equal(hub->line.feed.source, "local pool");
    must(hub, "pool off");
    assert_false(pool_serving(hub->pool));
    RUN_UNTIL(hub, !strcmp(hub->line.feed.source, "solo"));
}

static void a_change_while_mining_is_stopped_waits_for_it(void **state)
{
    struct hub *hub = start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0));
    must(hub, "mining stop");
    must(hub, "algorithm sealer");
    run_for(hub, LONG_US);
    assert_int_equal(done(hub, 0, SEALER), 0);
    must(hub, "mining start");
    RUN_UNTIL(hub, does(hub, 0, "sealer"));
}

static void there_and_back_tries_no_nonce_twice(void **state)
{
    struct hub *hub = start("pool.devnet.block_interval", "10m");

    (void)state;
    RUN_UNTIL(hub, accepted(hub, 0) > 2);
    for (unsigned i = 0; i < 6; i++) {
        must(hub, i % 2 ? "algorithm auto" : "algorithm sealer");
        run_for(hub, LONG_US);
    }
    RUN_UNTIL(hub, hub->line.stage != CHANGE_PREPARING);
    assert_int_equal(hub_tally_sum(hub->shares, NULL).rejected, 0);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(all_devices_stand_in_the_default_line),
        RIG_TEST(resuming_a_failed_device_tries_it_again),
        RIG_TEST(resuming_what_is_not_paused_says_so),
        RIG_TEST(two_devices_do_two_algorithms_at_once),
        RIG_TEST(devices_go_on_while_a_change_is_prepared),
        RIG_TEST(a_change_can_be_called_off),
        RIG_TEST(nothing_accepted_leads_back),
        RIG_TEST(without_a_limit_it_stays),
        RIG_TEST(a_dataset_that_fails_changes_nothing),
        RIG_TEST(a_device_that_cannot_be_switched_says_why),
        RIG_TEST(what_is_on_trial_stays_so_when_another_change_is_dropped),
        RIG_TEST(a_dataset_that_fails_at_the_start_is_shown_and_tried_again),
        RIG_TEST(without_the_full_dataset_that_is_demanded_nothing_is_hashed),
        RIG_TEST(what_cannot_be_is_refused_with_the_reason),
        RIG_TEST(a_device_that_cannot_do_it_is_not_asked_to),
        RIG_TEST(devices_have_the_algorithms_of_the_configuration),
        RIG_TEST(the_stratum_server_goes_with_the_default_line),
        RIG_TEST(a_change_while_mining_is_stopped_waits_for_it),
        RIG_TEST(there_and_back_tries_no_nonce_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

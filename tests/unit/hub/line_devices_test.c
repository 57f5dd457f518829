/* SPDX-License-Identifier: MIT */
/* Devices and their lines: several algorithms at once, devices that cannot do what is asked,
 * pausing and resuming. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "device/driver.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/hub_rig.h"

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

static void two_devices_do_two_algorithms_at_once(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    hub_must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer"));
    uint64_t first = hub_accepted(hub, 0), second = hub_accepted(hub, 1);
    RUN_UNTIL(hub, hub_accepted(hub, 0) > first + 2 && hub_accepted(hub, 1) > second + 2);
    assert_true(hub_does(hub, 1, "blobber"));
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 2);
    assert_string_equal(hub->snapshot->lines[1].name, "sim0");
    assert_string_equal(hub->snapshot->lines[1].algo, "sealer");
    assert_string_equal(hub->snapshot->algorithm, "blobber");
    assert_int_equal(hub_tally_sum(hub->shares, NULL).rejected, 0);

    hub_must(hub, "algorithm auto sim0");
    RUN_UNTIL(hub, hub_does(hub, 0, "blobber") && hub->devices[0].line == &hub->line);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
}

static void a_device_that_cannot_be_switched_says_why(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    RUN_UNTIL(hub, hub_accepted(hub, 0));
    atomic_store(&fake_dataset_broken, true);
    hub_must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, hub->devices[0].line == &hub->line);
    hub_take_snapshot(hub);
    assert_int_equal(hub->snapshot->line_count, 1);
    assert_non_null(strstr(hub->snapshot->lines[0].note, "sim0: not switched to sealer"));
    assert_non_null(strstr(hub->snapshot->lines[0].note, "the fake dataset is broken"));
}

static void what_cannot_be_is_refused_with_the_reason(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    hub_refuses(hub, "algorithm nonsense", "blobber, sealer, sha256d");
    hub_refuses(hub, "algorithm sealer gpu7", "sim0, sim1");
    hub_refuses(hub, "algorithm sealer sim0 sim1", "algorithm NAME");
    hub_refuses(hub, "algorithm", "algorithm NAME");
    hub->coin_open = false; /* as with a coin that has an algorithm of its own */
    hub_refuses(hub, "algorithm sealer", "upstreams");
    assert_int_equal(hub->line.stage, CHANGE_NONE);
}

static void a_device_that_cannot_do_it_is_not_asked_to(void **state)
{
    struct hub *hub = hub_rig_start("mining.gpu.intensity", "7");

    (void)state;
    assert_int_equal(hub->device_count, 3);
    hub_refuses(hub, "algorithm sealer", "picky0 cannot do sealer: it is made for blobber");
    hub_refuses(hub, "algorithm sealer picky0", "made for blobber");
    hub_must(hub, "algorithm sealer sim0");
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer") && hub_does(hub, 2, "blobber"));
}

static void resuming_a_failed_device_tries_it_again(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_MINING_GPU_INTENSITY", "7", 1);
    struct hub *hub = hub_rig_start("mining.algorithm", "sealer");
    (void)unsetenv("OTEDAMA_MINING_GPU_INTENSITY");
    RUN_UNTIL(hub, hub_does(hub, 0, "sealer") &&
                       device_state(hub->devices[2].device) == DEVICE_FAILED &&
                       *hub->devices[2].error);
    hub_says(hub, "device resume picky0", "is tried again; it had failed: it is made for blobber");
    RUN_UNTIL(hub, device_state(hub->devices[2].device) == DEVICE_FAILED && *hub->devices[2].error);
    hub_says(hub, "device resume all", "0 resumed, 1 that had failed tried again, 0 could not");
}

static void resuming_what_is_not_paused_says_so(void **state)
{
    struct hub *hub = hub_rig_start(NULL, NULL);

    (void)state;
    hub_says(hub, "device resume sim0", "sim0 is not paused");
    hub_says(hub, "device pause sim0", "sim0 paused");
    hub_says(hub, "device resume sim0", "sim0 resumed");
    struct device *device = hub->devices[0].device;
    hub->devices[0].device = NULL; /* as one that could not be opened */
    hub_refuses(hub, "device resume sim0", "could not be opened");
    hub->devices[0].device = device;
}

static void devices_have_the_algorithms_of_the_configuration(void **state)
{
    struct hub *hub =
        hub_rig_start("mining.device_algorithms",
                      "[{device: sim1, algorithm: sealer}, {device: gpu9, algorithm: sealer}]");

    (void)state;
    RUN_UNTIL(hub, hub_does(hub, 0, "blobber") && hub_does(hub, 1, "sealer"));
    RUN_UNTIL(hub, hub_accepted(hub, 0) && hub_accepted(hub, 1));
    hub_must(hub, "algorithm sha256d all");
    RUN_UNTIL(hub, hub_does(hub, 0, "sha256d") && hub_does(hub, 1, "sha256d"));
    assert_ptr_equal(hub->devices[1].line, &hub->line);
}

#define T(name) cmocka_unit_test_setup_teardown(name, hub_rig_setup, hub_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(resuming_a_failed_device_tries_it_again),
        T(resuming_what_is_not_paused_says_so),
        T(two_devices_do_two_algorithms_at_once),
        T(a_device_that_cannot_be_switched_says_why),
        T(what_cannot_be_is_refused_with_the_reason),
        T(a_device_that_cannot_do_it_is_not_asked_to),
        T(devices_have_the_algorithms_of_the_configuration),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

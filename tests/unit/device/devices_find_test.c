/* SPDX-License-Identifier: MIT */
/* Which devices are found, and with what they are opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/share.h"
#include "tests/fake/device_rig.h"

static struct config config;

static void the_cpu_is_found_when_enabled(void **state)
{
    struct device_info info[4];

    (void)state;
    config = (struct config){0};
    assert_int_equal(devices_find(&config, info, 4), 0);
    config.mining.enable_cpu = true;
    assert_int_equal(devices_find(&config, info, 4), 1);
    assert_string_equal(info[0].id, "cpu0");
    assert_int_equal(info[0].number, 1);
    assert_true(info[0].threads >= 1);
    config.mining.cpu.threads = 7;
    assert_int_equal(devices_find(&config, info, 4), 1);
    assert_int_equal(info[0].threads, 7);
}

static void simulated_devices_are_there_only_when_asked_for(void **state)
{
    struct device_info info[4];
    struct job *job = device_rig_job("sha256d", 4);
    struct device *d = NULL;
    struct event ev;

    (void)state;
    config = (struct config){0};
    assert_int_equal(setenv("OTEDAMA_SIM", "2", 1), 0);
    assert_int_equal(devices_find(&config, info, 4), 2);
    assert_string_equal(info[1].id, "sim1");
    assert_int_equal(unsetenv("OTEDAMA_SIM"), 0);
    assert_int_equal(devices_find(&config, info + 2, 2), 0);
    assert_int_equal(device_open(&info[0], &config, &device_rig_generation, NULL, &d, NULL), 0);
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    assert_int_equal(share_check(ev.share, &job->share_target, NULL), 0);
    share_free(ev.share);
    device_free(d);
    job_unref(job);
}

static void an_implementation_the_cpu_lacks_is_refused_at_opening(void **state)
{
    static char abacus[] = "abacus", sha256d_word[] = "sha256d";
    struct device_info info = {.number = 1, .id = "cpu0", .threads = 1, .driver = &driver_cpu};
    struct device *d = NULL;
    struct fault why = {0};

    (void)state;
    config = (struct config){0};
    config.mining.algorithm = sha256d_word;
    config.mining.cpu.impl = abacus;
    assert_int_equal(device_open(&info, &config, &device_rig_generation, NULL, &d, &why),
                     ERR_CONFIG);
    assert_non_null(strstr(why.text, "abacus"));
    assert_null(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cpu_is_found_when_enabled),
        cmocka_unit_test(simulated_devices_are_there_only_when_asked_for),
        cmocka_unit_test(an_implementation_the_cpu_lacks_is_refused_at_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

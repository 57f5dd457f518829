/* SPDX-License-Identifier: MIT */
/* Drivers that lie, skim or fail: what their device tells, and that it is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fake/device_rig.h"

static void scan_lies(void *state, unsigned index, const struct algo_impl *impl,
                      struct algo_ctx *ctx, struct scan *scan)
{
    (void)state;
    (void)index;
    (void)impl;
    (void)ctx;
    scan->done = scan->count;
    scan->found = 1;
    scan->hit[0].nonce = scan->first;
    sleep_us(1000);
}

static const struct algo_impl *pick_none(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    return algo_impl_pick(algo, "none", why);
}

static void a_false_nonce_is_a_hardware_error_and_not_a_share(void **state)
{
    static const struct driver liar = {.name = "liar", .pick = pick_any, .scan = scan_lies};
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&liar, THREADS);
    struct event ev;

    (void)state;
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_HARDWARE_ERROR, &ev, PATIENCE_US));
    assert_false(device_rig_next(d, EV_SHARE_FOUND, &ev, 100000));
    device_free(d);
    job_unref(job);
}

static void a_lane_that_is_tried_completely_says_so_and_waits(void **state)
{
    static const struct driver skimmer = {.name = "skimmer", .pick = pick_any, .scan = scan_skims};
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&skimmer, THREADS);
    struct event ev;

    (void)state;
    job->plan.extranonce2_len = 1;
    job->plan.ntime_max = job->plan.ntime;
    device_rig_publish(d, job);
    for (unsigned i = 0; i < THREADS; i++)
        assert_true(device_rig_next(d, EV_JOB_USED_UP, &ev, PATIENCE_US));
    device_rig_wait_state(d, DEVICE_IDLE);
    assert_false(device_rig_next(d, EV_JOB_USED_UP, &ev, 50000));
    device_free(d);
    job_unref(job);
}

static void a_device_that_cannot_do_the_algorithm_fails(void **state)
{
    static const struct driver unable = {.name = "unable", .pick = pick_none, .scan = scan_skims};
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&unable, THREADS);
    struct event ev;

    (void)state;
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
    assert_true(ev.err < 0);
    assert_int_equal(device_state(d), DEVICE_FAILED);
    device_free(d);
    job_unref(job);
}

static const struct algo_impl *pick_scrypt(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    if (!strcmp(algo->name, "scrypt"))
        return algo_impl_pick(algo, "auto", why);
    (void)fault_set(why, ERR_CONFIG, "only scrypt");
    return NULL;
}

static void a_device_that_failed_does_another_algorithm(void **state)
{
    static const struct driver some = {.name = "some", .pick = pick_scrypt, .scan = scan_skims};
    struct job *first = device_rig_job("sha256d", 200), *second = device_rig_job("scrypt", 200);
    struct device *d = device_rig_open(&some, THREADS);
    struct fault why = {0};
    struct event ev;
    char text[80];

    (void)state;
    assert_false(device_can(d, first->algo, &why));
    assert_string_equal(why.text, "only scrypt");
    assert_true(device_can(d, second->algo, NULL));
    device_rig_publish(d, first);
    assert_true(device_rig_next(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
    device_failure(d, text, sizeof text);
    assert_string_equal(text, "only scrypt");
    device_rig_publish(d, second);
    assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_ptr_equal(ev.algo, second->algo);
    device_free(d);
    job_unref(first);
    job_unref(second);
}

static _Atomic bool works_now;

static const struct algo_impl *pick_when_it_works(void *state, const struct algo *algo,
                                                  struct fault *why)
{
    (void)state;
    return algo_impl_pick(algo, atomic_load(&works_now) ? "auto" : "none", why);
}

static const struct driver moody = {
    .name = "moody", .pick = pick_when_it_works, .scan = scan_skims};

/* Opens a device that has failed at this job, and could do it now. */
static struct device *failed_once(struct job *job)
{
    struct device *d = device_rig_open(&moody, THREADS);
    struct event ev;

    atomic_store(&works_now, false);
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
    device_rig_wait_state(d, DEVICE_FAILED);
    atomic_store(&works_now, true);
    return d;
}

static void a_device_that_failed_is_tried_again_after_a_stop(void **state)
{
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = failed_once(job);
    struct event ev;

    (void)state;
    device_rig_publish(d, NULL);
    device_rig_wait_state(d, DEVICE_IDLE);
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_int_not_equal(device_state(d), DEVICE_FAILED);
    device_free(d);
    job_unref(job);
}

static void a_device_that_failed_is_tried_again_after_a_pause(void **state)
{
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = failed_once(job);
    struct event ev;

    (void)state;
    device_pause(d, true);
    device_pause(d, false);
    assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_int_not_equal(device_state(d), DEVICE_FAILED);
    device_free(d);
    job_unref(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_false_nonce_is_a_hardware_error_and_not_a_share),
        cmocka_unit_test(a_lane_that_is_tried_completely_says_so_and_waits),
        cmocka_unit_test(a_device_that_cannot_do_the_algorithm_fails),
        cmocka_unit_test(a_device_that_failed_does_another_algorithm),
        cmocka_unit_test(a_device_that_failed_is_tried_again_after_a_stop),
        cmocka_unit_test(a_device_that_failed_is_tried_again_after_a_pause),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

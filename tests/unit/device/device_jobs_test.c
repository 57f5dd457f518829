/* SPDX-License-Identifier: MIT */
/* Jobs of a device that come, go and come back: left at once, and no nonce is tried twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fake/device_rig.h"

/* Returns how long the threads held on to a job after another one was published. */
static int64_t leave_us(struct device *d, struct job *old, struct job *new)
{
    device_rig_publish(d, new);
    int64_t began = now_us();
    while (atomic_load(&old->refs) > 1 && now_us() - began < PATIENCE_US)
        sleep_us(50);
    assert_int_equal(atomic_load(&old->refs), 1);
    return now_us() - began;
}

static void a_new_job_replaces_the_old_one(void **state)
{
    static const char *const names[] = {"sha256d", "scrypt"};
    struct device *d = device_rig_open(&driver_cpu, THREADS);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct job *a = device_rig_job(names[i], 200), *b = device_rig_job(names[i], 200);
        int64_t worst = 0;
        device_rig_publish(d, a);
        device_rig_wait_state(d, DEVICE_RUN);
        for (unsigned n = 0; n < 5; n++) {
            sleep_us(20000);
            int64_t us = n % 2 ? leave_us(d, b, a) : leave_us(d, a, b);
            worst = us > worst ? us : worst;
        }
        print_message("%s: old job left within %.1f ms, worst of 5\n", names[i],
                      (double)worst / 1000);
        device_rig_publish(d, NULL);
        device_rig_wait_state(d, DEVICE_IDLE);
        job_unref(a);
        job_unref(b);
    }
    device_free(d);
}

static void a_change_of_algorithm_tells_its_gap_on_every_thread(void **state)
{
    struct job *first = device_rig_job("sha256d", 200), *second = device_rig_job("scrypt", 200);
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    device_rig_publish(d, first);
    assert_true(device_rig_all_hash(d));
    device_rig_publish(d, second);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_true(device_rig_next(d, EV_ALGO_CHANGED, &ev, PATIENCE_US));
        assert_ptr_equal(ev.algo, second->algo);
        assert_true(ev.gap_us >= 0 && ev.gap_us < PATIENCE_US);
    }
    device_free(d);
    job_unref(first);
    job_unref(second);
}

/* Each nonce that a thread tries, in order. */
static _Atomic uint64_t tried_first, tried_twice;
static _Atomic bool tried[4096];

static void scan_marks(void *state, unsigned index, const struct algo_impl *impl,
                       struct algo_ctx *ctx, struct scan *scan)
{
    (void)state;
    (void)index;
    (void)impl;
    (void)ctx;
    scan->done = 1;
    if (scan->target.w[3] && scan->first < 4096 && atomic_exchange(&tried[scan->first], true))
        atomic_fetch_add(&tried_twice, 1);
    if (scan->target.w[3])
        atomic_store(&tried_first, scan->first);
    sleep_us(300);
}

/* Tips of the other source that come one after the other. */
static void publish_tips(struct device *d)
{
    for (uint8_t tip = 1; tip <= 12; tip++) {
        struct job *job = device_rig_job("scrypt", 200);
        memset(job->plan.prevhash, tip, sizeof job->plan.prevhash);
        device_rig_publish(d, job);
        job_unref(job);
        sleep_us(5000); /* so that it is taken */
    }
}

static void wait_for_nonces(uint64_t until)
{
    for (int64_t end = now_us() + PATIENCE_US; atomic_load(&tried_first) < until && now_us() < end;)
        sleep_us(500);
}

static void a_job_that_comes_back_is_gone_on_with(void **state)
{
    static const struct driver marker = {.name = "marker", .pick = pick_any, .scan = scan_marks};
    /* the top word of the target tells the two jobs apart in the scan */
    struct job *first = device_rig_job("sha256d", 8), *second = device_rig_job("scrypt", 200);
    struct device *d = device_rig_open(&marker, 1);
    struct event ev;

    (void)state;
    first->born_us = 1;
    second->born_us = 2;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t before = atomic_load(&tried_first);
        device_rig_publish(d, i == 2 ? NULL : first);
        if (i != 2)
            wait_for_nonces(before + 20);
        device_rig_publish(d, second);
        assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
        publish_tips(d);
    }
    assert_true(atomic_load(&tried_first) > 50);
    assert_int_equal(atomic_load(&tried_twice), 0);
    device_free(d);
    job_unref(first);
    job_unref(second);
}

/* As a pool does that has a new difficulty. */
static void a_job_told_again_under_another_id_is_gone_on_with(void **state)
{
    static const struct driver marker = {.name = "marker", .pick = pick_any, .scan = scan_marks};
    struct device *d = device_rig_open(&marker, 1);

    (void)state;
    atomic_store(&tried_first, 0);
    for (unsigned i = 0; i < 4096; i++)
        atomic_store(&tried[i], false);
    for (unsigned i = 1; i <= 12; i++) { /* more often than there are places */
        struct job *job = device_rig_job("sha256d", 8);
        (void)snprintf(job->id, sizeof job->id, "%x", i);
        device_rig_publish(d, job);
        job_unref(job);
        wait_for_nonces(i * 10);
    }
    assert_true(atomic_load(&tried_first) >= 120);
    assert_int_equal(atomic_load(&tried_twice), 0);
    device_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_job_replaces_the_old_one),
        cmocka_unit_test(a_change_of_algorithm_tells_its_gap_on_every_thread),
        cmocka_unit_test(a_job_that_comes_back_is_gone_on_with),
        cmocka_unit_test(a_job_told_again_under_another_id_is_gone_on_with),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

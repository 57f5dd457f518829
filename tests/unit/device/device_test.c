/* SPDX-License-Identifier: MIT */
/* Threads of a device: what they find and count, pause, closing, and who of them stays idle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/endian.h"
#include "core/share.h"
#include "tests/fake/device_rig.h"

static void shares_found_are_true_and_lanes_do_not_overlap(void **state)
{
    enum { SHARES = 60 };
    struct job *job = device_rig_job("sha256d", 14);
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    struct {
        uint64_t extranonce2, nonce;
    } seen[SHARES];
    struct event ev;

    (void)state;
    device_rig_publish(d, job);
    for (unsigned i = 0; i < SHARES; i++) {
        assert_true(device_rig_next(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
        struct share *s = ev.share;
        seen[i].extranonce2 = le64(s->extranonce2);
        seen[i].nonce = s->nonce;
        assert_int_equal(share_check(s, &job->share_target, NULL), 0);
        assert_int_equal(seen[i].extranonce2 % THREADS, ev.worker);
        assert_memory_equal(s->extranonce1, job->plan.extranonce1, 4);
        for (unsigned k = 0; k < i; k++)
            assert_false(seen[k].extranonce2 == seen[i].extranonce2 &&
                         seen[k].nonce == seen[i].nonce);
        share_free(s);
    }
    assert_true(*device_impl(d));
    device_free(d);
    assert_int_equal(atomic_load(&job->refs), 1);
    job_unref(job);
}

static void hashes_are_counted(void **state)
{
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_true(ev.hashes > 0);
    assert_int_equal(ev.device, 1);
    device_free(d);
    job_unref(job);
}

static void a_paused_device_waits_and_resumes_the_same_job(void **state)
{
    struct job *job = device_rig_job("sha256d", 12);
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    device_rig_publish(d, job);
    assert_true(device_rig_next(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    share_free(ev.share);
    device_pause(d, true);
    assert_int_equal(device_state(d), DEVICE_PAUSED);
    while (device_rig_next(d, EV_SHARE_FOUND, &ev, 300000)) /* what was found before it stopped */
        share_free(ev.share);
    assert_false(device_rig_next(d, EV_HASHES_DONE, &ev, 300000));
    device_pause(d, false);
    assert_true(device_rig_next(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    assert_ptr_equal(ev.share->job, job);
    share_free(ev.share);
    device_free(d);
    job_unref(job);
}

static void closing_a_hashing_device_joins_its_threads(void **state)
{
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&driver_cpu, THREADS);

    (void)state;
    device_rig_publish(d, job);
    device_rig_wait_state(d, DEVICE_RUN);
    int64_t began = now_us();
    device_free(d);
    print_message("closed within %.1f ms\n", (double)(now_us() - began) / 1000);
    assert_int_equal(atomic_load(&job->refs), 1);
    job_unref(job);
}

static void closing_an_idle_device_and_nothing_is_fine(void **state)
{
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    struct job *job = device_rig_job("sha256d", 200);

    (void)state;
    device_rig_publish(d, job); /* possibly never taken */
    device_free(d);
    device_free(NULL);
    assert_int_equal(atomic_load(&job->refs), 1);
    job_unref(job);
}

static unsigned one_thread(void *state, const struct algo *algo, unsigned threads)
{
    (void)state;
    (void)algo;
    return threads ? 1 : 0;
}

static void threads_that_an_algorithm_does_not_want_are_idle(void **state)
{
    static const struct driver few = {
        .name = "few", .pick = pick_any, .scan = scan_skims, .threads = one_thread};
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&few, THREADS);
    struct event ev;

    (void)state;
    job->plan.extranonce2_len = 8; /* never used up */
    device_rig_publish(d, job);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(device_rig_next(d, EV_HASHES_DONE, &ev, PATIENCE_US));
        assert_int_equal(ev.worker, 0);
    }
    device_free(d);
    job_unref(job);
}

static void the_cpu_time_of_hashing_threads_is_measured(void **state)
{
    struct job *job = device_rig_job("sha256d", 200);
    struct device *d = device_rig_open(&driver_cpu, THREADS);
    int64_t ran = 0, cpu = 0;

    (void)state;
    device_rig_publish(d, job);
    for (int64_t end = now_us() + PATIENCE_US; ran < SECOND_US / 2 && now_us() < end;) {
        assert_true(device_cpu_time(d, &ran, &cpu));
        sleep_us(10000);
    }
    assert_true(ran >= SECOND_US / 2);
    assert_true(cpu > 0 && cpu <= ran + SECOND_US / 10);
    device_rig_publish(d, NULL);
    device_rig_wait_state(d, DEVICE_IDLE);
    (void)device_cpu_time(d, &ran, &cpu);
    int64_t still;
    unsigned tries = 0;
    do { /* the last slice of a thread may still have to be counted */
        still = ran;
        sleep_us(100000);
        (void)device_cpu_time(d, &ran, &cpu);
    } while (ran - still >= 50000 && ++tries < 50);
    assert_true(ran - still < 50000); /* waiting is not hashing */
    device_free(d);
    job_unref(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_found_are_true_and_lanes_do_not_overlap),
        cmocka_unit_test(hashes_are_counted),
        cmocka_unit_test(a_paused_device_waits_and_resumes_the_same_job),
        cmocka_unit_test(closing_a_hashing_device_joins_its_threads),
        cmocka_unit_test(closing_an_idle_device_and_nothing_is_fine),
        cmocka_unit_test(threads_that_an_algorithm_does_not_want_are_idle),
        cmocka_unit_test(the_cpu_time_of_hashing_threads_is_measured),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* A device's threads: assignments, new jobs, pause, closing, and the truth of what they report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "core/share.h"
#include "device/device.h"
#include "device/driver.h"

enum { THREADS = 3, PATIENCE_US = 20000000 };

static char sha256d_word[] = "sha256d", auto_word[] = "auto";
static struct config config;
static _Atomic uint32_t generation;

extern const struct driver driver_cpu;

/* One hash in 2^bits meets the target. */
static struct job *job_of(const char *algo, unsigned bits)
{
    struct job *job = job_new(algo_find(algo));
    struct block_plan *plan = &job->plan;

    job->share_target = u256_shr(u256_max(), bits);
    plan->coinb1 = xcalloc(1, 40);
    plan->coinb1_len = 40;
    plan->coinb2 = xcalloc(1, 60);
    plan->coinb2_len = 60;
    plan->extranonce1_len = 4;
    memset(plan->extranonce1, 0xe1, 4);
    plan->extranonce2_len = 4;
    plan->version = 0x20000000;
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = 1700000000;
    plan->ntime_max = plan->ntime + 7200;
    return job;
}

static struct device *open_with(const struct driver *driver, unsigned threads)
{
    struct device_info info = {.number = 1, .id = "test0", .threads = threads, .driver = driver};
    struct device *d = NULL;
    struct fault why = {0};

    config = (struct config){0};
    config.mining.algorithm = sha256d_word;
    config.mining.cpu.impl = auto_word;
    config.mining.cpu.threads = threads; /* else as many as there are cores hash */
    assert_int_equal(device_open(&info, &config, &generation, NULL, &d, &why), 0);
    return d;
}

static void publish(struct device *d, struct job *job)
{
    device_assign(d, job, 0, THREADS);
    atomic_fetch_add_explicit(&generation, 1, memory_order_release);
}

/* The next event of a type; others are dropped. */
static bool next_of(struct device *d, enum event_type type, struct event *ev, int64_t patience_us)
{
    for (int64_t end = now_us() + patience_us; now_us() < end; sleep_us(500))
        while (device_take(d, ev)) {
            if (ev->type == type)
                return true;
            if (ev->type == EV_SHARE_FOUND)
                share_free(ev->share);
        }
    return false;
}

/* Waits until every thread has hashed. */
static bool all_hash(struct device *d)
{
    unsigned hashing = 0, all = (1u << THREADS) - 1;
    struct event ev;

    for (int64_t end = now_us() + PATIENCE_US; hashing != all && now_us() < end;)
        if (next_of(d, EV_HASHES_DONE, &ev, end - now_us()))
            hashing |= 1u << ev.worker;
    if (hashing != all)
        print_message("threads that hash: %#x of %#x\n", hashing, all);
    return hashing == all;
}

static void wait_state(const struct device *d, enum device_state want)
{
    for (int64_t end = now_us() + PATIENCE_US; device_state(d) != want && now_us() < end;)
        sleep_us(500);
    assert_int_equal(device_state(d), want);
}

static void shares_found_are_true_and_lanes_do_not_overlap(void **state)
{
    enum { SHARES = 60 };
    struct job *job = job_of("sha256d", 14);
    struct device *d = open_with(&driver_cpu, THREADS);
    struct {
        uint64_t extranonce2, nonce;
    } seen[SHARES];
    struct event ev;

    (void)state;
    publish(d, job);
    for (unsigned i = 0; i < SHARES; i++) {
        assert_true(next_of(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
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

/* Returns how long the threads held on to a job after another one was published. */
static int64_t leave_us(struct device *d, struct job *old, struct job *new)
{
    publish(d, new);
    int64_t began = now_us();
    while (atomic_load(&old->refs) > 1 && now_us() - began < PATIENCE_US)
        sleep_us(50);
    assert_int_equal(atomic_load(&old->refs), 1);
    return now_us() - began;
}

static void a_new_job_replaces_the_old_one(void **state)
{
    static const char *const names[] = {"sha256d", "scrypt"};
    struct device *d = open_with(&driver_cpu, THREADS);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct job *a = job_of(names[i], 200), *b = job_of(names[i], 200);
        int64_t worst = 0;
        publish(d, a);
        wait_state(d, DEVICE_RUN);
        for (unsigned n = 0; n < 5; n++) {
            sleep_us(20000);
            int64_t us = n % 2 ? leave_us(d, b, a) : leave_us(d, a, b);
            worst = us > worst ? us : worst;
        }
        print_message("%s: old job left within %.1f ms, worst of 5\n", names[i],
                      (double)worst / 1000);
        publish(d, NULL);
        wait_state(d, DEVICE_IDLE);
        job_unref(a);
        job_unref(b);
    }
    device_free(d);
}

static void hashes_are_counted(void **state)
{
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    publish(d, job);
    assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_true(ev.hashes > 0);
    assert_int_equal(ev.device, 1);
    device_free(d);
    job_unref(job);
}

static void a_paused_device_waits_and_resumes_the_same_job(void **state)
{
    struct job *job = job_of("sha256d", 12);
    struct device *d = open_with(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    publish(d, job);
    assert_true(next_of(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    share_free(ev.share);
    device_pause(d, true);
    assert_int_equal(device_state(d), DEVICE_PAUSED);
    while (next_of(d, EV_SHARE_FOUND, &ev, 300000)) /* what was found before it stopped */
        share_free(ev.share);
    assert_false(next_of(d, EV_HASHES_DONE, &ev, 300000));
    device_pause(d, false);
    assert_true(next_of(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    assert_ptr_equal(ev.share->job, job);
    share_free(ev.share);
    device_free(d);
    job_unref(job);
}

static void closing_a_hashing_device_joins_its_threads(void **state)
{
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&driver_cpu, THREADS);

    (void)state;
    publish(d, job);
    wait_state(d, DEVICE_RUN);
    int64_t began = now_us();
    device_free(d);
    print_message("closed within %.1f ms\n", (double)(now_us() - began) / 1000);
    assert_int_equal(atomic_load(&job->refs), 1);
    job_unref(job);
}

static void closing_an_idle_device_and_nothing_is_fine(void **state)
{
    struct device *d = open_with(&driver_cpu, THREADS);
    struct job *job = job_of("sha256d", 200);

    (void)state;
    publish(d, job); /* possibly never taken */
    device_free(d);
    device_free(NULL);
    assert_int_equal(atomic_load(&job->refs), 1);
    job_unref(job);
}

/* --- drivers that misbehave ---------------------------------------------------------------- */

static const struct algo_impl *pick_any(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    return algo_impl_pick(algo, "auto", why);
}

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

static void scan_skims(void *state, unsigned index, const struct algo_impl *impl,
                       struct algo_ctx *ctx, struct scan *scan)
{
    (void)state;
    (void)index;
    (void)impl;
    (void)ctx;
    scan->done = scan->count;
}

static const struct algo_impl *pick_none(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    return algo_impl_pick(algo, "none", why);
}

static void a_false_nonce_is_a_hardware_error_and_not_a_share(void **state)
{
    static const struct driver liar = {.name = "liar", .pick = pick_any, .scan = scan_lies};
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&liar, THREADS);
    struct event ev;

    (void)state;
    publish(d, job);
    assert_true(next_of(d, EV_HARDWARE_ERROR, &ev, PATIENCE_US));
    assert_false(next_of(d, EV_SHARE_FOUND, &ev, 100000));
    device_free(d);
    job_unref(job);
}

static void a_lane_that_is_tried_completely_says_so_and_waits(void **state)
{
    static const struct driver skimmer = {.name = "skimmer", .pick = pick_any, .scan = scan_skims};
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&skimmer, THREADS);
    struct event ev;

    (void)state;
    job->plan.extranonce2_len = 1;
    job->plan.ntime_max = job->plan.ntime;
    publish(d, job);
    for (unsigned i = 0; i < THREADS; i++)
        assert_true(next_of(d, EV_JOB_USED_UP, &ev, PATIENCE_US));
    wait_state(d, DEVICE_IDLE);
    assert_false(next_of(d, EV_JOB_USED_UP, &ev, 50000));
    device_free(d);
    job_unref(job);
}

static void a_device_that_cannot_do_the_algorithm_fails(void **state)
{
    static const struct driver unable = {.name = "unable", .pick = pick_none, .scan = scan_skims};
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&unable, THREADS);
    struct event ev;

    (void)state;
    publish(d, job);
    assert_true(next_of(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
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
    struct job *first = job_of("sha256d", 200), *second = job_of("scrypt", 200);
    struct device *d = open_with(&some, THREADS);
    struct fault why = {0};
    struct event ev;
    char text[80];

    (void)state;
    assert_false(device_can(d, first->algo, &why));
    assert_string_equal(why.text, "only scrypt");
    assert_true(device_can(d, second->algo, NULL));
    publish(d, first);
    assert_true(next_of(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
    device_failure(d, text, sizeof text);
    assert_string_equal(text, "only scrypt");
    publish(d, second);
    assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
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
    struct device *d = open_with(&moody, THREADS);
    struct event ev;

    atomic_store(&works_now, false);
    publish(d, job);
    assert_true(next_of(d, EV_DEVICE_DOWN, &ev, PATIENCE_US));
    wait_state(d, DEVICE_FAILED);
    atomic_store(&works_now, true);
    return d;
}

static void a_device_that_failed_is_tried_again_after_a_stop(void **state)
{
    struct job *job = job_of("sha256d", 200);
    struct device *d = failed_once(job);
    struct event ev;

    (void)state;
    publish(d, NULL);
    wait_state(d, DEVICE_IDLE);
    publish(d, job);
    assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_int_not_equal(device_state(d), DEVICE_FAILED);
    device_free(d);
    job_unref(job);
}

static void a_device_that_failed_is_tried_again_after_a_pause(void **state)
{
    struct job *job = job_of("sha256d", 200);
    struct device *d = failed_once(job);
    struct event ev;

    (void)state;
    device_pause(d, true);
    device_pause(d, false);
    assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
    assert_int_not_equal(device_state(d), DEVICE_FAILED);
    device_free(d);
    job_unref(job);
}

/* --- changing to and fro -------------------------------------------------------------------- */

static void a_change_of_algorithm_tells_its_gap_on_every_thread(void **state)
{
    struct job *first = job_of("sha256d", 200), *second = job_of("scrypt", 200);
    struct device *d = open_with(&driver_cpu, THREADS);
    struct event ev;

    (void)state;
    publish(d, first);
    assert_true(all_hash(d));
    publish(d, second);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_true(next_of(d, EV_ALGO_CHANGED, &ev, PATIENCE_US));
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
        struct job *job = job_of("scrypt", 200);
        memset(job->plan.prevhash, tip, sizeof job->plan.prevhash);
        publish(d, job);
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
    struct job *first = job_of("sha256d", 8), *second = job_of("scrypt", 200);
    struct device *d = open_with(&marker, 1);
    struct event ev;

    (void)state;
    first->born_us = 1;
    second->born_us = 2;
    for (unsigned i = 0; i < 4; i++) {
        uint64_t before = atomic_load(&tried_first);
        publish(d, i == 2 ? NULL : first);
        if (i != 2)
            wait_for_nonces(before + 20);
        publish(d, second);
        assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
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
    struct device *d = open_with(&marker, 1);

    (void)state;
    atomic_store(&tried_first, 0);
    for (unsigned i = 0; i < 4096; i++)
        atomic_store(&tried[i], false);
    for (unsigned i = 1; i <= 12; i++) { /* more often than there are places */
        struct job *job = job_of("sha256d", 8);
        (void)snprintf(job->id, sizeof job->id, "%x", i);
        publish(d, job);
        job_unref(job);
        wait_for_nonces(i * 10);
    }
    assert_true(atomic_load(&tried_first) >= 120);
    assert_int_equal(atomic_load(&tried_twice), 0);
    device_free(d);
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
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&few, THREADS);
    struct event ev;

    (void)state;
    job->plan.extranonce2_len = 8; /* never used up */
    publish(d, job);
    for (unsigned i = 0; i < 5; i++) {
        assert_true(next_of(d, EV_HASHES_DONE, &ev, PATIENCE_US));
        assert_int_equal(ev.worker, 0);
    }
    device_free(d);
    job_unref(job);
}

static void the_cpu_time_of_hashing_threads_is_measured(void **state)
{
    struct job *job = job_of("sha256d", 200);
    struct device *d = open_with(&driver_cpu, THREADS);
    int64_t ran = 0, cpu = 0;

    (void)state;
    publish(d, job);
    for (int64_t end = now_us() + PATIENCE_US; ran < SECOND_US / 2 && now_us() < end;) {
        assert_true(device_cpu_time(d, &ran, &cpu));
        sleep_us(10000);
    }
    assert_true(ran >= SECOND_US / 2);
    assert_true(cpu > 0 && cpu <= ran + SECOND_US / 10);
    publish(d, NULL);
    wait_state(d, DEVICE_IDLE);
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

/* --- finding -------------------------------------------------------------------------------- */

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
    struct job *job = job_of("sha256d", 4);
    struct device *d = NULL;
    struct event ev;

    (void)state;
    config = (struct config){0};
    assert_int_equal(setenv("OTEDAMA_SIM", "2", 1), 0);
    assert_int_equal(devices_find(&config, info, 4), 2);
    assert_string_equal(info[1].id, "sim1");
    assert_int_equal(unsetenv("OTEDAMA_SIM"), 0);
    assert_int_equal(devices_find(&config, info + 2, 2), 0);
    assert_int_equal(device_open(&info[0], &config, &generation, NULL, &d, NULL), 0);
    publish(d, job);
    assert_true(next_of(d, EV_SHARE_FOUND, &ev, PATIENCE_US));
    assert_int_equal(share_check(ev.share, &job->share_target, NULL), 0);
    share_free(ev.share);
    device_free(d);
    job_unref(job);
}

static void an_implementation_the_cpu_lacks_is_refused_at_opening(void **state)
{
    static char abacus[] = "abacus";
    struct device_info info = {.number = 1, .id = "cpu0", .threads = 1, .driver = &driver_cpu};
    struct device *d = NULL;
    struct fault why = {0};

    (void)state;
    config = (struct config){0};
    config.mining.algorithm = sha256d_word;
    config.mining.cpu.impl = abacus;
    assert_int_equal(device_open(&info, &config, &generation, NULL, &d, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "abacus"));
    assert_null(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_found_are_true_and_lanes_do_not_overlap),
        cmocka_unit_test(a_new_job_replaces_the_old_one),
        cmocka_unit_test(hashes_are_counted),
        cmocka_unit_test(a_paused_device_waits_and_resumes_the_same_job),
        cmocka_unit_test(closing_a_hashing_device_joins_its_threads),
        cmocka_unit_test(closing_an_idle_device_and_nothing_is_fine),
        cmocka_unit_test(a_false_nonce_is_a_hardware_error_and_not_a_share),
        cmocka_unit_test(a_lane_that_is_tried_completely_says_so_and_waits),
        cmocka_unit_test(a_device_that_cannot_do_the_algorithm_fails),
        cmocka_unit_test(a_device_that_failed_does_another_algorithm),
        cmocka_unit_test(a_device_that_failed_is_tried_again_after_a_stop),
        cmocka_unit_test(a_device_that_failed_is_tried_again_after_a_pause),
        cmocka_unit_test(a_change_of_algorithm_tells_its_gap_on_every_thread),
        cmocka_unit_test(a_job_that_comes_back_is_gone_on_with),
        cmocka_unit_test(a_job_told_again_under_another_id_is_gone_on_with),
        cmocka_unit_test(threads_that_an_algorithm_does_not_want_are_idle),
        cmocka_unit_test(the_cpu_time_of_hashing_threads_is_measured),
        cmocka_unit_test(the_cpu_is_found_when_enabled),
        cmocka_unit_test(simulated_devices_are_there_only_when_asked_for),
        cmocka_unit_test(an_implementation_the_cpu_lacks_is_refused_at_opening),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Devices under test. */
#include "tests/fake/device_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "core/share.h"

static char sha256d_word[] = "sha256d", auto_word[] = "auto";
static struct config config;
_Atomic uint32_t device_rig_generation;

struct job *device_rig_job(const char *algo, unsigned bits)
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

struct device *device_rig_open(const struct driver *driver, unsigned threads)
{
    struct device_info info = {.number = 1, .id = "test0", .threads = threads, .driver = driver};
    struct device *d = NULL;
    struct fault why = {0};

    config = (struct config){0};
    config.mining.algorithm = sha256d_word;
    config.mining.cpu.impl = auto_word;
    config.mining.cpu.threads = threads; /* else as many as there are cores hash */
    assert_int_equal(device_open(&info, &config, &device_rig_generation, NULL, &d, &why), 0);
    return d;
}

void device_rig_publish(struct device *d, struct job *job)
{
    device_assign(d, job, 0, THREADS);
    atomic_fetch_add_explicit(&device_rig_generation, 1, memory_order_release);
}

bool device_rig_next(struct device *d, enum event_type type, struct event *ev, int64_t patience_us)
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

bool device_rig_all_hash(struct device *d)
{
    unsigned hashing = 0, all = (1u << THREADS) - 1;
    struct event ev;

    for (int64_t end = now_us() + PATIENCE_US; hashing != all && now_us() < end;)
        if (device_rig_next(d, EV_HASHES_DONE, &ev, end - now_us()))
            hashing |= 1u << ev.worker;
    if (hashing != all)
        print_message("threads that hash: %#x of %#x\n", hashing, all);
    return hashing == all;
}

void device_rig_wait_state(const struct device *d, enum device_state want)
{
    for (int64_t end = now_us() + PATIENCE_US; device_state(d) != want && now_us() < end;)
        sleep_us(500);
    assert_int_equal(device_state(d), want);
}

const struct algo_impl *pick_any(void *state, const struct algo *algo, struct fault *why)
{
    (void)state;
    return algo_impl_pick(algo, "auto", why);
}

void scan_skims(void *state, unsigned index, const struct algo_impl *impl, struct algo_ctx *ctx,
                struct scan *scan)
{
    (void)state;
    (void)index;
    (void)impl;
    (void)ctx;
    scan->done = scan->count;
}

/* SPDX-License-Identifier: MIT */
/* Version rolling from end to end: a real device rolls what the pool granted, the client submits
 * the bits, the front accepts and credits each share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "core/event.h"
#include "core/target.h"
#include "device/device.h"
#include "device/driver.h"
#include "front/front.h"
#include "stratum/client.h"

enum { SHARES = 48, VERSION = 0x20000000 };

static const int64_t PATIENCE_US = 60 * SECOND_US;

extern const struct driver driver_cpu;

static char algorithm[] = "sha256d", impl[] = "auto";

struct rig {
    uv_loop_t loop;
    uv_async_t bell;
    struct config config;
    _Atomic uint32_t generation;
    struct front *front;
    struct stratum_client *client;
    struct device *device;
    uint32_t sent_versions[SHARES]; /* of the shares that were submitted */
    unsigned sent, accepted, refused;
    uint8_t published;
    uint8_t tip;   /* of the newest job that the client heard */
    uint32_t mask; /* of the same */
    uint64_t credited;
};

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

/* Every job goes straight to the device. */
static void on_job(void *arg, struct job *job)
{
    struct rig *r = arg;

    device_assign(r->device, job, 0, 1);
    atomic_fetch_add_explicit(&r->generation, 1, memory_order_release);
    r->tip = job->plan.prevhash[0];
    r->mask = job->plan.version_mask;
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct rig *r = arg;

    (void)ticket, (void)ms;
    r->accepted += !err;
    r->refused += err != 0;
    if (err)
        print_message("refused: %s\n", reason);
}

static void take_from_front(struct rig *r)
{
    struct event ev;

    while (front_take(r->front, &ev)) {
        if (ev.type == EV_FRONT_STOPPED)
            continue;
        if (ev.type == EV_FRONT_SHARES) {
            const struct front_shares *shares = ev.p;
            for (unsigned i = 0; i < shares->count; i++)
                r->credited += shares->items[i].count;
        }
        free(ev.p);
    }
}

/* Submits the first SHARES shares; what comes later is let go. */
static void submit(struct rig *r, const struct share *share)
{
    if (r->sent < SHARES && stratum_client_submit(r->client, share) > 0)
        r->sent_versions[r->sent++] = share->version;
}

static void take_from_device(struct rig *r)
{
    struct event ev;

    while (device_take(r->device, &ev)) {
        assert_int_not_equal(ev.type, EV_HARDWARE_ERROR);
        if (ev.type != EV_SHARE_FOUND)
            continue;
        submit(r, ev.share);
        share_free(ev.share);
    }
}

static void publish(struct rig *r, uint32_t mask)
{
    struct job *job = job_new(algo_find(algorithm));
    struct block_plan *plan = &job->plan;

    plan->coinb1 = xcalloc(1, 60);
    plan->coinb1_len = 60;
    plan->coinb2 = xcalloc(1, 90);
    plan->coinb2_len = 90;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->version = VERSION;
    plan->version_mask = mask;
    plan->bits = 0x1d00ffff;
    assert_true(target_from_bits(plan->bits, &job->block_target));
    plan->ntime = plan->ntime_min = wall_s();
    plan->ntime_max = plan->ntime + 7000;
    memset(plan->prevhash, ++r->published, sizeof plan->prevhash);
    job->clean = true;
    front_publish(r->front, job);
    job_unref(job);
}

/* Publishes a job with a mask and waits for SHARES shares that were mined with it. */
static void mine_with(struct rig *r, uint32_t mask)
{
    int64_t end = now_us() + PATIENCE_US;

    publish(r, mask);
    while ((r->tip != r->published || r->mask != mask) && now_us() < end)
        (void)uv_run(&r->loop, UV_RUN_NOWAIT);
    for (int turn = 0; turn < 50; turn++) {
        (void)uv_run(&r->loop, UV_RUN_NOWAIT);
        take_from_device(r); /* of older jobs: let go */
        sleep_us(1000);
    }
    r->sent = r->accepted = r->refused = 0;
    r->credited = 0;
    while ((r->accepted + r->refused < SHARES || r->credited < r->accepted) && now_us() < end) {
        (void)uv_run(&r->loop, UV_RUN_NOWAIT);
        take_from_device(r);
        take_from_front(r);
        sleep_us(200);
    }
}

static unsigned distinct_versions(const struct rig *r)
{
    unsigned distinct = 0;

    for (unsigned i = 0; i < r->sent; i++) {
        unsigned k = 0;
        while (r->sent_versions[k] != r->sent_versions[i])
            k++;
        distinct += k == i;
    }
    return distinct;
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    const struct device_info info = {
        .number = 1, .id = "cpu0", .threads = 1, .driver = &driver_cpu};
    struct fault why = {0};
    char url[96];

    (void)uv_loop_init(&r->loop);
    (void)uv_async_init(&r->loop, &r->bell, on_bell);
    const struct front_options front = {.ports[0].address = "127.0.0.1:0",
                                        .port_count = 1,
                                        .max_connections = 2,
                                        .coin = coin_find("devnet"),
                                        .algo = algo_find(algorithm),
                                        .ports[0].start_difficulty = 5e-6,
                                        .ports[0].min_difficulty = 1e-6,
                                        .ports[0].share_interval_us = SECOND_US / 100,
                                        .bell = &r->bell};
    r->config.mining.algorithm = algorithm;
    r->config.mining.cpu.impl = impl;
    r->config.mining.cpu.threads = 1;
    r->sent = SHARES; /* nothing is sent before mine_with() wants it */
    *state = r;
    if (front_start(&front, &r->front, &why) < 0 ||
        device_open(&info, &r->config, &r->generation, NULL, &r->device, &why) < 0)
        return -1;
    (void)snprintf(url, sizeof url, "stratum+tcp://%s", front_address(r->front));
    const struct stratum_client_options options = {
        .url = url, .user = "rig.1", .algo = algo_find(algorithm), .source = 1};
    const struct stratum_client_events events = {.job = on_job, .answer = on_answer, .arg = r};
    return stratum_client_open(&r->loop, &options, &events, &r->client, &why);
}

static int teardown(void **state)
{
    struct rig *r = *state;

    stratum_client_close(r->client);
    device_free(r->device);
    front_free(r->front);
    uv_close((uv_handle_t *)&r->bell, NULL);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&r->loop);
    free(r);
    return err;
}

/* One connection through masks that grow and shrink: mining.set_version_mask tells of each. */
static void every_granted_bit_is_rolled_and_no_other(void **state)
{
    static const struct {
        uint32_t mask;
        unsigned versions;
    } grants[] = {{0x1fffe000, 16}, {0x00006000, 4}, {0x10000000, 2}, {0, 1}, {0x0e000000, 8}};
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        mine_with(r, grants[i].mask);
        assert_int_equal(r->sent, SHARES);
        assert_int_equal(r->refused, 0);
        assert_int_equal(r->accepted, SHARES);
        assert_int_equal(r->credited, SHARES);
        for (unsigned k = 0; k < SHARES; k++)
            assert_int_equal((r->sent_versions[k] ^ VERSION) & ~grants[i].mask, 0);
        assert_in_range(distinct_versions(r), grants[i].versions / 2 + 1 - (grants[i].versions < 2),
                        grants[i].versions);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_granted_bit_is_rolled_and_no_other, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

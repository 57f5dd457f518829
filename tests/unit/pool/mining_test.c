/* SPDX-License-Identifier: MIT */
/* Client and front together, with real shares: every one found is answered and credited. */
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
#include "base/endian.h"
#include "base/str.h"
#include "core/target.h"
#include "core/work.h"
#include "front/front.h"
#include "stratum/client.h"
#include "tests/fake/hash_algo.h"

struct rig {
    uv_loop_t loop;
    uv_async_t bell;
    struct front *front;
    struct stratum_client *client;
    struct job *job;
    enum client_state state;
    unsigned sent, accepted, stale, other;
    uint64_t credited, blocks;
    double credited_work;
};

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

static void on_job(void *arg, struct job *job)
{
    struct rig *r = arg;

    job_unref(r->job);
    r->job = job_ref(job);
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct rig *r = arg;

    (void)ticket, (void)ms;
    if (!err)
        r->accepted++;
    else if (err == ERR_STALE)
        r->stale++;
    else {
        r->other++;
        print_message("refused: %s\n", reason);
    }
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct rig *r = arg;

    r->state = state;
    if (err)
        print_message("state %d: %s\n", state, reason);
}

static void drain(struct rig *r)
{
    struct event ev;

    while (front_take(r->front, &ev)) {
        if (ev.type == EV_FRONT_SHARES) {
            struct front_shares *shares = ev.p;
            for (unsigned i = 0; i < shares->count; i++) {
                r->credited += shares->items[i].count;
                r->credited_work += shares->items[i].count * shares->items[i].difficulty;
            }
        } else if (ev.type == EV_FRONT_BLOCK) {
            r->blocks++;
            share_free(((struct front_block *)ev.p)->share);
        } else if (ev.type == EV_FRONT_STOPPED) {
            continue;
        }
        free(ev.p);
    }
}

static void turn(struct rig *r)
{
    (void)uv_run(&r->loop, UV_RUN_NOWAIT);
    drain(r);
}

static void publish(struct rig *r, uint8_t tip)
{
    struct job *job = job_new(&fake_easy);
    struct block_plan *plan = &job->plan;

    plan->coinb1 = xcalloc(1, 60);
    plan->coinb1_len = 60;
    plan->coinb2 = xcalloc(1, 90);
    plan->coinb2_len = 90;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->branch_count = 3;
    memset(plan->prevhash, tip, 32);
    plan->version = 0x20000000;
    plan->version_mask = 0x1fffe000;
    plan->bits = 0x1f0fffff; /* about 2^12 hashes a block */
    assert_true(target_from_bits(plan->bits, &job->block_target));
    plan->ntime = plan->ntime_min = wall_s();
    plan->ntime_max = plan->ntime + 7000;
    job->clean = true;
    front_publish(r->front, job);
    job_unref(job);
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    struct fault why = {0};
    char url[96];

    (void)uv_loop_init(&r->loop);
    (void)uv_async_init(&r->loop, &r->bell, on_bell);
    struct front_options front = {.ports[0].address = "[::1]:0",
                                  .port_count = 1,
                                  .max_connections = 8,
                                  .coin = coin_find("devnet"),
                                  .algo = &fake_easy,
                                  .ports[0].start_difficulty = 0.25,
                                  .ports[0].min_difficulty = 0.01,
                                  .ports[0].share_interval_us = SECOND_US / 20,
                                  .bell = &r->bell};
    if (front_start(&front, &r->front, &why) < 0) {
        front.ports[0].address = "127.0.0.1:0"; /* a machine without IPv6 */
        if (front_start(&front, &r->front, &why) < 0)
            return -1;
    }
    (void)snprintf(url, sizeof url, "stratum+tcp://%s", front_address(r->front));
    struct stratum_client_options client = {
        .url = url, .user = "rig.1", .algo = &fake_easy, .source = 1};
    struct stratum_client_events events = {
        .job = on_job, .answer = on_answer, .state = on_state, .arg = r};
    *state = r;
    return stratum_client_open(&r->loop, &client, &events, &r->client, &why);
}

static int teardown(void **state)
{
    struct rig *r = *state;

    front_free(r->front);
    stratum_client_close(r->client);
    uv_close((uv_handle_t *)&r->bell, NULL);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&r->loop);
    job_unref(r->job);
    free(r);
    return err;
}

/* Some nonces of the work; submits what meets the job's target, every third with rolled bits. */
static void mine(struct rig *r, struct work *work)
{
    for (uint32_t nonce = 0; nonce < 400; nonce++) {
        struct share share = {.job = work->job,
                              .extranonce2_len = FRONT_EXTRANONCE2,
                              .extranonce1_len = FRONT_TOLD1,
                              .ntime = work->ntime,
                              .version = work->version,
                              .nonce = nonce};
        if (nonce % 3 == 0)
            share.version |= 0x4000 & work->job->plan.version_mask;
        memcpy(share.extranonce1, work->job->plan.extranonce1, FRONT_TOLD1);
        put_le64(share.extranonce2, work->extranonce2);
        if (share_check(&share, &work->job->share_target, NULL) == 0 &&
            stratum_client_submit(r->client, &share) > 0)
            r->sent++;
    }
}

static void every_share_is_answered_and_credited(void **state)
{
    struct rig *r = *state;
    struct lane lane = {0, 1};
    int64_t start = now_us(), tip_us = start;
    uint8_t tip = 1;

    publish(r, tip);
    while (now_us() - start < 3 * SECOND_US) {
        turn(r);
        if (r->state == CLIENT_READY && r->job) {
            struct work work;
            struct job *job = job_ref(r->job);
            work_first(&work, job, lane);
            do {
                mine(r, &work);
                turn(r);
            } while (r->job == job && work_next(&work, lane) && now_us() - start < 3 * SECOND_US &&
                     now_us() - tip_us < SECOND_US);
            job_unref(job);
        }
        if (now_us() - tip_us > SECOND_US) {
            publish(r, ++tip);
            tip_us = now_us();
            while (r->job->plan.prevhash[0] != tip && now_us() - tip_us < SECOND_US)
                turn(r);
        }
    }
    for (int i = 0;
         i < 2000 && (r->accepted + r->stale + r->other < r->sent || r->credited < r->accepted);
         i++) {
        turn(r);
        sleep_us(1000);
    }
    print_message("%u shares sent, %u accepted, %u stale, %llu blocks\n", r->sent, r->accepted,
                  r->stale, (unsigned long long)r->blocks);
    assert_true(r->sent > 10);
    assert_int_equal(r->other, 0);
    assert_int_equal(r->accepted + r->stale, r->sent);
    assert_int_equal(r->credited, r->accepted);
    assert_true(r->blocks > 0);
    assert_true(r->credited_work > 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_share_is_answered_and_credited, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

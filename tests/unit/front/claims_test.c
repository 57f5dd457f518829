/* SPDX-License-Identifier: MIT */
/* A front whose shares take a dataset to check: what it does with the results that miners claim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/dataset.h"
#include "algo/hasher.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/hex.h"
#include "front/front.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/wire.h"

struct rig {
    struct front_options options;
    struct algo algo;
    struct datasets *datasets, *own; /* the front's; the miner's */
    struct hasher hasher;
    struct front *front;
    struct wire miner;
    struct job *job;
    char job_id[32];
    uint8_t blob[80];
    uint64_t credited;
    unsigned blocks;
};

/* Blocks are anything, or next to nothing. */
static void publish(struct rig *r, bool easy_block)
{
    struct job *job = job_new(&r->algo);
    struct block_plan *plan = &job->plan;

    job->form = &form_devnet_blob;
    plan->coinb1 = xcalloc(1, 50);
    plan->coinb1_len = 50;
    plan->coinb2 = xcalloc(1, 20);
    plan->coinb2_len = 20;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = plan->ntime_max = wall_s();
    job->height = 5;
    job->key.seed_len = 32;
    memset(job->key.seed, 7, 32);
    job->block_target = easy_block ? u256_max() : u256_from_u64(1);
    job->clean = true;
    job_unref(r->job);
    r->job = job;
    front_publish(r->front, job);
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);
    const struct datasets_options sets = {.memory_max = 1 << 20};
    struct fault why = {0};

    r->miner.fd = -1;
    r->algo = fake_blobber;
    r->algo.name = "randomx"; /* spoken about in its dialect */
    r->datasets = datasets_new(&sets);
    r->own = datasets_new(&sets);
    hasher_init(&r->hasher, &r->algo, r->own);
    r->options = (struct front_options){.ports[0].address = "127.0.0.1:0",
                                        .port_count = 1,
                                        .max_connections = 8,
                                        .coin = coin_find("devnet"),
                                        .network = NETWORK_REGTEST,
                                        .algo = &r->algo,
                                        .datasets = r->datasets,
                                        .ports[0].start_difficulty = 1,
                                        .ports[0].min_difficulty = 1,
                                        .ports[0].share_interval_us = 10 * SECOND_US};
    *state = r;
    return front_start(&r->options, &r->front, &why);
}

static int teardown(void **state)
{
    struct rig *r = *state;

    atomic_store(&fake_dataset_held, false);
    wire_close(&r->miner);
    front_free(r->front);
    job_unref(r->job);
    hasher_fini(&r->hasher);
    datasets_free(r->datasets);
    datasets_free(r->own);
    free(r);
    return 0;
}

static void drain(struct rig *r)
{
    struct event ev;

    while (front_take(r->front, &ev)) {
        if (ev.type == EV_FRONT_SHARES) {
            struct front_shares *shares = ev.p;
            for (unsigned i = 0; i < shares->count; i++)
                r->credited += shares->items[i].count;
        } else if (ev.type == EV_FRONT_BLOCK) {
            r->blocks++;
            share_free(((struct front_block *)ev.p)->share);
        }
        if (ev.type != EV_FRONT_STOPPED)
            free(ev.p);
    }
}

static void login(struct rig *r)
{
    uint16_t port = (uint16_t)strtoul(strrchr(front_address(r->front), ':') + 1, NULL, 10);
    const char *line, *blob, *id;

    assert_true(wire_connect(&r->miner, port));
    do {
        sleep_us(10000); /* until the job is there */
        wire_say(&r->miner, "{\"id\":1,\"jsonrpc\":\"2.0\",\"method\":\"login\",\"params\":"
                            "{\"login\":\"me.w1\",\"pass\":\"x\",\"agent\":\"tester\"}}");
        line = wire_line(&r->miner, 2000);
        assert_non_null(line);
    } while (!strstr(line, "\"blob\""));
    blob = strstr(line, "\"blob\":\"") + 8;
    id = strstr(line, "\"job_id\":\"") + 10;
    char hex[161];
    (void)snprintf(hex, sizeof hex, "%.*s", (int)strcspn(blob, "\""), blob);
    assert_true(hex_decode(hex, r->blob, strlen(hex) / 2));
    (void)snprintf(r->job_id, sizeof r->job_id, "%.*s", (int)strcspn(id, "\""), id);
}

static void true_result(struct rig *r, uint32_t nonce, uint8_t hash[32])
{
    struct algo_result result;
    struct fault why = {0};
    const struct algo_input in = {.bytes = r->blob,
                                  .len = job_input_len(r->job),
                                  .nonce_at = job_nonce_at(r->job),
                                  .key = &r->job->key};

    while (hasher_ready(&r->hasher, &r->job->key, &why) < 0)
        sleep_us(1000);
    algo_put_nonce(&r->algo, r->blob, in.nonce_at, nonce);
    assert_int_equal(r->algo.hash(r->hasher.ctx, &in, &result), 0);
    memcpy(hash, result.hash, 32);
}

static void say(struct rig *r, uint32_t nonce, const uint8_t hash[32])
{
    char result[65], text[9];
    const uint8_t bytes[4] = {(uint8_t)nonce, (uint8_t)(nonce >> 8), (uint8_t)(nonce >> 16),
                              (uint8_t)(nonce >> 24)};

    hex_encode(hash, 32, result);
    hex_encode(bytes, 4, text);
    wire_say(&r->miner,
             "{\"id\":77,\"jsonrpc\":\"2.0\",\"method\":\"submit\",\"params\":{\"id\":\"x\","
             "\"job_id\":\"%s\",\"nonce\":\"%s\",\"result\":\"%s\"}}",
             r->job_id, text, result);
}

static void answered(struct rig *r, const char *word)
{
    const char *line = wire_expect(&r->miner, "\"id\":77", 4000);

    if (!line || !strstr(line, word))
        fail_msg("\"%s\" does not say \"%s\"", line ? line : "", word);
}

/* The dataset may still be in preparation: then it is asked again. */
static void begin(struct rig *r, bool easy_block)
{
    uint8_t hash[32];

    publish(r, easy_block);
    login(r);
    true_result(r, 1, hash);
    for (const char *line = "try again"; strstr(line, "try again");) {
        sleep_us(10000);
        say(r, 1, hash);
        line = wire_expect(&r->miner, "\"id\":77", 4000);
        assert_non_null(line);
    }
    drain(r);
}

static void false_claims_end_the_connection(void **state)
{
    struct rig *r = *state;
    const uint8_t wrong[32] = {1};
    uint8_t hash[32];

    begin(r, false);
    say(r, 2, wrong);
    answered(r, "result is wrong");
    true_result(r, 3, hash);
    say(r, 3, hash); /* makes up for it */
    answered(r, "OK");
    for (uint32_t i = 0; i < 9; i++) {
        say(r, 100 + i, wrong);
        answered(r, "result is wrong");
    }
    say(r, 200, wrong);
    assert_true(wire_closed(&r->miner, 2000));
}

static void block_is_reported_whatever_was_claimed(void **state)
{
    struct rig *r = *state;
    const uint8_t wrong[32] = {1};

    begin(r, true);
    unsigned before = r->blocks;
    say(r, 2, wrong);
    answered(r, "result is wrong");
    for (unsigned i = 0; i < 1000 && r->blocks == before; i++) {
        drain(r);
        sleep_us(1000);
    }
    assert_int_equal(r->blocks, before + 1);
}

static void block_waits_for_its_dataset(void **state)
{
    struct rig *r = *state;
    uint8_t hash[32];

    publish(r, true);
    login(r);
    true_result(r, 1, hash);
    atomic_store(&fake_dataset_held, true);
    say(r, 1, hash);
    assert_null(wire_expect(&r->miner, "\"id\":77", 300));
    atomic_store(&fake_dataset_held, false);
    answered(r, "OK");
    drain(r);
    assert_int_equal(r->blocks, 1);
    assert_int_equal(r->credited, 1);
}

static void shares_wait_for_their_dataset(void **state)
{
    struct rig *r = *state;
    uint8_t hash[3][32];

    publish(r, false);
    login(r);
    for (uint32_t i = 0; i < 3; i++)
        true_result(r, i + 1, hash[i]);
    atomic_store(&fake_dataset_held, true);
    for (uint32_t i = 0; i < 3; i++)
        say(r, i + 1, hash[i]);
    assert_null(wire_expect(&r->miner, "\"id\":77", 300));
    atomic_store(&fake_dataset_held, false);
    for (unsigned i = 0; i < 3; i++)
        answered(r, "OK");
    for (unsigned i = 0; i < 3000 && r->credited < 3; i++) {
        drain(r);
        sleep_us(1000);
    }
    assert_int_equal(r->credited, 3);
}

static void a_waiting_share_is_refused_at_the_end(void **state)
{
    struct rig *r = *state;
    uint8_t hash[32];

    publish(r, false);
    login(r);
    true_result(r, 1, hash);
    atomic_store(&fake_dataset_held, true);
    say(r, 1, hash);
    assert_null(wire_expect(&r->miner, "\"id\":77", 300));
    front_stop(r->front);
    answered(r, "prepares its dataset");
}

static void proven_miners_are_believed_when_asked_for(void **state)
{
    struct rig *r = *state;
    const uint8_t low[32] = {2}; /* better than all but a block's */
    struct fault why = {0};
    uint8_t hash[32];
    unsigned believed = 0;

    front_free(r->front);
    r->options.check_percent = 1;
    r->options.proven_after = 3;
    assert_int_equal(front_start(&r->options, &r->front, &why), 0);
    begin(r, false);
    say(r, 2, low);
    answered(r, "result is wrong"); /* too early: and it begins to count anew */
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 10 * round + 10; i < 10 * round + 13; i++) {
            true_result(r, i, hash);
            say(r, i, hash);
            answered(r, "OK");
        }
        say(r, 100 + round, low);
        const char *line = wire_expect(&r->miner, "\"id\":77", 4000);
        assert_non_null(line);
        believed += strstr(line, "OK") != NULL;
    }
    assert_true(believed > 0); /* all by chance wrongly: once in a million */
}

static void everybody_is_checked_by_default(void **state)
{
    struct rig *r = *state;
    const uint8_t low[32] = {2}; /* better than all but a block's */
    uint8_t hash[32];

    begin(r, false);
    for (uint32_t i = 10; i < 14; i++) {
        true_result(r, i, hash);
        say(r, i, hash);
        answered(r, "OK");
    }
    say(r, 100, low);
    answered(r, "result is wrong");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(false_claims_end_the_connection),       T(block_is_reported_whatever_was_claimed),
        T(block_waits_for_its_dataset),           T(shares_wait_for_their_dataset),
        T(a_waiting_share_is_refused_at_the_end), T(proven_miners_are_believed_when_asked_for),
        T(everybody_is_checked_by_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

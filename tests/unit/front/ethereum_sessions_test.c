/* SPDX-License-Identifier: MIT */
/* Sessions of EthereumStratum/2.0.0 outlive their connection, with their logins. */
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
#include "crypto/keccak.h"
#include "tests/fake/front_rig.h"

enum { HEADER = 32, INPUT = 40 };

static int hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    keccak256(in->bytes, in->len, out->hash);
    return 0;
}

/* Spoken about in Ethash's dialects, but quick; every nonce is a share at difficulty 1. */
static const struct algo quick_ethash = {
    .name = "ethash",
    .title = "Keccak in Ethash's place",
    .input_len = INPUT,
    .nonce_at = HEADER,
    .nonce_len = INPUT - HEADER,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
    .hash = hash,
};

static void publish(struct rig *r, uint32_t height)
{
    struct job *job = job_new(&quick_ethash);
    struct block_plan *plan = &job->plan;

    job->form = &form_sealed;
    plan->coinb1 = xcalloc(1, 50);
    plan->coinb1_len = 50;
    plan->coinb2 = xcalloc(1, 20);
    plan->coinb2_len = 20;
    plan->extranonce1_len = FRONT_EXTRANONCE1;
    plan->extranonce2_len = FRONT_EXTRANONCE2;
    memset(plan->prevhash, (int)height, sizeof plan->prevhash);
    plan->bits = 0x1d00ffff;
    plan->ntime = plan->ntime_min = plan->ntime_max = wall_s();
    job->height = job->key.height = height;
    job->clean = true;
    job->block_target = u256_from_u64(1);
    job_unref(r->job);
    r->job = job;
    front_publish(r->front, job);
}

static int setup(void **state)
{
    int err = rig_setup(state);
    struct rig *r = *state;

    r->options.algo = &quick_ethash;
    r->options.ports[0].start_difficulty = r->options.ports[0].min_difficulty = 1;
    return err;
}

static void take(char *to, size_t size, const char *line, const char *before)
{
    const char *at = strstr(line, before);

    if (!at)
        fail_msg("\"%s\" has no %s", line, before);
    at += strlen(before);
    (void)snprintf(to, size, "%.*s", (int)strcspn(at, "\""), at);
}

/* `session` "": a new one. */
static void subscribe(struct rig *r, struct wire *w, const char *session)
{
    char params[80];

    assert_says(rig_ask(r, w, "mining.hello",
                        "{\"agent\":\"tester/1\",\"host\":\"x\",\"port\":\"1\","
                        "\"proto\":\"EthereumStratum/2.0.0\"}"),
                "\"resume\":\"1\",\"timeout\":\"258\",\"maxerrors\":\"5\"");
    (void)snprintf(params, sizeof params, *session ? "\"%s\"" : "[]", session);
    take(r->session, sizeof r->session, rig_ask(r, w, "mining.subscribe", params), "\"result\":\"");
}

/* mining.set comes before the job. */
static void expect_job(struct rig *r)
{
    const char *line = wire_expect(&r->miner, "\"target\"", 5000);

    assert_non_null(line);
    take(r->extranonce1, sizeof r->extranonce1, line, "\"extranonce\":\"");
    line = wire_expect(&r->miner, "mining.notify", 5000);
    assert_non_null(line);
    take(r->job_id, sizeof r->job_id, line, "\"params\":[\"");
}

static void authorize(struct rig *r, const char *user)
{
    char params[64], token[96];

    (void)snprintf(params, sizeof params, "[\"%s\",\"x\"]", user);
    (void)snprintf(token, sizeof token, "\"result\":\"%s\"}", user);
    assert_says(rig_ask(r, &r->miner, "mining.authorize", params), token);
}

static void begin(struct rig *r)
{
    rig_start(r);
    publish(r, 30007);
    assert_true(wire_connect(&r->miner, r->port));
    subscribe(r, &r->miner, "");
    authorize(r, "me.w1");
    expect_job(r);
}

static void lose(struct rig *r)
{
    rig_wait_for(r, r->connections == 1);
    wire_close(&r->miner);
    rig_wait_for(r, r->connections == 0);
}

/* Connects and asks for the session: its former name is in `before`. */
static void come_back(struct rig *r, char before[sizeof r->session])
{
    memcpy(before, r->session, sizeof r->session);
    assert_true(wire_connect(&r->miner, r->port));
    subscribe(r, &r->miner, before);
}

static const char *submit(struct rig *r, const char *token, unsigned nonce)
{
    char params[128];

    (void)snprintf(params, sizeof params, "[\"%s\",\"%010x\",\"%s\"]", r->job_id, nonce, token);
    return rig_ask(r, &r->miner, "mining.submit", params);
}

static void the_first_job_comes_with_all_that_it_needs(void **state)
{
    struct rig *r = *state;

    begin(r);
    assert_int_equal(strlen(r->session), 32);
    lose(r);
    assert_true(wire_connect(&r->miner, r->port));
    subscribe(r, &r->miner, "");
    wire_say(&r->miner, "{\"id\":7,\"method\":\"mining.authorize\",\"params\":[\"me.w1\",\"x\"]}");
    assert_non_null(wire_expect(&r->miner, "\"id\":7", 5000));
    assert_says(wire_line(&r->miner, 5000), "\"algo\":\"ethash\",\"extranonce\":\"");
    assert_says(wire_line(&r->miner, 5000), "\"params\":{\"epoch\":\"1\"}");
    assert_says(wire_line(&r->miner, 5000), "\"mining.notify\"");
}

static void a_lost_session_goes_on_without_a_login(void **state)
{
    struct rig *r = *state;
    char before[sizeof r->session], extranonce1[sizeof r->extranonce1];
    char job[sizeof r->job_id];

    begin(r);
    authorize(r, "me.w2");
    memcpy(extranonce1, r->extranonce1, sizeof extranonce1);
    memcpy(job, r->job_id, sizeof job);
    lose(r);
    publish(r, 30008);
    come_back(r, before);
    assert_string_equal(r->session, before);
    expect_job(r);
    assert_string_equal(r->extranonce1, extranonce1);
    for (unsigned i = 1; i <= 2; i++) {
        char token[8];
        (void)snprintf(token, sizeof token, "me.w%u", i);
        assert_says(submit(r, token, i), "}");
        rig_wait_for(r, r->credited == i);
        assert_string_equal(r->last_user, token);
    }
    assert_says(submit(r, "me.w3", 3), "\"code\":301");
}

/* Its shares of jobs that were told before count, once. */
static void shares_of_the_time_before_count_once(void **state)
{
    struct rig *r = *state;
    char before[sizeof r->session];

    begin(r);
    assert_says(submit(r, "me.w1", 1), "}");
    lose(r);
    come_back(r, before);
    assert_says(submit(r, "me.w1", 1), "duplicate");
    assert_null(strstr(submit(r, "me.w1", 2), "error"));
    rig_wait_for(r, r->credited == 2);
}

static void a_session_is_taken_up_once(void **state)
{
    struct rig *r = *state;
    struct wire *other = xcalloc(1, sizeof *other);
    char before[sizeof r->session];

    r->options.loops = 2;
    begin(r);
    lose(r);
    come_back(r, before);
    assert_string_equal(r->session, before);
    lose(r);
    wire_close(&r->miner);
    assert_true(wire_connect(other, r->port));
    subscribe(r, other, before); /* it was given back by the loss */
    assert_string_equal(r->session, before);
    wire_close(other);
    free(other);
}

static void unknown_sessions_begin_anew_and_must_log_in(void **state)
{
    static const char *const ids[] = {"00", "s-12345", "00000000000000000000000000000000",
                                      "0123456789abcdef0123456789abcdef01"};
    struct rig *r = *state;

    begin(r);
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        wire_close(&r->miner);
        assert_true(wire_connect(&r->miner, r->port));
        subscribe(r, &r->miner, ids[i]);
        assert_int_equal(strlen(r->session), 32);
        assert_string_not_equal(r->session, ids[i]);
        assert_says(submit(r, "me.w1", 9), "\"code\":301");
    }
}

static void who_says_goodbye_does_not_come_back(void **state)
{
    struct rig *r = *state;
    char before[sizeof r->session];

    begin(r);
    rig_wait_for(r, r->connections == 1);
    wire_say(&r->miner, "{\"method\":\"mining.bye\"}");
    assert_true(wire_closed(&r->miner, 5000));
    rig_wait_for(r, r->connections == 0);
    wire_close(&r->miner);
    come_back(r, before);
    assert_string_not_equal(r->session, before);
}

static void success_is_an_answer_without_more(void **state)
{
    struct rig *r = *state;
    char want[32];

    begin(r);
    const char *line = submit(r, "me.w1", 1);
    (void)snprintf(want, sizeof want, "{\"id\":%u}", r->next_id);
    assert_string_equal(line, want);
    line = rig_ask(r, &r->miner, "mining.submit", "[\"ffff\",\"0000000001\",\"me.w1\"]");
    (void)snprintf(want, sizeof want, "{\"id\":%u,\"error\":{\"code\":404,", r->next_id);
    assert_says(line, want);
    assert_says(rig_ask(r, &r->miner, "mining.what", "[]"), "\"error\":{\"code\":405,");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, rig_teardown)
    static const struct CMUnitTest tests[] = {
        T(the_first_job_comes_with_all_that_it_needs),  T(a_lost_session_goes_on_without_a_login),
        T(shares_of_the_time_before_count_once),        T(a_session_is_taken_up_once),
        T(unknown_sessions_begin_anew_and_must_log_in), T(who_says_goodbye_does_not_come_back),
        T(success_is_an_answer_without_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

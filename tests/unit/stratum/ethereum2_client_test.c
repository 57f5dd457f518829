/* SPDX-License-Identifier: MIT */
/* The client's sessions in EthereumStratum/2.0.0, against scripted pools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "algo/algo.h"
#include "base/clock.h"
#include "tests/fake/client_rig.h"

static int setup(void **state)
{
    int err = client_rig_setup(state);
    struct client_rig *r = *state;

    r->scheme = "stratum3+tcp";
    r->user = "addr.rig";
    r->algo = algo_find("ethash");
    r->handshake_us = 10 * SECOND_US;
    return err;
}

static void assert_says(const char *line, const char *word)
{
    if (!strstr(line, word))
        fail_msg("\"%s\" does not say %s", line, word);
}

/* The client connects, asking for the rig's session, and says hello with id 1. */
static void connect_client(struct client_rig *r)
{
    client_rig_connect(r);
    (void)client_rig_expect(r, "mining.hello");
}

static void say_hello(struct client_rig *r, const char *resume)
{
    wire_say(&r->pool,
             "{\"id\":1,\"result\":{\"proto\":\"EthereumStratum/2.0.0\",\"encoding\":\"plain\","
             "\"resume\":\"%s\",\"timeout\":\"b4\",\"maxerrors\":\"5\",\"node\":\"n\"}}",
             resume);
}

static void let_in(struct client_rig *r, const char *session)
{
    wire_say(&r->pool, "{\"id\":2,\"result\":\"%s\"}", session);
    wire_say(&r->pool, "{\"id\":3,\"result\":\"w-1\"}");
    run_until(r, r->state == CLIENT_READY);
}

static void set(struct client_rig *r)
{
    wire_say(&r->pool,
             "{\"method\":\"mining.set\",\"params\":{\"epoch\":\"0\",\"target\":"
             "\"00ff%060d\",\"algo\":\"ethash\",\"extranonce\":\"af4c\"}}",
             0);
}

static void give_job(struct client_rig *r, const char *id)
{
    wire_say(&r->pool, "{\"method\":\"mining.notify\",\"params\":[\"%s\",\"7\",\"%064d\",\"0\"]}",
             id, 5);
    run_until(r, r->job && !strcmp(r->job->id, id));
}

/* A pool with a session "s-1", a job of it, and a connection that ends. */
static void lose_session(struct client_rig *r)
{
    connect_client(r);
    say_hello(r, "1");
    assert_null(strstr(client_rig_expect(r, "mining.subscribe"), "params"));
    let_in(r, "s-1");
    set(r);
    give_job(r, "j1");
    assert_true(stratum_client_session(r->client, &r->resume));
    assert_string_equal(r->resume.id, "s-1");
    client_rig_hang_up(r);
}

static int64_t submit(struct client_rig *r, struct job *job)
{
    const struct share share = {.job = job, .nonce = job->nonce_min + 9};

    return stratum_client_submit(r->client, &share);
}

static bool resumed(const struct client_rig *r)
{
    struct stratum_client_view view;

    stratum_client_view(r->client, &view);
    return view.resumed;
}

/* --- tests ----------------------------------------------------------------------------------- */

/* The pool may leave mining.set away: what it said before holds. */
static void a_resumed_session_keeps_what_it_was_told(void **state)
{
    struct client_rig *r = *state;

    lose_session(r);
    struct u256 target = r->job->share_target;
    connect_client(r);
    say_hello(r, "1");
    assert_says(client_rig_expect(r, "mining.subscribe"), "\"params\":\"s-1\"}");
    let_in(r, "s-1");
    assert_true(resumed(r));
    assert_true(submit(r, r->job) > 0);
    assert_says(client_rig_expect(r, "mining.submit"), "[\"j1\",\"000000000009\",\"w-1\"]");
    give_job(r, "j2");
    assert_int_equal(u256_cmp(&r->job->share_target, &target), 0);
    assert_int_equal(r->job->nonce_min, UINT64_C(0xaf4c000000000000));
}

static void another_name_is_another_session(void **state)
{
    struct client_rig *r = *state;

    lose_session(r);
    connect_client(r);
    say_hello(r, "1");
    (void)client_rig_expect(r, "mining.subscribe");
    let_in(r, "s-2");
    assert_false(resumed(r));
    assert_int_equal(submit(r, r->job), ERR_NO_JOB);
    struct job *before = job_ref(r->job);
    give_job(r, "j2");
    assert_int_equal(r->job->nonce_min, 0);
    assert_true(u256_cmp(&r->job->share_target, &before->share_target) < 0); /* the default */
    job_unref(before);
    assert_true(stratum_client_session(r->client, &r->resume));
    assert_string_equal(r->resume.id, "s-2");
}

static void a_pool_that_cannot_resume_is_not_asked(void **state)
{
    struct client_rig *r = *state;

    lose_session(r);
    connect_client(r);
    say_hello(r, "0");
    assert_null(strstr(client_rig_expect(r, "mining.subscribe"), "params"));
    let_in(r, "s-1");
    assert_false(resumed(r));
    assert_false(stratum_client_session(r->client, &r->resume));
}

static void a_refused_session_is_followed_by_a_new_one(void **state)
{
    struct client_rig *r = *state;

    lose_session(r);
    connect_client(r);
    say_hello(r, "1");
    (void)client_rig_expect(r, "mining.subscribe");
    wire_say(&r->pool, "{\"id\":2,\"error\":{\"code\":404,\"message\":\"no such session\"}}");
    assert_null(strstr(client_rig_expect(r, "mining.subscribe"), "params"));
    wire_say(&r->pool, "{\"id\":3,\"result\":\"w-1\"}");
    wire_say(&r->pool, "{\"id\":4,\"result\":\"s-2\"}");
    run_until(r, r->state == CLIENT_READY);
    assert_false(resumed(r));
}

/* Sent to another server: with the session, or without where that server does not know it. */
static void a_move_says_whether_the_session_goes_along(void **state)
{
    static const char *const rows[][2] = {{"1", "\"params\":\"s-1\""}, {"0", "subscribe\"}"}};
    struct client_rig *r = *state;

    for (unsigned i = 0; i < 2; i++) {
        r->resume = (struct stratum_session){0};
        connect_client(r);
        say_hello(r, "1");
        (void)client_rig_expect(r, "mining.subscribe");
        let_in(r, "s-1");
        struct wire old = r->pool;
        wire_say(&r->pool, "{\"method\":\"mining.reconnect\",\"params\":{\"resume\":\"%s\"}}",
                 rows[i][0]);
        run_until(r, r->state == CLIENT_CONNECTING);
        run_until(r, wire_accept(&r->pool, r->listener));
        wire_close(&old);
        (void)client_rig_expect(r, "mining.hello");
        wire_say(&r->pool, "{\"id\":4,\"result\":{\"proto\":\"EthereumStratum/2.0.0\","
                           "\"resume\":\"1\"}}");
        assert_says(client_rig_expect(r, "mining.subscribe"), rows[i][1]);
        client_rig_hang_up(r);
    }
}

static void an_answer_without_more_is_a_yes(void **state)
{
    struct client_rig *r = *state;

    connect_client(r);
    say_hello(r, "1");
    (void)client_rig_expect(r, "mining.subscribe");
    let_in(r, "s-1");
    set(r);
    give_job(r, "j1");
    assert_true(submit(r, r->job) > 0);
    (void)client_rig_expect(r, "mining.submit");
    wire_say(&r->pool, "{\"id\":4}");
    run_until(r, r->answers == 1);
    assert_int_equal(r->answer, 0);
}

static void compressed_messages_are_not_for_us(void **state)
{
    struct client_rig *r = *state;

    connect_client(r);
    wire_say(&r->pool, "{\"id\":1,\"result\":{\"proto\":\"EthereumStratum/2.0.0\","
                       "\"encoding\":\"gzip\",\"resume\":\"1\"}}");
    run_until(r, r->state == CLIENT_CLOSED);
    assert_says(r->reason, "compressed");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, client_rig_teardown)
    static const struct CMUnitTest tests[] = {
        T(a_resumed_session_keeps_what_it_was_told),
        T(another_name_is_another_session),
        T(a_pool_that_cannot_resume_is_not_asked),
        T(a_refused_session_is_followed_by_a_new_one),
        T(a_move_says_whether_the_session_goes_along),
        T(an_answer_without_more_is_a_yes),
        T(compressed_messages_are_not_for_us),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

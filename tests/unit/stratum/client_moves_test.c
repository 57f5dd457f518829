/* SPDX-License-Identifier: MIT */
/* Where the Stratum client goes when its pool sends it away, and sessions that it takes up again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/client_rig.h"

static void reconnect_to_strangers_is_refused(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":"
                       "[\"pool.evil.example\",3333,0]}");
    run_until(r, r->message[0]);
    assert_non_null(strstr(r->message, "refused"));
    assert_int_equal(r->state, CLIENT_READY);
    client_rig_give_job(r, "j1");
}

static void reconnect_to_the_same_host_is_followed(void **state)
{
    struct client_rig *r = *state;
    struct wire old;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_int_equal(client_rig_submit(r, r->job), 1);
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[]}");
    run_until(r, r->state == CLIENT_CONNECTING);
    assert_int_equal(r->answer, ERR_CLOSED);
    old = r->pool;
    run_until(r, wire_accept(&r->pool, r->listener));
    wire_close(&old);
    (void)client_rig_expect(r, "mining.subscribe");
}

static void ask_to_move(struct client_rig *r, const char *params)
{
    r->message[0] = 0;
    wire_say(&r->pool, "{\"id\":null,\"method\":\"client.reconnect\",\"params\":%s}", params);
}

static void expect_message(struct client_rig *r, const char *word)
{
    run_until(r, r->message[0]);
    if (!strstr(r->message, word))
        fail_msg("\"%s\" does not say \"%s\"", r->message, word);
    assert_int_equal(r->state, CLIENT_READY);
}

static void reconnect_is_refused_where_the_owner_says_so(void **state)
{
    struct client_rig *r = *state;

    r->move_refused = "it is another pool's address";
    client_rig_welcome(r);
    ask_to_move(r, "[]");
    expect_message(r, "another pool's address");
}

static void reconnect_is_never_followed_by_that_setting(void **state)
{
    struct client_rig *r = *state;

    client_rig_open(r, "127.0.0.1", RECONNECT_NEVER);
    run_until(r, wire_accept(&r->pool, r->listener));
    client_rig_greet(r);
    ask_to_move(r, "[]");
    expect_message(r, "never");
}

static void reconnect_anywhere_is_followed_by_that_setting(void **state)
{
    struct client_rig *r = *state;
    char params[64];

    client_rig_open(r, "localhost", RECONNECT_ANY);
    run_until(r, wire_accept(&r->pool, r->listener));
    client_rig_greet(r);
    (void)snprintf(params, sizeof params, "[\"127.0.0.1\",%u]", r->port);
    ask_to_move(r, params);
    run_until(r, r->state == CLIENT_CONNECTING);
    assert_non_null(strstr(r->reason, "127.0.0.1"));
}

static void unusable_addresses_to_reconnect_to_are_refused(void **state)
{
    static const char *const params[] = {"[\"a b\",1]", "[\"127.0.0.1\",0]",
                                         "[\"127.0.0.1\",70000]", "[\"127.0.0.1\",1.5]",
                                         "[\"127.0.0.1\",\"x\"]"};
    struct client_rig *r = *state;

    client_rig_welcome(r);
    for (unsigned i = 0; i < sizeof params / sizeof *params; i++) {
        ask_to_move(r, params[i]);
        expect_message(r, "usable address");
    }
}

static void the_fourth_reconnect_is_refused(void **state)
{
    struct client_rig *r = *state;

    client_rig_welcome(r);
    for (unsigned i = 0; i < 3; i++) {
        struct wire old;
        ask_to_move(r, "[]");
        run_until(r, r->state == CLIENT_CONNECTING);
        old = r->pool;
        run_until(r, wire_accept(&r->pool, r->listener));
        wire_close(&old);
        (void)client_rig_expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":%u,\"result\":[[],\"0b6fadc8\",8],\"error\":null}", 6 + 4 * i);
        wire_say(&r->pool, "{\"id\":%u,\"result\":true,\"error\":null}", 7 + 4 * i);
        run_until(r, r->state == CLIENT_READY);
    }
    ask_to_move(r, "[]");
    expect_message(r, "three times");
}

static void a_resumed_session_takes_shares_of_its_earlier_jobs(void **state)
{
    struct client_rig *r = *state;
    struct stratum_client_view view;

    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    assert_true(stratum_client_session(r->client, &r->resume));
    assert_string_equal(r->resume.id, "s");
    client_rig_hang_up(r);

    client_rig_connect(r);
    assert_non_null(
        strstr(client_rig_expect(r, "mining.subscribe"), "\"params\":[\"test/1\",\"s\"]"));
    client_rig_greet(r);
    stratum_client_view(r->client, &view);
    assert_true(view.resumed);
    assert_true(client_rig_submit(r, r->job) > 0);
    (void)client_rig_expect(r, "\"j1\"");
}

static void another_extranonce_is_another_session(void **state)
{
    struct client_rig *r = *state;
    struct stratum_client_view view;

    r->resume = (struct stratum_session){
        .id = "s", .extranonce1 = {1, 2, 3, 4}, .extranonce1_len = 4, .extranonce2_len = 8};
    client_rig_welcome(r);
    client_rig_give_job(r, "j1");
    stratum_client_view(r->client, &view);
    assert_false(view.resumed);
    struct job *earlier = job_copy(r->job);
    memcpy(earlier->plan.extranonce1, r->resume.extranonce1, 4);
    assert_int_equal(client_rig_submit(r, earlier), ERR_NO_JOB);
    job_unref(earlier);
}

static void a_pool_that_refuses_to_resume_is_asked_for_a_new_session(void **state)
{
    struct client_rig *r = *state;

    r->resume = (struct stratum_session){.id = "s", .extranonce1_len = 4, .extranonce2_len = 8};
    client_rig_connect(r);
    (void)client_rig_expect(r, "mining.extranonce.subscribe");
    wire_say(&r->pool, "{\"id\":2,\"result\":null,\"error\":[20,\"no such session\",null]}");
    assert_non_null(strstr(client_rig_expect(r, "mining.subscribe"), "\"params\":[\"test/1\"]"));
    wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
    wire_say(&r->pool, "{\"id\":5,\"result\":[[],\"0b6fadc8\",8],\"error\":null}");
    run_until(r, r->state == CLIENT_READY);
}

static void odd_subscriptions_give_no_session(void **state)
{
    static const char *const rows[] = {"null",    "[]",    "[[\"mining.notify\",7]]",
                                       "[[1,2]]", "\"x\"", "[[\"mining.set_difficulty\",\"s\"]]"};
    struct client_rig *r = *state;
    struct stratum_session session;

    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        client_rig_connect(r);
        (void)client_rig_expect(r, "mining.extranonce.subscribe");
        wire_say(&r->pool, "{\"id\":2,\"result\":[%s,\"0b6fadc8\",8],\"error\":null}", rows[i]);
        wire_say(&r->pool, "{\"id\":3,\"result\":true,\"error\":null}");
        run_until(r, r->state == CLIENT_READY);
        assert_false(stratum_client_session(r->client, &session));
        client_rig_hang_up(r);
    }
}

#define T(name) cmocka_unit_test_setup_teardown(name, client_rig_setup, client_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(reconnect_to_strangers_is_refused),
        T(reconnect_to_the_same_host_is_followed),
        T(reconnect_is_refused_where_the_owner_says_so),
        T(reconnect_is_never_followed_by_that_setting),
        T(reconnect_anywhere_is_followed_by_that_setting),
        T(unusable_addresses_to_reconnect_to_are_refused),
        T(the_fourth_reconnect_is_refused),
        T(a_resumed_session_takes_shares_of_its_earlier_jobs),
        T(another_extranonce_is_another_session),
        T(a_pool_that_refuses_to_resume_is_asked_for_a_new_session),
        T(odd_subscriptions_give_no_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

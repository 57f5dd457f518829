/* SPDX-License-Identifier: MIT */
/* Sessions that outlive their connection, and several loops on one port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "core/target.h"
#include "tests/fake/front_rig.h"
#include "tests/fake/hash_algo.h"

/* The connection goes without a word; the front must have seen it, or the session still lives. */
static void lose(struct rig *r)
{
    rig_wait_for(r, r->connections == 1);
    wire_close(&r->miner);
    rig_wait_for(r, r->connections == 0);
}

static void come_back(struct rig *r)
{
    char session[sizeof r->session];

    memcpy(session, r->session, sizeof session);
    assert_true(wire_connect(&r->miner, r->port));
    rig_subscribe_to(r, &r->miner, session);
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\"me.w1\",\"x\"]"), "true");
}

static void a_lost_session_goes_on(void **state)
{
    struct rig *r = *state;
    char extranonce1[sizeof r->extranonce1], session[sizeof r->session];

    rig_begin(r);
    uint32_t nonce = rig_good_nonce(r, 1, 0x20000000);
    memcpy(extranonce1, r->extranonce1, sizeof extranonce1);
    memcpy(session, r->session, sizeof session);
    lose(r);
    come_back(r);
    assert_string_equal(r->extranonce1, extranonce1);
    assert_string_equal(r->session, session);
    /* of a job that was told on the connection before */
    assert_says(rig_submit(r, "me.w1", 1, nonce, ""), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == 0.0625);
}

static void its_difficulty_and_job_are_told_again(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    lose(r);
    r->difficulty = 0;
    come_back(r);
    rig_expect_job(r);
    assert_true(r->difficulty == 0.0625);
    assert_says(rig_submit_good(r, "me.w1", 2), "\"result\":true");
}

/* Hashes that it kept back must not become shares by asking for less after coming back. */
static void coming_back_does_not_lower_a_jobs_difficulty(void **state)
{
    struct rig *r = *state;
    char session[sizeof r->session], first[sizeof r->job_id];

    rig_begin(r);
    struct u256 hard = target_from_difficulty(&fake_easy.diff1, r->difficulty);
    struct u256 easy = target_from_difficulty(&fake_easy.diff1, 0.01);
    uint32_t kept = rig_grind(r, r->job, 7, 0x20000000, &easy, &hard);
    memcpy(first, r->job_id, sizeof first);
    memcpy(session, r->session, sizeof session);
    lose(r);
    assert_true(wire_connect(&r->miner, r->port));
    rig_subscribe_to(r, &r->miner, session);
    assert_says(rig_ask(r, &r->miner, "mining.authorize", "[\"me.w1\",\"d=0.01\"]"), "true");
    rig_expect_job(r);
    assert_true(r->difficulty == 0.01);
    assert_true(!strncmp(r->job_id, first, strlen(first)) && strcmp(r->job_id, first) != 0);
    assert_says(rig_submit_good(r, "me.w1", 8), "true");
    memcpy(r->job_id, first, sizeof first);
    assert_says(rig_submit(r, "me.w1", 7, kept, ""), "[23,");
}

static void no_share_counts_twice_by_coming_back(void **state)
{
    struct rig *r = *state;

    r->options.loops = 4; /* it comes back to another one, as often as not */
    rig_begin(r);
    uint32_t nonce = rig_good_nonce(r, 1, 0x20000000);
    assert_says(rig_submit(r, "me.w1", 1, nonce, ""), "\"result\":true");
    for (unsigned i = 0; i < 3; i++) {
        lose(r);
        come_back(r);
        assert_says(rig_submit(r, "me.w1", 1, nonce, ""), "duplicate");
    }
    rig_wait_for(r, r->credited == 1);
}

/* The session of a miner that is there; the rig goes on to note those of others. */
static void begin_noted(struct rig *r, char extranonce1[sizeof r->extranonce1],
                        char session[sizeof r->session])
{
    rig_begin(r);
    memcpy(extranonce1, r->extranonce1, sizeof r->extranonce1);
    memcpy(session, r->session, sizeof r->session);
}

static void the_old_connection_goes_when_its_miner_comes_back(void **state)
{
    struct rig *r = *state;
    struct wire *other = xcalloc(1, sizeof *other);
    char extranonce1[sizeof r->extranonce1], session[sizeof r->session];

    begin_noted(r, extranonce1, session);
    assert_true(wire_connect(other, r->port));
    rig_subscribe_to(r, other, session); /* while the first seems to live */
    assert_string_equal(r->extranonce1, extranonce1);
    assert_true(wire_closed(&r->miner, 5000));
    wire_close(other);
    free(other);
}

/* With four loops it is another one three times out of four. What it says behind the subscription,
 * whole lines and a part of one, waits with it. */
static void it_goes_on_whichever_loop_it_comes_back_to(void **state)
{
    struct rig *r = *state;
    struct wire *w = xcalloc(2, sizeof *w);
    char extranonce1[sizeof r->extranonce1], session[sizeof r->session];

    r->options.loops = 4;
    begin_noted(r, extranonce1, session);
    for (unsigned i = 0; i < 16; i++) {
        struct wire *before = i ? &w[(i + 1) % 2] : &r->miner, *now = &w[i % 2];
        assert_true(wire_connect(now, r->port));
        char said[512];
        int len =
            snprintf(said, sizeof said,
                     "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[\"t\",\"%s\"]}\n"
                     "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"me.w1\",\"x\"]}\n"
                     "{\"id\":3,\"method\":\"mining.p",
                     session);
        assert_true(wire_send(now, said, (size_t)len));
        wire_say(now, "ing\",\"params\":[]}");
        const char *line = wire_expect(now, "{\"id\":1,", 10000);
        assert_non_null(line);
        assert_says(line, session);
        assert_says(line, extranonce1);
        assert_non_null(wire_expect(now, "{\"id\":2,", 10000));
        assert_non_null(wire_expect(now, "{\"id\":3,", 10000));
        assert_true(wire_closed(before, 5000));
        wire_close(before);
    }
    rig_wait_for(r, r->connections == 1);
    wire_close(&w[1]);
    free(w);
}

static void nobody_gets_a_session_by_chance(void **state)
{
    struct rig *r = *state;
    struct wire *other = xcalloc(1, sizeof *other);
    char extranonce1[sizeof r->extranonce1], session[sizeof r->session];

    begin_noted(r, extranonce1, session);
    session[0] = session[0] == '0' ? '1' : '0';
    assert_true(wire_connect(other, r->port));
    rig_subscribe_to(r, other, session); /* nearly its id */
    assert_string_not_equal(r->extranonce1, extranonce1);
    assert_string_not_equal(r->session, session);
    wire_close(other);
    free(other);
}

static void unknown_sessions_begin_anew(void **state)
{
    static const char *const ids[] = {"00", "zz", "00000000000000000000000000000000",
                                      "0123456789abcdef0123456789abcdef0123456789abcdef"};
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
        char extranonce1[sizeof r->extranonce1];
        memcpy(extranonce1, r->extranonce1, sizeof extranonce1);
        wire_close(&r->miner);
        assert_true(wire_connect(&r->miner, r->port));
        rig_subscribe_to(r, &r->miner, ids[i]);
        assert_string_not_equal(r->extranonce1, extranonce1);
    }
}

enum { MANY = 24 };

static void several_loops_serve_one_port(void **state)
{
    struct rig *r = *state;
    struct wire *w = xcalloc(MANY, sizeof *w);
    char extranonce1[MANY][sizeof r->extranonce1];

    r->options.loops = 4;
    rig_begin(r);
    for (unsigned i = 0; i < MANY; i++) {
        assert_true(wire_connect(&w[i], r->port));
        rig_subscribe(r, &w[i]);
        memcpy(extranonce1[i], r->extranonce1, sizeof extranonce1[i]);
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(extranonce1[i], extranonce1[k]);
        assert_says(rig_ask(r, &w[i], "mining.authorize", "[\"me.w1\",\"x\"]"), "true");
        assert_non_null(wire_expect(&w[i], "mining.notify\",\"params\"", 5000));
    }
    rig_wait_for(r, r->connections == MANY + 1);
    rig_publish(r, 2, true, false);
    for (unsigned i = 0; i < MANY; i++)
        assert_non_null(wire_expect(&w[i], "mining.notify\",\"params\"", 5000));
    for (unsigned i = 0; i < MANY; i++)
        wire_close(&w[i]);
    rig_wait_for(r, r->connections == 1);
    free(w);
}

static void the_limit_holds_for_all_loops_together(void **state)
{
    struct rig *r = *state;
    struct wire *w = xcalloc(9, sizeof *w);

    r->options.loops = 4;
    r->options.max_connections = 8;
    rig_start(r);
    for (unsigned i = 0; i < 8; i++) {
        assert_true(wire_connect(&w[i], r->port));
        rig_subscribe(r, &w[i]);
    }
    assert_true(wire_connect(&w[8], r->port));
    assert_non_null(wire_expect(&w[8], "the pool is full", 5000));
    for (unsigned i = 0; i < 9; i++)
        wire_close(&w[i]);
    free(w);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)
    static const struct CMUnitTest tests[] = {
        T(a_lost_session_goes_on),
        T(its_difficulty_and_job_are_told_again),
        T(coming_back_does_not_lower_a_jobs_difficulty),
        T(the_old_connection_goes_when_its_miner_comes_back),
        T(it_goes_on_whichever_loop_it_comes_back_to),
        T(no_share_counts_twice_by_coming_back),
        T(nobody_gets_a_session_by_chance),
        T(unknown_sessions_begin_anew),
        T(several_loops_serve_one_port),
        T(the_limit_holds_for_all_loops_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

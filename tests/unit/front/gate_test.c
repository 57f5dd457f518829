/* SPDX-License-Identifier: MIT */
/* The guard at work: a front on loopback, whose visitors come from 127.0.0.2 and so on, and what
 * each kind of offence leads to. The rig's own miner is the honest neighbour at 127.0.0.1. */
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
#include "tests/fake/front_rig.h"

static const struct guard_limits limits = {.ban_ms = 60000,
                                           .ban_max_ms = 3600000,
                                           .limit_loopback = true,
                                           .min_shares = 20,
                                           .invalid_percent = 50,
                                           .duplicate_percent = 50,
                                           .refused_logins = 3};

static struct wire visitor;

static int setup(void **state)
{
    (void)rig_setup(state);
    struct rig *r = *state;
    r->options.guard = guard_new(&limits);
    visitor.fd = -1;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    struct guard *guard = r->options.guard;

    wire_close(&visitor);
    (void)rig_teardown(state);
    guard_free(guard);
    return 0;
}

static void begin_with(struct rig *r, const struct guard_limits *l)
{
    guard_set_limits(r->options.guard, l);
    rig_begin(r);
}

/* The front is alive, and the neighbour is not held to account for others. */
static void check_neighbour(struct rig *r)
{
    static uint64_t extranonce2;

    assert_says(rig_submit_good(r, "me.w1", ++extranonce2), "\"result\":true");
}

static void expect_refusal(struct rig *r, uint8_t host, const char *words, enum cause cause)
{
    uint64_t before = r->causes[cause];

    assert_true(wire_connect_from(&visitor, host, r->port));
    const char *line = wire_line(&visitor, 15000);
    assert_non_null(line);
    assert_says(line, words);
    assert_true(wire_closed(&visitor, 15000));
    wire_close(&visitor);
    rig_wait_for(r, r->causes[cause] > before);
}

static void expect_cut(struct rig *r, const char *words, enum cause cause)
{
    if (words)
        assert_non_null(wire_expect(&visitor, words, 15000));
    assert_true(wire_closed(&visitor, 15000));
    wire_close(&visitor);
    rig_wait_for(r, r->causes[cause] >= 1);
}

static void expect_ban(struct rig *r, uint8_t host, enum cause cause)
{
    char text[PEER_MAX], want[32];

    rig_wait_for(r, r->bans == 1);
    prefix_format(&r->ban.network, text);
    (void)snprintf(want, sizeof want, "127.0.0.%u", host);
    assert_string_equal(text, want);
    assert_int_equal(r->ban.cause, cause);
    expect_refusal(r, host, "your IP is banned", CAUSE_BANNED);
}

static void visit(struct rig *r, uint8_t host)
{
    assert_true(wire_connect_from(&visitor, host, r->port));
}

static void visit_and_subscribe(struct rig *r, struct wire *w, uint8_t host)
{
    assert_true(wire_connect_from(w, host, r->port));
    assert_true(wire_say(w, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"));
    assert_non_null(wire_expect(w, "\"id\":1", 15000));
}

/* --- connections -------------------------------------------------------------------------------
 */

static void an_address_is_full(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;
    struct wire *second = xcalloc(1, sizeof *second);

    l.per_address = 1;
    begin_with(r, &l);
    visit_and_subscribe(r, second, 2);
    expect_refusal(r, 2, "its address has all connections it may have\"", CAUSE_ADDRESS);
    check_neighbour(r);
    wire_close(second);
    free(second);
}

static void a_network_is_full(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;

    l.per_prefix = 1;
    begin_with(r, &l);
    expect_refusal(r, 2, "its network has all connections", CAUSE_PREFIX);
    check_neighbour(r);
}

static void a_full_pool_counts_its_refusals(void **state)
{
    struct rig *r = *state;

    r->options.max_connections = 1;
    rig_begin(r);
    expect_refusal(r, 2, "the pool is full", CAUSE_FULL);
    check_neighbour(r);
}

static void loopback_has_no_limits_unless_asked(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;

    l.limit_loopback = false;
    l.per_address = l.per_prefix = l.lines_per_second = l.refused_logins = 1;
    begin_with(r, &l);
    visit_and_subscribe(r, &visitor, 2);
    for (unsigned i = 0; i < 50; i++)
        assert_says(rig_ask(r, &visitor, "mining.authorize", "[\"\",\"x\"]"), "null");
    check_neighbour(r);
    assert_int_equal(r->bans, 0);
}

/* --- what is sent ------------------------------------------------------------------------------
 */

static void too_many_lines_are_cut(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;

    l.lines_per_second = 10;
    begin_with(r, &l);
    visit(r, 2);
    for (unsigned i = 0; i < 300; i++)
        if (!wire_say(&visitor, "{\"id\":1,\"method\":\"mining.ping\",\"params\":[]}"))
            break;
    expect_cut(r, NULL, CAUSE_LINES);
    check_neighbour(r);
}

static void too_many_bytes_are_cut(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;
    static char block[8192];

    l.bytes_per_second = 1000;
    begin_with(r, &l);
    visit(r, 2);
    memset(block, ' ', sizeof block);
    block[0] = '{';
    for (unsigned i = 0; i < 100 && wire_send(&visitor, block, sizeof block); i++)
        block[i % 2 ? 0 : sizeof block - 1] = i % 2 ? '{' : '\n';
    expect_cut(r, NULL, CAUSE_BYTES);
    check_neighbour(r);
}

static void who_does_not_log_in_is_cut(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;

    l.login_us = 1;
    begin_with(r, &l);
    visit(r, 2);
    expect_cut(r, NULL, CAUSE_LOGIN);
    check_neighbour(r);
}

static void who_does_not_read_is_cut(void **state)
{
    static const char ping[] = "{\"method\":\"mining.ping\",\"params\":[],\"id\":"
                               "\"0123456789012345678901234567890123456789\"}\n";
    static char block[500 * (sizeof ping - 1)];
    struct rig *r = *state;

    rig_begin(r);
    visit(r, 2);
    for (unsigned i = 0; i < 500; i++)
        memcpy(block + i * (sizeof ping - 1), ping, sizeof ping - 1);
    for (unsigned i = 0; i < 2000 && wire_send(&visitor, block, sizeof block); i++)
        rig_drain(r);
    rig_wait_for(r, r->causes[CAUSE_SLOW] == 1);
    check_neighbour(r);
}

static void refused_logins_are_cut(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    visit_and_subscribe(r, &visitor, 2);
    for (unsigned i = 0; i < 4; i++)
        assert_true(
            wire_say(&visitor, "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"\"]}"));
    expect_cut(r, "too many of its logins were refused\"", CAUSE_LOGINS);
    check_neighbour(r);
}

static void what_is_no_stratum_is_counted(void **state)
{
    static const struct {
        const char *bytes;
        enum cause cause;
    } rows[] = {{"GET / HTTP/1.1\r\n\r\n", CAUSE_HTTP},
                {"\x16\x03\x01\x02", CAUSE_TLS},
                {"SSH-2.0-x\r\n", CAUSE_JUNK}};
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        visit(r, 2);
        assert_true(wire_send(&visitor, rows[i].bytes, strlen(rows[i].bytes)));
        expect_cut(r, NULL, rows[i].cause);
    }
    assert_int_equal(r->bans, 0);
    check_neighbour(r);
}

/* --- bans --------------------------------------------------------------------------------------
 */

static void garbage_again_and_again_is_a_ban(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < 20 && !r->bans; i++) {
        visit(r, 2);
        (void)wire_send(&visitor, "garbage\n", 8);
        assert_true(wire_closed(&visitor, 15000));
        wire_close(&visitor);
        rig_drain(r);
    }
    expect_ban(r, 2, CAUSE_JUNK);
    check_neighbour(r);
}

static void connections_that_come_and_go_are_a_ban(void **state)
{
    struct rig *r = *state;

    rig_begin(r);
    for (unsigned i = 0; i < 400 && !r->bans; i++) {
        visit(r, 2);
        wire_close(&visitor);
        rig_drain(r);
        if (i > 120)
            sleep_us(5000); /* until the front has seen them */
    }
    expect_ban(r, 2, CAUSE_LEFT);
    check_neighbour(r);
}

/* The visitor's own login and share; the reply, NULL when it was cut. */
static const char *submit(struct rig *r, unsigned extranonce2, uint32_t nonce)
{
    (void)wire_say(&visitor,
                   "{\"id\":%u,\"method\":\"mining.submit\",\"params\":[\"he.w1\",\"%s\","
                   "\"%016x\",\"%s\",\"%08x\"]}",
                   1000 + extranonce2, r->job_id, extranonce2, r->ntime, nonce);
    return wire_line(&visitor, 15000);
}

static void log_in(struct rig *r, uint8_t host)
{
    visit(r, host);
    assert_true(wire_say(&visitor, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"));
    assert_true(
        wire_say(&visitor, "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"he.w1\"]}"));
    assert_non_null(wire_expect(&visitor, "mining.notify\",\"params\"", 15000));
}

static void invalid_shares_are_a_ban_by_their_ratio(void **state)
{
    struct rig *r = *state;
    unsigned n = 0;

    rig_begin(r);
    log_in(r, 2);
    assert_non_null(submit(r, 0, 0)); /* one is nothing */
    while (++n < 100 && submit(r, n, 0))
        ;
    assert_in_range(n, 15, 35); /* a few may be good by chance */
    rig_wait_for(r, r->causes[CAUSE_INVALID] == 1);
    expect_ban(r, 2, CAUSE_INVALID);
    check_neighbour(r);
}

static void duplicates_are_a_ban_by_their_ratio(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;
    unsigned n = 0;
    uint32_t nonce = 0;

    l.invalid_percent = 0;
    begin_with(r, &l);
    log_in(r, 2);
    const char *reply;
    while ((reply = submit(r, 1, nonce)) && !strstr(reply, "\"result\":true"))
        nonce++;
    assert_non_null(reply);
    while (n++ < 300 && submit(r, 1, nonce))
        ;
    rig_wait_for(r, r->causes[CAUSE_DUPLICATE] == 1);
    expect_ban(r, 2, CAUSE_DUPLICATE);
    check_neighbour(r);
}

static void a_ban_closes_what_is_open(void **state)
{
    struct rig *r = *state;
    struct prefix network;
    struct guard_ban ban;

    rig_begin(r);
    log_in(r, 2);
    assert_int_equal(prefix_parse("127.0.0.2", &network, NULL), 0);
    assert_true(guard_add_ban(r->options.guard, &network, 0, wall_ms(), &ban));
    expect_cut(r, NULL, CAUSE_BANNED);
    expect_refusal(r, 2, "your IP is banned", CAUSE_BANNED);
    assert_true(guard_remove_ban(r->options.guard, &network));
    log_in(r, 2);
    check_neighbour(r);
}

static void a_ban_survives_the_front(void **state)
{
    struct rig *r = *state;
    struct prefix network;
    struct guard_ban ban;

    assert_int_equal(prefix_parse("127.0.0.2", &network, NULL), 0);
    assert_true(guard_add_ban(r->options.guard, &network, 0, wall_ms(), &ban));
    for (unsigned i = 0; i < 2; i++) {
        rig_start(r);
        expect_refusal(r, 2, "your IP is banned", CAUSE_BANNED);
        front_free(r->front);
        r->front = NULL;
    }
}

static void new_limits_hold_for_open_connections(void **state)
{
    struct guard_limits l = limits;
    struct rig *r = *state;
    unsigned n = 0;

    rig_begin(r);
    log_in(r, 2);
    l.lines_per_second = 1;
    guard_set_limits(r->options.guard, &l);
    while (n++ < 3000 && wire_say(&visitor, "{\"id\":7,\"method\":\"mining.ping\",\"params\":[]}"))
        sleep_us(5000);
    expect_cut(r, NULL, CAUSE_LINES);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(an_address_is_full),
        T(a_network_is_full),
        T(a_full_pool_counts_its_refusals),
        T(loopback_has_no_limits_unless_asked),
        T(too_many_lines_are_cut),
        T(too_many_bytes_are_cut),
        T(who_does_not_log_in_is_cut),
        T(who_does_not_read_is_cut),
        T(refused_logins_are_cut),
        T(what_is_no_stratum_is_counted),
        T(garbage_again_and_again_is_a_ban),
        T(connections_that_come_and_go_are_a_ban),
        T(invalid_shares_are_a_ban_by_their_ratio),
        T(duplicates_are_a_ban_by_their_ratio),
        T(a_ban_closes_what_is_open),
        T(a_ban_survives_the_front),
        T(new_limits_hold_for_open_connections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

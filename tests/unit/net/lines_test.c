/* SPDX-License-Identifier: MIT */
/* Line framing and addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "net/address.h"
#include "net/lines.h"

static int collect(void *arg, char *line, size_t len)
{
    struct str *out = arg;

    assert_int_equal(strlen(line), len);
    str_add_n(out, line, len);
    str_add(out, "|");
    return strcmp(line, "stop") ? 0 : 7;
}

static int feed(struct lines *l, const char *text, struct str *out)
{
    AUTO_STR struct str copy = {0};

    str_add(&copy, text);
    return lines_feed(l, copy.s, copy.len, collect, out);
}

static void lines_come_whole_from_any_pieces(void **state)
{
    struct lines l = {.limit = 16};
    AUTO_STR struct str out = {0};

    (void)state;
    assert_int_equal(feed(&l, "one\ntw", &out), 0);
    assert_int_equal(feed(&l, "o\r", &out), 0);
    assert_int_equal(feed(&l, "\n\n\r\nthree\nfour", &out), 0);
    assert_string_equal(out.s, "one|two|three|");
    assert_int_equal(feed(&l, "\n", &out), 0);
    assert_string_equal(out.s, "one|two|three|four|");
    assert_null(l.part); /* nothing is held between lines */
    lines_fini(&l);
}

static void the_limit_is_exact(void **state)
{
    struct lines l = {.limit = 4};
    AUTO_STR struct str out = {0};

    (void)state;
    assert_int_equal(feed(&l, "abcd\nab", &out), 0);
    assert_int_equal(feed(&l, "cd\r\n", &out), 0);
    assert_string_equal(out.s, "abcd|abcd|");
    assert_true(feed(&l, "abcde\n", &out) < 0);
    assert_int_equal(feed(&l, "abcd", &out), 0);
    assert_true(feed(&l, "ef", &out) < 0);
    lines_fini(&l);
}

static void the_receiver_can_stop(void **state)
{
    struct lines l = {.limit = 16};
    AUTO_STR struct str out = {0};

    (void)state;
    assert_int_equal(feed(&l, "a\nstop\nb\n", &out), 7);
    assert_string_equal(out.s, "a|stop|");
    assert_int_equal(feed(&l, "st", &out), 0);
    assert_int_equal(feed(&l, "op\nc\n", &out), 7);
    lines_fini(&l);
}

static void addresses_are_read_and_written(void **state)
{
    static const struct {
        const char *text, *host;
        int port;
    } rows[] = {
        {"pool.example:3333", "pool.example", 3333},
        {"127.0.0.1:1", "127.0.0.1", 1},
        {"[::1]:65535", "::1", 65535},
        {"[fe80::1%eth0]:5", "fe80::1%eth0", 5},
        {"no-port", NULL, 0},
        {":3333", NULL, 0},
        {"[]:1", NULL, 0},
        {"[::1:3333", NULL, 0},
        {"[::1]3333", NULL, 0},
        {"::1:3333", NULL, 0},
        {"a:b:3", NULL, 0},
        {"host:0", NULL, 0},
        {"host:65536", NULL, 0},
        {"host:+1", NULL, 0},
        {"host:", NULL, 0},
        {"ho st:1", NULL, 0},
        {"", NULL, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct endpoint e;
        struct fault why = {0};
        char text[PEER_MAX];
        int err = endpoint_parse(rows[i].text, 0, false, &e, &why);
        assert_int_equal(err < 0, !rows[i].host);
        if (err < 0) {
            assert_true(why.text[0]);
            continue;
        }
        assert_string_equal(e.host, rows[i].host);
        assert_int_equal(e.port, rows[i].port);
        endpoint_format(&e, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void listeners_take_addresses_only(void **state)
{
    struct sockaddr_storage sa;
    struct endpoint e = {.host = "pool.example", .port = 1};

    (void)state;
    assert_true(endpoint_literal(&e, &sa, NULL) < 0);
    (void)text_copy(e.host, sizeof e.host, "::");
    assert_int_equal(endpoint_literal(&e, &sa, NULL), 0);
    assert_int_equal(sa.ss_family, AF_INET6);
    (void)text_copy(e.host, sizeof e.host, "LOCALHOST");
    assert_int_equal(endpoint_literal(&e, &sa, NULL), 0);
    assert_int_equal(sa.ss_family, AF_INET);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_whole_from_any_pieces),
        cmocka_unit_test(the_limit_is_exact),
        cmocka_unit_test(the_receiver_can_stop),
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(listeners_take_addresses_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

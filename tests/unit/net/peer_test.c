/* SPDX-License-Identifier: MIT */
/* Addresses in one form, and the networks they lie in. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "net/peer.h"

static struct peer peer_of(const char *host, uint16_t port)
{
    struct endpoint e = {.port = port};
    struct sockaddr_storage sa;
    struct fault why;
    struct peer p;

    (void)text_copy(e.host, sizeof e.host, host);
    assert_int_equal(endpoint_literal(&e, &sa, &why), 0);
    peer_from_sockaddr(&p, (struct sockaddr *)&sa);
    return p;
}

static void peers_read_as_they_are_written(void **state)
{
    char text[PEER_MAX];
    struct peer p = peer_of("192.0.2.7", 3333), none = {0};

    (void)state;
    peer_format(&p, text);
    assert_string_equal(text, "192.0.2.7:3333");
    p = peer_of("2001:db8::1", 4);
    peer_format(&p, text);
    assert_string_equal(text, "[2001:db8::1]:4");
    p = peer_of("::ffff:192.0.2.7", 5);
    peer_format(&p, text);
    assert_string_equal(text, "192.0.2.7:5");
    peer_format(&none, text);
    assert_string_equal(text, "?:0");
}

static bool in(const char *network, const char *host)
{
    struct prefix prefix;
    struct peer p = peer_of(host, 1);

    assert_int_equal(prefix_parse(network, &prefix, NULL), 0);
    return prefix_has(&prefix, &p);
}

static void networks_hold_their_own(void **state)
{
    struct prefix all;

    (void)state;
    assert_true(in("10.0.0.0/8", "10.255.0.1"));
    assert_false(in("10.0.0.0/8", "11.0.0.1"));
    assert_true(in("192.0.2.128/25", "192.0.2.200"));
    assert_false(in("192.0.2.128/25", "192.0.2.100"));
    assert_true(in("127.0.0.1", "127.0.0.1"));
    assert_false(in("127.0.0.1", "127.0.0.2"));
    assert_true(in("127.0.0.1", "::ffff:127.0.0.1"));
    assert_true(in("2001:db8::/32", "2001:db8:1::9"));
    assert_false(in("2001:db8::/32", "2001:db9::9"));
    assert_true(in("0.0.0.0/0", "8.8.8.8"));
    assert_false(in("0.0.0.0/0", "2001:db8::1"));
    assert_true(in("::/0", "8.8.8.8"));
    assert_int_equal(prefix_parse("::/0", &all, NULL), 0);
    assert_false(prefix_has(&all, &(struct peer){0}));
}

static void what_is_no_network_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "10.0.0.0/33",
                                      "10.0.0.0/",
                                      "10.0.0.1/8",
                                      "10.0.0",
                                      "::1/129",
                                      "2001:db8::1/32",
                                      "host/8",
                                      "10.0.0.0/8x",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/08888",
                                      "1.2.3.4/8/8"};
    struct prefix p;
    struct fault why;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why.text[0] = 0;
        assert_int_equal(prefix_parse(bad[i], &p, &why), ERR_CONFIG);
        assert_true(why.text[0] != 0);
    }
}

static void networks_read_as_they_are_written(void **state)
{
    static const char *const same[] = {"203.0.113.7",   "203.0.113.0/24", "0.0.0.0/0",
                                       "2001:db8::/48", "2001:db8::1",    "::/0"};
    struct prefix p;
    char text[PEER_MAX];

    (void)state;
    for (unsigned i = 0; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(prefix_parse(same[i], &p, NULL), 0);
        prefix_format(&p, text);
        assert_string_equal(text, same[i]);
    }
}

static void an_address_lies_in_networks_of_every_length(void **state)
{
    struct peer p = peer_of("203.0.113.255", 1);
    struct prefix net = prefix_of(&p, 96 + 23);
    char text[PEER_MAX];

    (void)state;
    prefix_format(&net, text);
    assert_string_equal(text, "203.0.112.0/23");
    assert_true(prefix_has(&net, &p));
    p = peer_of("2001:db8:1:2:3::9", 1);
    net = prefix_of(&p, 48);
    prefix_format(&net, text);
    assert_string_equal(text, "2001:db8:1::/48");
}

static void loopback_is_known(void **state)
{
    struct peer in = peer_of("127.1.2.3", 1), in6 = peer_of("::1", 1);
    struct peer out = peer_of("128.0.0.1", 1), out6 = peer_of("::2", 1), none = {0};

    (void)state;
    assert_true(peer_is_loopback(&in) && peer_is_loopback(&in6));
    assert_false(peer_is_loopback(&out) || peer_is_loopback(&out6) || peer_is_loopback(&none));
    assert_true(peer_is_ipv4(&in));
    assert_false(peer_is_ipv4(&in6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peers_read_as_they_are_written),
        cmocka_unit_test(networks_hold_their_own),
        cmocka_unit_test(networks_read_as_they_are_written),
        cmocka_unit_test(an_address_lies_in_networks_of_every_length),
        cmocka_unit_test(loopback_is_known),
        cmocka_unit_test(what_is_no_network_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Where miners come in: several ports, changed while miners are there; TLS, and plain beside it;
 * PROXY headers from those who must send them, and from others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/fake/front_rig.h"

static char folder[64], certificate[96], key[96];

static int make_certificate(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/otedama-doors-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(certificate, sizeof certificate, "%s/c.pem", folder);
    (void)snprintf(key, sizeof key, "%s/k.pem", folder);
    return tls_make_certificate(certificate, key, "localhost", NULL);
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(certificate);
    (void)unlink(key);
    return rmdir(folder);
}

static uint16_t port_of(struct rig *r, const char *address)
{
    const char *at = front_listens(r->front, address);

    assert_non_null(at);
    return (uint16_t)strtoul(strrchr(at, ':') + 1, NULL, 10);
}

/* --- several ports ------------------------------------------------------------------------------
 */

static void each_port_has_its_own_difficulty(void **state)
{
    struct rig *r = *state;

    r->options.ports[1] = r->options.ports[0];
    r->options.ports[1].address = "localhost:0";
    r->options.ports[1].start_difficulty = 0.25;
    r->options.port_count = 2;
    rig_begin(r);
    assert_true(r->difficulty == 0.0625);
    wire_close(&r->miner);
    r->port = port_of(r, "localhost:0");
    rig_login(r);
    assert_true(r->difficulty == 0.25);
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    assert_true(r->last_difficulty == 0.25);
}

static void ports_come_and_go_without_the_miners(void **state)
{
    struct rig *r = *state;
    struct front_port ports[2] = {r->options.ports[0], r->options.ports[0]};
    struct fault trouble[2];
    struct wire late = {.fd = -1};

    r->options.loops = 2;
    rig_begin(r);
    uint16_t old = r->port;
    ports[0].address = "localhost:0";
    assert_int_equal(front_listen(r->front, ports, 1, trouble), 0);
    assert_null(front_listens(r->front, "127.0.0.1:0"));
    uint16_t fresh = port_of(r, "localhost:0");
    assert_false(wire_connect(&late, old));
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true"); /* it stays */
    assert_true(wire_connect(&late, fresh));
    wire_close(&late);

    ports[0].start_difficulty = 0.5; /* the same address: for those to come */
    assert_int_equal(front_listen(r->front, ports, 1, trouble), 0);
    assert_int_equal(port_of(r, "localhost:0"), fresh);
    assert_says(rig_submit_good(r, "me.w1", 2), "\"result\":true");
    for (unsigned tries = 0; tries < 200 && r->difficulty != 0.5; tries++) {
        wire_close(&r->miner);
        r->port = fresh;
        rig_login(r);
    }
    assert_true(r->difficulty == 0.5);
}

static void a_busy_port_is_named_and_the_others_serve(void **state)
{
    struct rig *r = *state;
    struct front_port ports[2] = {r->options.ports[0], r->options.ports[0]};
    struct fault trouble[2];
    uint16_t taken;
    char address[32];
    int other = wire_listen(&taken);

    rig_begin(r);
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", taken);
    ports[1].address = address;
    assert_int_equal(front_listen(r->front, ports, 2, trouble), 1);
    assert_string_equal(trouble[0].text, "");
    assert_says(trouble[1].text, address);
    assert_says(trouble[1].text, "in use");
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    (void)close(other);
    assert_int_equal(front_listen(r->front, ports, 2, trouble), 0);
    assert_int_equal(port_of(r, address), taken);
}

/* --- TLS ----------------------------------------------------------------------------------------
 */

static void rig_secure(struct rig *r, enum front_tls tls)
{
    struct fault why = {0};

    r->options.ports[0].tls = tls;
    if (tls_server_context(certificate, key, &r->options.tls, &why) < 0)
        fail_msg("%s", why.text);
    rig_start(r);
    tls_context_unref(r->options.tls);
    rig_publish(r, 1, true, false);
}

/* A client that trusts anybody. */
static SSL *shake_hands(struct wire *w, SSL_CTX *ctx, int version)
{
    SSL *ssl = SSL_new(ctx);

    assert_true(SSL_set_max_proto_version(ssl, version) == 1 && SSL_set_fd(ssl, w->fd) == 1);
    if (SSL_connect(ssl) == 1)
        return ssl;
    SSL_free(ssl);
    return NULL;
}

static void expect_secret(SSL *ssl, const char *word)
{
    char text[8192] = "";
    size_t len = 0, got;

    while (!strstr(text, word) && SSL_read_ex(ssl, text + len, sizeof text - 1 - len, &got) == 1)
        text[len += got] = 0;
    assert_says(text, word);
}

static void talk_in_secret(struct rig *r, int version)
{
    static const char hello[] = "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"
                                "{\"id\":2,\"method\":\"mining.authorize\",\"params\":[\"me.w1\","
                                "\"x\"]}\n";
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct wire w = {.fd = -1};

    assert_true(wire_connect(&w, r->port));
    SSL *ssl = shake_hands(&w, ctx, version);
    assert_non_null(ssl);
    assert_true(SSL_write(ssl, hello, sizeof hello - 1) > 0);
    expect_secret(ssl, "mining.notify\",\"params\"");
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    wire_close(&w);
    SSL_CTX_free(ctx);
}

static void a_tls_port_speaks_1_2_and_1_3_but_nothing_older(void **state)
{
    struct rig *r = *state;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct wire w = {.fd = -1};

    rig_secure(r, FRONT_TLS);
    talk_in_secret(r, TLS1_3_VERSION);
    talk_in_secret(r, TLS1_2_VERSION);
    (void)SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_security_level(ctx, 0);
    assert_true(wire_connect(&w, r->port));
    assert_null(shake_hands(&w, ctx, TLS1_1_VERSION));
    wire_close(&w);
    SSL_CTX_free(ctx);
}

static void a_tls_port_tells_plain_miners_what_it_is(void **state)
{
    struct rig *r = *state;
    struct wire w = {.fd = -1};

    rig_secure(r, FRONT_TLS);
    assert_true(wire_connect(&w, r->port));
    assert_true(wire_say(&w, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"));
    assert_says(wire_line(&w, 5000), "this port speaks TLS");
    assert_true(wire_closed(&w, 5000));
    wire_close(&w);
}

static void one_port_tells_plain_from_tls(void **state)
{
    struct rig *r = *state;

    rig_secure(r, FRONT_EITHER);
    talk_in_secret(r, TLS1_3_VERSION);
    rig_login(r);
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    talk_in_secret(r, TLS1_2_VERSION);
    rig_wait_for(r, r->credited == 1);
}

static void tls_garbage_is_closed(void **state)
{
    static const char record[20000] = "\x16\x03\x01\x40\x00 sixteen kilobytes of no handshake";
    static const char hello[] = "\x16\x03\x01\x00\x05\x02rubb";
    struct rig *r = *state;
    struct wire w = {.fd = -1};

    rig_secure(r, FRONT_EITHER);
    rig_login(r);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(wire_connect(&w, r->port));
        assert_true(wire_send(&w, i ? hello : record, i ? sizeof hello - 1 : sizeof record));
        assert_true(wire_closed(&w, 5000));
        wire_close(&w);
    }
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
}

/* --- PROXY headers ------------------------------------------------------------------------------
 */

static struct prefix local(void)
{
    struct prefix p;

    assert_int_equal(prefix_parse("127.0.0.0/8", &p, NULL), 0);
    return p;
}

static void greet(struct wire *w, const void *header, size_t len, uint16_t port)
{
    assert_true(wire_connect(w, port));
    assert_true(wire_send(w, header, len));
    assert_true(wire_say(w, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"));
}

static void listed_sources_say_whom_they_bring(void **state)
{
    static const char text[] = "PROXY TCP4 198.51.100.7 203.0.113.1 4242 3333\r\n";
    static const uint8_t binary[28] = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49,
                                       0x54, 0x0a, 0x21, 0x11, 0x00, 0x0c, 198,  51,   100,  8,
                                       203,  0,    113,  1,    0x10, 0x92, 0x0d, 0x05};
    const struct prefix from = local();
    struct rig *r = *state;
    struct wire w = {.fd = -1};

    r->options.proxy_from = &from;
    r->options.proxy_count = 1;
    rig_start(r);
    greet(&w, text, sizeof text - 1, r->port);
    assert_says(wire_line(&w, 5000), "mining.notify");
    wire_close(&w);
    greet(&w, binary, sizeof binary, r->port);
    assert_says(wire_line(&w, 5000), "mining.notify");
    wire_close(&w);
    assert_true(wire_connect(&w, r->port)); /* byte by byte */
    for (size_t i = 0; i < sizeof text - 1; i++) {
        assert_true(wire_send(&w, text + i, 1));
        if (i % 16 == 0)
            sleep_us(2000);
    }
    assert_true(wire_say(&w, "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}"));
    assert_says(wire_line(&w, 5000), "mining.notify");
    wire_close(&w);
}

static void listed_sources_must_say_it(void **state)
{
    const struct prefix from = local();
    struct rig *r = *state;
    struct wire w = {.fd = -1};

    r->options.proxy_from = &from;
    r->options.proxy_count = 1;
    rig_start(r);
    greet(&w, "", 0, r->port);
    assert_true(wire_closed(&w, 5000));
    wire_close(&w);
    greet(&w, "PROXY TCP4 nonsense\r\n", 21, r->port);
    assert_true(wire_closed(&w, 5000));
    wire_close(&w);
    front_trust(r->front, NULL, 0); /* for connections to come */
    rig_publish(r, 1, true, false);
    rig_login(r);
}

static void others_may_not(void **state)
{
    static const char text[] = "PROXY TCP4 198.51.100.7 203.0.113.1 4242 3333\r\n";
    static const char binary[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
    struct rig *r = *state;
    struct wire w = {.fd = -1};

    rig_start(r);
    greet(&w, text, sizeof text - 1, r->port);
    assert_true(wire_closed(&w, 5000));
    wire_close(&w);
    greet(&w, binary, sizeof binary - 1, r->port);
    assert_true(wire_closed(&w, 5000));
    wire_close(&w);
}

static void a_header_may_stand_before_tls(void **state)
{
    static const char subscribe[] = "{\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n";
    static const char text[] = "PROXY TCP6 2001:db8::7 2001:db8::1 4242 3333\r\n";
    const struct prefix from = local();
    struct rig *r = *state;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct wire w = {.fd = -1};

    r->options.proxy_from = &from;
    r->options.proxy_count = 1;
    rig_secure(r, FRONT_EITHER);
    assert_true(wire_connect(&w, r->port));
    assert_true(wire_send(&w, text, sizeof text - 1));
    SSL *ssl = shake_hands(&w, ctx, TLS1_3_VERSION);
    assert_non_null(ssl);
    assert_true(SSL_write(ssl, subscribe, sizeof subscribe - 1) > 0);
    expect_secret(ssl, "mining.notify");
    SSL_free(ssl);
    wire_close(&w);
    SSL_CTX_free(ctx);
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void a_drained_front_sends_its_miners_away_and_ends(void **state)
{
    const struct front_drain drain = {
        .host = "b.example", .port = 3334, .spread_us = SECOND_US / 5, .grace_us = 60 * SECOND_US};
    struct rig *r = *state;
    struct wire late = {.fd = -1}, mute = {.fd = -1};

    r->options.loops = 2;
    rig_begin(r);
    assert_true(wire_connect(&mute, r->port));
    front_drain(r->front, &drain);
    assert_non_null(wire_expect(
        &r->miner,
        "{\"id\":null,\"method\":\"client.reconnect\",\"params\":[\"b.example\",\"3334\",0]}",
        5000));
    assert_false(wire_connect(&late, r->port));
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    rig_wait_for(r, r->credited == 1);
    wire_close(&r->miner);
    wire_close(&mute);
    rig_wait_for(r, r->stopped == 1);
}

static void draining_has_an_end(void **state)
{
    const struct front_drain drain = {.spread_us = SECOND_US / 10, .grace_us = SECOND_US / 10};
    struct rig *r = *state;

    rig_begin(r);
    front_drain(r->front, &drain);
    assert_non_null(wire_expect(&r->miner, "\"client.reconnect\",\"params\":[]}", 5000));
    assert_true(wire_closed(&r->miner, 5000));
    rig_wait_for(r, r->stopped == 1);
}

static void stopping_hurries_a_drain(void **state)
{
    const struct front_drain drain = {.spread_us = 60 * SECOND_US, .grace_us = 60 * SECOND_US};
    struct rig *r = *state;

    rig_begin(r);
    front_drain(r->front, &drain);
    assert_says(rig_submit_good(r, "me.w1", 1), "\"result\":true");
    front_stop(r->front);
    rig_wait_for(r, r->stopped == 1 && r->credited == 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_port_has_its_own_difficulty),
        TEST(ports_come_and_go_without_the_miners),
        TEST(a_busy_port_is_named_and_the_others_serve),
        TEST(a_tls_port_speaks_1_2_and_1_3_but_nothing_older),
        TEST(a_tls_port_tells_plain_miners_what_it_is),
        TEST(one_port_tells_plain_from_tls),
        TEST(tls_garbage_is_closed),
        TEST(listed_sources_say_whom_they_bring),
        TEST(listed_sources_must_say_it),
        TEST(others_may_not),
        TEST(a_header_may_stand_before_tls),
        TEST(a_drained_front_sends_its_miners_away_and_ends),
        TEST(draining_has_an_end),
        TEST(stopping_hurries_a_drain),
    };

    return cmocka_run_group_tests(tests, make_certificate, remove_folder);
}

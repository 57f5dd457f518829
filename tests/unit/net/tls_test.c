/* SPDX-License-Identifier: MIT */
/* TLS streams over loopback: who is trusted, what is sent before that, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"
#include "net/connect.h"
#include "net/tls.h"

enum { BIG = 700000 };

static char folder[] = "/tmp/otedama-tls-XXXXXX";
static char certificate[64], key[64];

struct end { /* one end of the connection */
    struct stream *stream;
    char buffer[4096];
    struct str got;
    int ended;
    char trouble[256];
};

struct pair {
    uv_loop_t loop;
    uv_tcp_t listener;
    struct tls_context *server_context, *client_context;
    struct end server, client;
    const char *host;
    bool first_bytes_seen;
    struct connector *connector;
    uv_timer_t limit;
};

static void on_ended(void *arg, int err)
{
    struct end *e = arg;

    e->ended = err;
    (void)snprintf(e->trouble, sizeof e->trouble, "%s", stream_trouble(e->stream));
    stream_close(e->stream);
    e->stream = NULL;
}

static void on_data(void *arg, char *bytes, size_t len)
{
    str_add_n(&((struct end *)arg)->got, bytes, len);
}

static const struct stream_events events = {.data = on_data, .ended = on_ended};

/* The server's first bytes begin the handshake, as on a port that takes plain miners too. */
static void on_first(void *arg, char *bytes, size_t len)
{
    struct end *e = arg;
    struct pair *p = (struct pair *)((char *)e - offsetof(struct pair, server));

    e->stream->events = &events;
    p->first_bytes_seen = true;
    int err = stream_tls_accept(e->stream, p->server_context, bytes, len);
    if (err < 0)
        on_ended(e, err);
}

static const struct stream_events first = {.data = on_first, .ended = on_ended};

static void on_connection(uv_stream_t *listener, int status)
{
    struct pair *p = listener->data;

    assert_int_equal(status, 0);
    p->server.stream = stream_new(&p->loop);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&p->server.stream->tcp), 0);
    assert_int_equal(stream_start(p->server.stream, p->server.buffer, sizeof p->server.buffer,
                                  4 * BIG, &first, &p->server),
                     0);
}

static void say(struct end *e, const char *text, size_t len)
{
    const uv_buf_t buf = uv_buf_init((char *)(uintptr_t)text, (unsigned)len);

    if (e->stream)
        assert_int_equal(stream_send(e->stream, &buf, 1), 0);
}

static void on_connected(void *arg, int err, struct stream *take, const char *reason)
{
    struct pair *p = arg;

    assert_int_equal(err, 0);
    (void)reason;
    p->connector = NULL;
    p->client.stream = take;
    assert_int_equal(
        stream_start(take, p->client.buffer, sizeof p->client.buffer, 4 * BIG, &events, &p->client),
        0);
    if (p->client_context) {
        assert_int_equal(stream_tls_connect(take, p->client_context, p->host), 0);
        say(&p->client, "secret\n", 7); /* before the peer is trusted */
    } else {
        say(&p->client, "\x16no TLS at all, only its first byte\n", 36);
    }
}

static void on_limit(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happens");
}

static void open_pair(struct pair *p, struct tls_context *client, const char *host)
{
    struct sockaddr_in at;
    int len = sizeof at;
    struct endpoint to = {.host = "127.0.0.1"};
    struct fault why = {0};

    memset(p, 0, sizeof *p);
    (void)uv_loop_init(&p->loop);
    p->client_context = client;
    p->host = host;
    assert_int_equal(tls_server_context(certificate, key, &p->server_context, &why), 0);
    (void)uv_tcp_init(&p->loop, &p->listener);
    p->listener.data = p;
    (void)uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(uv_tcp_bind(&p->listener, (struct sockaddr *)&at, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&p->listener, 8, on_connection), 0);
    assert_int_equal(uv_tcp_getsockname(&p->listener, (struct sockaddr *)&at, &len), 0);
    to.port = ntohs(at.sin_port);
    (void)uv_timer_init(&p->loop, &p->limit);
    (void)uv_timer_start(&p->limit, on_limit, 20000, 0);
    p->connector = net_connect(&p->loop, &to, NULL, 0, 5000000, on_connected, p);
}

static void close_pair(struct pair *p)
{
    stream_close(p->client.stream);
    stream_close(p->server.stream);
    uv_close((uv_handle_t *)&p->listener, NULL);
    uv_close((uv_handle_t *)&p->limit, NULL);
    (void)uv_run(&p->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&p->loop), 0);
    str_free(&p->client.got);
    str_free(&p->server.got);
    tls_context_unref(p->server_context);
    tls_context_unref(p->client_context);
}

static struct tls_context *client_of(enum tls_trust trust, bool right_pin, bool own_authority)
{
    struct tls_client_options options = {.trust = trust,
                                         .authorities = own_authority ? certificate : NULL};
    struct tls_context *c;
    struct fault why = {0};

    if (right_pin)
        assert_int_equal(tls_file_fingerprint(certificate, options.fingerprint, &why), 0);
    if (tls_client_context(&options, &c, &why) < 0)
        fail_msg("%s", why.text);
    return c;
}

static void talks(struct tls_context *client, const char *host)
{
    struct pair p;
    char *big = xmalloc(BIG);

    memset(big, 'x', BIG);
    open_pair(&p, client, host);
    while (p.server.got.len < 7 && !p.client.ended)
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    assert_string_equal(str_text(&p.server.got), "secret\n");
    assert_string_equal(stream_security(p.client.stream), "TLSv1.3");
    assert_string_equal(stream_security(p.server.stream), "TLSv1.3");
    say(&p.server, big, BIG);
    say(&p.client, big, BIG);
    while (p.client.got.len < BIG || p.server.got.len < 7 + BIG)
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    assert_memory_equal(p.client.got.s, big, BIG);
    stream_close(p.client.stream);
    p.client.stream = NULL;
    while (!p.server.ended)
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    assert_int_equal(p.server.ended, UV_EOF);
    free(big);
    close_pair(&p);
}

/* The client must end with a trouble that has these words, and its secret must not have left. */
static void refuses(struct tls_context *client, const char *host, const char *words)
{
    struct pair p;

    open_pair(&p, client, host);
    while (!p.client.ended)
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    if (!strstr(p.client.trouble, words))
        fail_msg("\"%s\" is not in: %s", words, p.client.trouble);
    for (int i = 0; i < 5 && !p.server.ended; i++)
        (void)uv_run(&p.loop, UV_RUN_NOWAIT);
    assert_int_equal(p.server.got.len, 0);
    close_pair(&p);
}

static void a_pinned_certificate_is_trusted_whoever_signed_it(void **state)
{
    (void)state;
    talks(client_of(TLS_PIN, true, false), "pool.example.com");
}

static void insecure_takes_anybody(void **state)
{
    (void)state;
    talks(client_of(TLS_INSECURE, false, false), "pool.example.com");
}

static void a_verified_certificate_must_be_for_the_host(void **state)
{
    (void)state;
    talks(client_of(TLS_VERIFY, false, true), "localhost");
    refuses(client_of(TLS_VERIFY, false, true), "pool.example.com", "mismatch");
}

static void a_self_signed_certificate_is_refused_with_its_fingerprint(void **state)
{
    uint8_t fingerprint[TLS_FINGERPRINT];
    char digits[2 * TLS_FINGERPRINT + 1];

    (void)state;
    assert_int_equal(tls_file_fingerprint(certificate, fingerprint, NULL), 0);
    for (int i = 0; i < TLS_FINGERPRINT; i++)
        (void)snprintf(digits + 2 * i, 3, "%02x", fingerprint[i]);
    refuses(client_of(TLS_VERIFY, false, false), "localhost", digits);
}

static void another_certificate_than_the_pinned_one_is_refused(void **state)
{
    (void)state;
    refuses(client_of(TLS_PIN, false, false), "localhost", "not the pinned one");
}

static void garbage_ends_the_server_connection_alone(void **state)
{
    struct pair p;

    (void)state;
    open_pair(&p, NULL, NULL);
    while (!p.server.ended)
        (void)uv_run(&p.loop, UV_RUN_ONCE);
    assert_true(p.first_bytes_seen);
    assert_int_equal(p.server.ended, ERR_PROTOCOL);
    assert_int_equal(p.server.got.len, 0);
    assert_true(strstr(p.server.trouble, "TLS") != NULL);
    close_pair(&p);
}

static void fingerprints_are_read_with_and_without_colons(void **state)
{
    uint8_t a[TLS_FINGERPRINT], b[TLS_FINGERPRINT];

    (void)state;
    assert_true(tls_fingerprint_parse(
        "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF", a));
    assert_true(tls_fingerprint_parse(
        "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:"
        "EE:FF",
        b));
    assert_memory_equal(a, b, sizeof a);
    assert_false(tls_fingerprint_parse("0011", a));
    assert_false(tls_fingerprint_parse(
        "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFG", a));
    assert_false(tls_fingerprint_parse(
        "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF0", a));
}

static void files_that_are_no_certificates_are_named(void **state)
{
    struct tls_context *c;
    struct fault why = {0};

    (void)state;
    assert_int_equal(tls_server_context(key, key, &c, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, key));
    assert_int_equal(tls_server_context(certificate, "/nonexistent", &c, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "/nonexistent"));
    const struct tls_client_options options = {.authorities = key};
    assert_int_equal(tls_client_context(&options, &c, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, key));
}

static int make_files(void **state)
{
    struct fault why = {0};

    (void)state;
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(certificate, sizeof certificate, "%s/cert.pem", folder);
    (void)snprintf(key, sizeof key, "%s/key.pem", folder);
    return tls_make_certificate(certificate, key, "localhost", &why);
}

static int remove_files(void **state)
{
    (void)state;
    (void)unlink(certificate);
    (void)unlink(key);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pinned_certificate_is_trusted_whoever_signed_it),
        cmocka_unit_test(insecure_takes_anybody),
        cmocka_unit_test(a_verified_certificate_must_be_for_the_host),
        cmocka_unit_test(a_self_signed_certificate_is_refused_with_its_fingerprint),
        cmocka_unit_test(another_certificate_than_the_pinned_one_is_refused),
        cmocka_unit_test(garbage_ends_the_server_connection_alone),
        cmocka_unit_test(fingerprints_are_read_with_and_without_colons),
        cmocka_unit_test(files_that_are_no_certificates_are_named),
    };

    net_block_sigpipe();
    return cmocka_run_group_tests(tests, make_files, remove_files);
}

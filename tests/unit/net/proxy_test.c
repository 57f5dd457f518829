/* SPDX-License-Identifier: MIT */
/* Proxies: what is said byte for byte, what is heard in any pieces, and the PROXY header. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "net/connect.h"
#include "net/forwarded.h"

static struct proxy proxy_of(const char *url)
{
    struct proxy p;
    struct fault why = {0};

    if (proxy_parse(url, &p, &why) < 0)
        fail_msg("%s: %s", url, why.text);
    return p;
}

static void urls_name_kind_place_and_login(void **state)
{
    struct proxy p = proxy_of("socks5://us%3Aer:p%40ss@proxy.example.com:9050");

    (void)state;
    assert_int_equal(p.kind, PROXY_SOCKS5);
    assert_string_equal(p.user, "us:er");
    assert_string_equal(p.pass, "p@ss");
    assert_string_equal(p.at.host, "proxy.example.com");
    assert_int_equal(p.at.port, 9050);
    p = proxy_of("http://[::1]:3128");
    assert_int_equal(p.kind, PROXY_HTTP);
    assert_string_equal(p.at.host, "::1");
    assert_int_equal(proxy_of("socks5h://127.0.0.1").at.port, 1080);
    assert_int_equal(proxy_of("").kind, PROXY_NONE);
}

static void other_urls_are_refused_without_the_password(void **state)
{
    static const char *const bad[] = {"socks4://a:1", "ftp://x:1", "socks5://u:%zz@h:1",
                                      "socks5://u:secret@:1", "socks5://u:secret@h:99999"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct proxy p;
        struct fault why = {0};
        if (proxy_parse(bad[i], &p, &why) != ERR_CONFIG)
            fail_msg("%s was taken", bad[i]);
        assert_null(strstr(why.text, "secret"));
    }
}

struct script { /* what is said first, then pairs of what is heard and what is said to it */
    const char *url, *host;
    uint16_t port;
    const char *says;
    struct {
        const char *hears, *says;
    } turn[3];
    int result;
    const char *reason;
};

static void expect_hex(const uint8_t *got, size_t len, const char *hex)
{
    uint8_t want[PROXY_SAY_MAX];

    assert_int_equal(len, strlen(hex) / 2);
    assert_true(!len || hex_decode(hex, want, len));
    assert_memory_equal(got, want, len);
}

/* Plays a script; the bytes heard come one by one or all at once. */
static void play(const struct script *s, bool one_by_one)
{
    struct proxy p = proxy_of(s->url);
    struct proxy_talk *t = xcalloc(1, sizeof *t);
    struct endpoint to = {.port = s->port};
    uint8_t out[PROXY_SAY_MAX], in[PROXY_HEAR_MAX];
    char reason[128] = "";
    int result = 0;

    (void)snprintf(to.host, sizeof to.host, "%s", s->host);
    expect_hex(out, proxy_begin(t, &p, &to, out), s->says);
    for (size_t i = 0; i < 3 && s->turn[i].hears && !result; i++) {
        size_t len = strlen(s->turn[i].hears) / 2, said = 0;
        assert_true(hex_decode(s->turn[i].hears, in, len));
        for (size_t at = 0, n; at < len && !result; at += n) {
            n = one_by_one ? 1 : len;
            result = proxy_take(t, in + at, n, out, &said, reason, sizeof reason);
            if (at + n < len && !result)
                assert_int_equal(said, 0);
        }
        if (!result)
            expect_hex(out, said, s->turn[i].says ? s->turn[i].says : "");
    }
    if (result != s->result || !strstr(reason, s->reason ? s->reason : ""))
        fail_msg("%s: result %d, reason \"%s\"", s->url, result, reason);
    free(t);
}

static const char http_plain[] =
    "434f4e4e45435420706f6f6c2e6578616d706c652e6f72673a3333333320485454502f312e310d0a486f73743a2070"
    "6f6f6c2e6578616d706c652e6f72673a333333330d0a0d0a";

static const struct script scripts[] = {
    {"socks5://127.0.0.1",
     "pool.example.org",
     3333,
     "050100",
     {{"0500", "0501000310706f6f6c2e6578616d706c652e6f72670d05"}, {"05000001000000000000", NULL}},
     1,
     NULL},
    {"socks5://u:pw@127.0.0.1",
     "10.0.0.1",
     3333,
     "05020002",
     {{"0502", "010175027077"},
      {"0100", "050100010a0000010d05"},
      {"05000003056c6f63616c0000", NULL}},
     1,
     NULL},
    {"socks5://127.0.0.1",
     "::1",
     1,
     "050100",
     {{"0500", "05010004000000000000000000000000000000010001"},
      {"050000040000000000000000000000000000000000000000", NULL}},
     ERR_PROTOCOL,
     "more than"},
    {"socks5://127.0.0.1",
     "::1",
     1,
     "050100",
     {{"0500", "05010004000000000000000000000000000000010001"},
      {"05000004000000000000000000000000000000000000", NULL}},
     1,
     NULL},
    {"socks5://127.0.0.1", "h", 1, "050100", {{"05ff", NULL}}, ERR_REJECTED, "login"},
    {"socks5://127.0.0.1", "h", 1, "050100", {{"4854", NULL}}, ERR_PROTOCOL, "SOCKS5"},
    {"socks5://u:pw@127.0.0.1",
     "h",
     1,
     "05020002",
     {{"0502", "010175027077"}, {"0101", NULL}},
     ERR_REJECTED,
     "password"},
    {"socks5://127.0.0.1",
     "h",
     1,
     "050100",
     {{"0500", "0501000301680001"}, {"05050001", NULL}},
     ERR_REJECTED,
     "connection refused"},
    {"socks5://127.0.0.1",
     "h",
     1,
     "050100",
     {{"0500", "0501000301680001"}, {"0500000900", NULL}},
     ERR_PROTOCOL,
     "address type"},
    {"http://127.0.0.1",
     "pool.example.org",
     3333,
     http_plain,
     {{"485454502f312e3120323030204f4b0d0a0d0a", NULL}},
     1,
     NULL},
    {"http://127.0.0.1",
     "pool.example.org",
     3333,
     http_plain,
     {{"485454502f312e3120343037204e6f0d0a0d0a", NULL}},
     ERR_REJECTED,
     "407"},
    {"http://127.0.0.1",
     "pool.example.org",
     3333,
     http_plain,
     {{"485454502f312e3120353033204e6f0d0a0d0a", NULL}},
     ERR_REJECTED,
     "503"},
    {"http://127.0.0.1",
     "pool.example.org",
     3333,
     http_plain,
     {{"5353482d322e302d4f70656e5353480d0a0d0a", NULL}},
     ERR_PROTOCOL,
     "HTTP"},
};

static void conversations_follow_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        play(&scripts[i], false);
}

static void answers_may_come_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (scripts[i].result != ERR_PROTOCOL) /* where the end comes first, nothing follows */
            play(&scripts[i], true);
}

static void an_endless_answer_is_cut(void **state)
{
    struct proxy p = proxy_of("http://127.0.0.1");
    struct proxy_talk *t = xcalloc(1, sizeof *t);
    struct endpoint to = {.host = "h", .port = 1};
    uint8_t out[PROXY_SAY_MAX], junk[1000] = {'x'};
    size_t len;
    char reason[128];
    int result = 0;

    (void)state;
    (void)proxy_begin(t, &p, &to, out);
    for (int i = 0; i < 10 && !result; i++)
        result = proxy_take(t, junk, sizeof junk, out, &len, reason, sizeof reason);
    assert_int_equal(result, ERR_PROTOCOL);
    free(t);
}

/* --- the PROXY header ------------------------------------------------------------------------ */

static void peer_is(const uint8_t *bytes, size_t len, int used, const char *want)
{
    struct sockaddr_storage peer;
    char text[PEER_MAX] = "";

    for (size_t i = 0; i + 1 < (size_t)used; i++)
        assert_int_equal(forwarded_parse(bytes, i, &peer), 0);
    assert_int_equal(forwarded_parse(bytes, len, &peer), used);
    if (peer.ss_family)
        sockaddr_format((struct sockaddr *)&peer, text);
    assert_string_equal(text, want);
}

static void headers_of_both_versions_name_the_client(void **state)
{
    static const uint8_t v2[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x0a\1\2\3\x7f\0\0\1\x30\x39\x0d\x05"
        "rest";
    static const uint8_t local[] = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0rest";
    const char *v1 = "PROXY TCP4 10.1.2.3 127.0.0.1 12345 3333\r\nrest";
    const char *v6 = "PROXY TCP6 2001:db8::1 ::1 5 3333\r\n", *unknown = "PROXY UNKNOWN\r\n";

    (void)state;
    peer_is((const uint8_t *)v1, strlen(v1), (int)strlen(v1) - 4, "10.1.2.3:12345");
    peer_is((const uint8_t *)v6, strlen(v6), (int)strlen(v6), "[2001:db8::1]:5");
    peer_is((const uint8_t *)unknown, strlen(unknown), (int)strlen(unknown), "");
    peer_is(v2, sizeof v2 - 1, 28, "10.1.2.3:12345");
    peer_is(local, sizeof local - 1, 16, "");
}

static void broken_headers_are_refused(void **state)
{
    static const char *const bad[] = {
        "{\"id\":1}\n",
        "PROXY TCP4 10.1.2.3\r\n",
        "PROXY TCP4 10.1.2 127.0.0.1 1 2\r\n",
        "PROXY TCP4 10.1.2.3 127.0.0.1 99999 2\r\n",
        "PROXY SCTP 10.1.2.3 127.0.0.1 1 2\r\n",
        "PROXY TCP4 10.1.2.3 127.0.0.1 1 2                                                       "
        "                                       ",
    };
    static const uint8_t version[] = "\r\n\r\n\0\r\nQUIT\n\x11\x11\0\x0c............";
    static const uint8_t length[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff............";
    static const uint8_t brief[] = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x04....";
    struct sockaddr_storage peer;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(forwarded_parse((const uint8_t *)bad[i], strlen(bad[i]), &peer),
                         ERR_PROTOCOL);
    assert_int_equal(forwarded_parse(version, sizeof version - 1, &peer), ERR_PROTOCOL);
    assert_int_equal(forwarded_parse(length, sizeof length - 1, &peer), ERR_PROTOCOL);
    assert_int_equal(forwarded_parse(brief, sizeof brief - 1, &peer), ERR_PROTOCOL);
}

/* --- over a socket --------------------------------------------------------------------------- */

struct meeting {
    uv_loop_t loop;
    uv_tcp_t listener;
    struct stream *proxy_side, *got;
    char buffer[512];
    unsigned turn;
    int err;
    char reason[160];
    bool refuse, done;
};

static void on_proxy_bytes(void *arg, char *bytes, size_t len)
{
    struct meeting *m = arg;
    static const char method[] = "\5\0", yes[] = "\5\0\0\1\0\0\0\0\0\0", no[] = "\5\4\0\1";
    const char *answer = m->turn == 0 ? method : m->refuse ? no : yes;
    size_t n = m->turn == 0 ? 2 : m->refuse ? 4 : 10;
    const uv_buf_t buf = uv_buf_init((char *)(uintptr_t)answer, (unsigned)n);

    (void)bytes;
    (void)len;
    m->turn++;
    assert_int_equal(stream_send(m->proxy_side, &buf, 1), 0);
}

static void on_proxy_ended(void *arg, int err)
{
    struct meeting *m = arg;

    (void)err;
    stream_close(m->proxy_side);
    m->proxy_side = NULL;
}

static void on_connection(uv_stream_t *listener, int status)
{
    static const struct stream_events events = {.data = on_proxy_bytes, .ended = on_proxy_ended};
    struct meeting *m = listener->data;

    assert_int_equal(status, 0);
    m->proxy_side = stream_new(&m->loop);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&m->proxy_side->tcp), 0);
    assert_int_equal(stream_start(m->proxy_side, m->buffer, sizeof m->buffer, 4096, &events, m), 0);
}

static void on_done(void *arg, int err, struct stream *take, const char *reason)
{
    struct meeting *m = arg;

    m->done = true;
    m->err = err;
    m->got = take;
    (void)snprintf(m->reason, sizeof m->reason, "%s", reason);
}

static void meet(struct meeting *m, bool refuse)
{
    struct sockaddr_in at;
    int len = sizeof at;
    struct proxy proxy = {.kind = PROXY_SOCKS5, .at = {.host = "127.0.0.1"}};
    const struct endpoint to = {.host = "never.looked.up.invalid", .port = 3333};

    memset(m, 0, sizeof *m);
    m->refuse = refuse;
    (void)uv_loop_init(&m->loop);
    (void)uv_tcp_init(&m->loop, &m->listener);
    m->listener.data = m;
    (void)uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(uv_tcp_bind(&m->listener, (struct sockaddr *)&at, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&m->listener, 1, on_connection), 0);
    assert_int_equal(uv_tcp_getsockname(&m->listener, (struct sockaddr *)&at, &len), 0);
    proxy.at.port = ntohs(at.sin_port);
    (void)net_connect(&m->loop, &to, &proxy, 0, 5000000, on_done, m);
    while (!m->done)
        (void)uv_run(&m->loop, UV_RUN_ONCE);
    stream_close(m->got);
    stream_close(m->proxy_side);
    uv_close((uv_handle_t *)&m->listener, NULL);
    (void)uv_run(&m->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&m->loop), 0);
}

static void a_connection_goes_through_the_proxy(void **state)
{
    struct meeting m;

    (void)state;
    meet(&m, false);
    assert_int_equal(m.err, 0);
    assert_non_null(m.got);
    meet(&m, true);
    assert_int_equal(m.err, ERR_REJECTED);
    assert_non_null(strstr(m.reason, "host unreachable"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_name_kind_place_and_login),
        cmocka_unit_test(other_urls_are_refused_without_the_password),
        cmocka_unit_test(conversations_follow_the_standard),
        cmocka_unit_test(answers_may_come_byte_by_byte),
        cmocka_unit_test(an_endless_answer_is_cut),
        cmocka_unit_test(headers_of_both_versions_name_the_client),
        cmocka_unit_test(broken_headers_are_refused),
        cmocka_unit_test(a_connection_goes_through_the_proxy),
    };

    net_block_sigpipe();
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Connecting by name: the order of addresses, and that each is tried. The name service is one of
 * this file. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <uv.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/connect.h"
#include "net/happy.h"
#include "tests/fake/wire.h"

enum { ADDRESSES = 6 };

struct found {
    struct addrinfo info[ADDRESSES];
    struct sockaddr_storage at[ADDRESSES];
    unsigned count;
};

static struct found names; /* what the name service says */

static void add(struct found *f, const char *text, uint16_t port)
{
    struct addrinfo *a = &f->info[f->count];
    struct sockaddr_in *in = (void *)&f->at[f->count];
    struct sockaddr_in6 *in6 = (void *)&f->at[f->count];

    *a = (struct addrinfo){.ai_addr = (struct sockaddr *)&f->at[f->count]};
    if (inet_pton(AF_INET, text, &in->sin_addr) == 1) {
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        a->ai_addrlen = sizeof *in;
    } else {
        assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        a->ai_addrlen = sizeof *in6;
    }
    a->ai_family = f->at[f->count].ss_family;
    if (f->count)
        f->info[f->count - 1].ai_next = a;
    f->count++;
}

static uv_getaddrinfo_cb answer;
static uv_getaddrinfo_t *asked;

static void on_asked(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
    answer(asked, names.count ? 0 : UV_EAI_NONAME, names.count ? names.info : NULL);
}

static uv_timer_t later;

/* In the place of libuv's. */
int uv_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *req, uv_getaddrinfo_cb cb, const char *node,
                   const char *service, const struct addrinfo *hints)
{
    (void)node;
    (void)service;
    (void)hints;
    answer = cb;
    asked = req;
    (void)uv_timer_init(loop, &later);
    return uv_timer_start(&later, on_asked, 0, 0);
}

void uv_freeaddrinfo(struct addrinfo *ai)
{
    (void)ai;
}

/* --- the order ------------------------------------------------------------------------------- */

static void expect_order(unsigned first, const char *const *texts, unsigned count)
{
    struct sockaddr_storage out[HAPPY_MAX];
    char text[PEER_MAX];

    assert_int_equal(happy_order(names.info, first, out), count);
    for (unsigned i = 0; i < count; i++) {
        sockaddr_format((const struct sockaddr *)&out[i], text);
        assert_string_equal(text, texts[i]);
    }
}

static void families_take_turns(void **state)
{
    static const char *const order[] = {"[2001:db8::1]:1", "192.0.2.1:1", "[2001:db8::2]:1",
                                        "192.0.2.2:1"};

    (void)state;
    add(&names, "2001:db8::1", 1);
    add(&names, "2001:db8::2", 1);
    add(&names, "192.0.2.1", 1);
    add(&names, "192.0.2.2", 1);
    add(&names, "192.0.2.1", 1); /* again */
    expect_order(0, order, 4);
}

static void the_systems_preference_comes_first(void **state)
{
    static const char *const order[] = {"192.0.2.1:1", "[2001:db8::1]:1", "192.0.2.2:1"};

    (void)state;
    add(&names, "192.0.2.1", 1);
    add(&names, "192.0.2.2", 1);
    add(&names, "2001:db8::1", 1);
    expect_order(0, order, 3);
}

static void a_later_try_begins_with_the_next(void **state)
{
    static const char *const order[] = {"192.0.2.2:1", "192.0.2.3:1", "192.0.2.1:1"};

    (void)state;
    add(&names, "192.0.2.1", 1);
    add(&names, "192.0.2.2", 1);
    add(&names, "192.0.2.3", 1);
    expect_order(1, order, 3);
    expect_order(4, order, 3);
}

/* --- trying ---------------------------------------------------------------------------------- */

struct result {
    bool done;
    int err;
    char peer[PEER_MAX], reason[256];
};

static void on_done(void *arg, int err, struct stream *take, const char *reason)
{
    struct result *r = arg;

    r->done = true;
    r->err = err;
    (void)text_copy(r->reason, sizeof r->reason, reason);
    if (take)
        stream_peer(take, r->peer);
    stream_close(take);
}

static struct result try_to_connect(int64_t timeout_us)
{
    struct endpoint to = {.host = "pool.example", .port = 3333};
    struct result r = {.done = false};
    uv_loop_t loop;

    (void)uv_loop_init(&loop);
    (void)net_connect(&loop, &to, NULL, 0, timeout_us, on_done, &r);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_true(r.done);
    return r;
}

static void addresses_that_refuse_are_passed_over(void **state)
{
    uint16_t open, shut;
    int listener = wire_listen(&open), other = wire_listen(&shut);

    (void)state;
    (void)close(other);
    add(&names, "127.0.0.1", shut);
    add(&names, "127.0.0.2", shut);
    add(&names, "127.0.0.1", open);
    struct result r = try_to_connect(5 * SECOND_US);
    assert_int_equal(r.err, 0);
    assert_int_equal(atoi(strrchr(r.peer, ':') + 1), open);
    (void)close(listener);
}

/* 192.0.2.0/24 leads nowhere: packets vanish, or the system says so. */
static void an_address_that_does_not_answer_does_not_hold_up_the_next(void **state)
{
    uint16_t open;
    int listener = wire_listen(&open);

    (void)state;
    add(&names, "192.0.2.1", open);
    add(&names, "127.0.0.1", open);
    int64_t begin = now_us();
    struct result r = try_to_connect(60 * SECOND_US);
    assert_int_equal(r.err, 0);
    assert_true(now_us() - begin < 30 * SECOND_US); /* far less than the first one's limit */
    (void)close(listener);
}

static void when_all_fail_it_says_how_many(void **state)
{
    uint16_t shut;
    int other = wire_listen(&shut);

    (void)state;
    (void)close(other);
    add(&names, "127.0.0.1", shut);
    add(&names, "127.0.0.2", shut);
    struct result r = try_to_connect(5 * SECOND_US);
    assert_int_equal(r.err, UV_ECONNREFUSED);
    assert_non_null(strstr(r.reason, "any of 2 addresses"));
    assert_non_null(strstr(r.reason, "pool.example:3333"));
}

static void a_name_without_an_address_is_told(void **state)
{
    (void)state;
    struct result r = try_to_connect(SECOND_US);
    assert_int_equal(r.err, UV_EAI_NONAME);
    assert_non_null(strstr(r.reason, "cannot find the address of pool.example"));
}

static void ipv6_is_connected_to(void **state)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET6, SOCK_STREAM, 0);

    (void)state;
    if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof at) < 0)
        skip();
    assert_int_equal(listen(listener, 5), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    add(&names, "::1", ntohs(at.sin6_port));
    struct result r = try_to_connect(5 * SECOND_US);
    assert_int_equal(r.err, 0);
    assert_non_null(strstr(r.peer, "[::1]:"));
    (void)close(listener);
}

static void cancelling_is_quiet(void **state)
{
    struct endpoint to = {.host = "pool.example", .port = 3333};
    struct result r = {.done = false};
    uv_loop_t loop;

    (void)state;
    add(&names, "192.0.2.1", 1);
    (void)uv_loop_init(&loop);
    struct connector *c = net_connect(&loop, &to, NULL, 0, SECOND_US, on_done, &r);
    for (int i = 0; i < 3; i++)
        (void)uv_run(&loop, UV_RUN_NOWAIT);
    if (!r.done)
        net_connect_cancel(c);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static int setup(void **state)
{
    (void)state;
    names = (struct found){.count = 0};
    return 0;
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        T(families_take_turns),
        T(the_systems_preference_comes_first),
        T(a_later_try_begins_with_the_next),
        T(addresses_that_refuse_are_passed_over),
        T(an_address_that_does_not_answer_does_not_hold_up_the_next),
        T(when_all_fail_it_says_how_many),
        T(a_name_without_an_address_is_told),
        T(ipv6_is_connected_to),
        T(cancelling_is_quiet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

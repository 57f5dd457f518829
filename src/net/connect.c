/* SPDX-License-Identifier: MIT */
/* DNS, then the addresses, each begun a moment after the one before, until one answers. The
 * connector is freed when its timer handle is closed and no lookup is under way. */
#include "net/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "net/happy.h"

enum { STAGGER_MS = 250 }; /* before the next address is tried too (RFC 8305) */

struct attempt { /* one connect request: it may outlive the connector */
    uv_connect_t req;
    struct connector *owner; /* NULL: nobody waits for it any more */
    unsigned number;         /* of its address */
    int64_t since_us;
};

struct connector {
    uv_getaddrinfo_t dns;
    uv_timer_t timer;        /* racing: the next address, and those that take too long */
    struct endpoint to, via; /* where to in the end, and what is connected to: the same straight */
    struct proxy proxy;
    struct proxy_talk *talk; /* with the proxy, on `talking` */
    struct stream *talking;
    char buffer[PROXY_HEAR_MAX];
    int64_t timeout_us;
    int early; /* why not even the question for its address could be asked; 0 = it was */
    connect_done_fn *done; /* NULL once it ended or was cancelled */
    void *arg;
    unsigned first, count, next;                /* addresses: where to begin, all, next to try */
    struct sockaddr_storage address[HAPPY_MAX]; /* in the order in which they are tried */
    struct attempt *trying[HAPPY_MAX];          /* by address; NULL = not under way */
    unsigned busy;                              /* of those */
    bool dns_busy, timer_closed;
    char reason[224];
    int err;
};

static void try_next(struct connector *c);
static void arm(struct connector *c);

static void free_when_idle(struct connector *c)
{
    if (!c->timer_closed || c->dns_busy)
        return;
    free(c->talk);
    free(c);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct connector *c = handle->data;

    c->timer_closed = true;
    free_when_idle(c);
}

static void abandon(struct connector *c, unsigned number)
{
    struct attempt *attempt = c->trying[number];

    if (!attempt)
        return;
    c->trying[number] = NULL;
    c->busy--;
    attempt->owner = NULL;
    stream_close((struct stream *)attempt->req.handle);
}

static void abandon_all(struct connector *c)
{
    for (unsigned i = 0; i < c->count; i++)
        abandon(c, i);
}

static void stop(struct connector *c)
{
    c->done = NULL;
    abandon_all(c);
    stream_close(c->talking);
    c->talking = NULL;
    if (c->dns_busy)
        (void)uv_cancel((uv_req_t *)&c->dns);
    uv_close((uv_handle_t *)&c->timer, on_timer_closed);
}

static void finish(struct connector *c, int err, struct stream *take)
{
    connect_done_fn *done = c->done;
    void *arg = c->arg;
    char reason[sizeof c->reason];

    (void)snprintf(reason, sizeof reason, "%s", c->reason);
    stop(c);
    done(arg, err, take, reason);
}

static void note(struct connector *c, const char *what, int err)
{
    char peer[PEER_MAX];

    endpoint_format(&c->via, peer);
    c->err = err;
    (void)snprintf(c->reason, sizeof c->reason, "%s %s: %s", what, peer, err_str(err));
}

/* As note, with the address where the name has several. */
static void note_address(struct connector *c, unsigned number, int err)
{
    char peer[PEER_MAX], address[PEER_MAX];

    note(c, "cannot connect to", err);
    if (c->count < 2)
        return;
    endpoint_format(&c->via, peer);
    sockaddr_format((const struct sockaddr *)&c->address[number], address);
    (void)snprintf(c->reason, sizeof c->reason,
                   "cannot connect to %s at any of %u addresses; %s: %s", peer, c->count, address,
                   err_str(err));
}

/* --- through a proxy ------------------------------------------------------------------------- */

static void talk_failed(struct connector *c, int err, const char *what)
{
    char peer[PEER_MAX];

    endpoint_format(&c->via, peer);
    (void)snprintf(c->reason, sizeof c->reason, "proxy %s: %s", peer, what);
    finish(c, err, NULL);
}

static void say(struct connector *c, const uint8_t *bytes, size_t len)
{
    const uv_buf_t buf = uv_buf_init((char *)(uintptr_t)bytes, (unsigned)len);
    int err = len ? stream_send(c->talking, &buf, 1) : 0;

    if (err < 0)
        talk_failed(c, err, err_str(err));
}

static void on_proxy_data(void *arg, char *bytes, size_t len)
{
    struct connector *c = arg;
    uint8_t out[PROXY_SAY_MAX];
    size_t out_len;
    char reason[128] = "";
    int result =
        proxy_take(c->talk, (const uint8_t *)bytes, len, out, &out_len, reason, sizeof reason);

    if (result < 0) {
        talk_failed(c, result, reason);
    } else if (result > 0) {
        struct stream *take = c->talking;
        c->talking = NULL;
        stream_pause(take);
        finish(c, 0, take);
    } else {
        say(c, out, out_len);
    }
}

static void on_proxy_ended(void *arg, int err)
{
    talk_failed(arg, err, err_str(err));
}

static void talk(struct connector *c, struct stream *s)
{
    static const struct stream_events events = {.data = on_proxy_data, .ended = on_proxy_ended};
    uint8_t out[PROXY_SAY_MAX];

    c->talking = s;
    arm(c);
    c->talk = xcalloc(1, sizeof *c->talk);
    int err = stream_start(s, c->buffer, sizeof c->buffer, PROXY_SAY_MAX, &events, c);
    if (err < 0)
        talk_failed(c, err, err_str(err));
    else
        say(c, out, proxy_begin(c->talk, &c->proxy, &c->to, out));
}

/* --- addresses: one after the other, the next before the last has failed -----------------------
 */

static void on_connected(uv_connect_t *req, int status)
{
    struct attempt *attempt = (struct attempt *)req;
    struct stream *s = (struct stream *)req->handle;
    struct connector *c = attempt->owner;
    unsigned number = attempt->number;

    free(attempt);
    if (!c) /* too late, or cancelled: the stream is being closed */
        return;
    c->trying[number] = NULL;
    c->busy--;
    if (status) {
        note_address(c, number, status);
        stream_close(s);
        try_next(c);
        return;
    }
    abandon_all(c);
    if (c->proxy.kind != PROXY_NONE)
        talk(c, s);
    else
        finish(c, 0, s);
}

static void on_timeout(uv_timer_t *timer)
{
    struct connector *c = timer->data;

    if (c->talking) {
        talk_failed(c, UV_ETIMEDOUT, err_str(UV_ETIMEDOUT));
        return;
    }
    int err = c->early ? c->early : UV_ETIMEDOUT;
    note(c, "cannot find the address of", err);
    finish(c, err, NULL);
}

/* One limit for what is done once: the name, the talk with a proxy. */
static void arm(struct connector *c)
{
    (void)uv_timer_start(&c->timer, on_timeout, (uint64_t)(c->timeout_us / 1000), 0);
}

static void on_stagger(uv_timer_t *timer)
{
    struct connector *c = timer->data;
    int64_t now = now_us();

    for (unsigned i = 0; i < c->count; i++)
        if (c->trying[i] && now - c->trying[i]->since_us >= c->timeout_us) {
            note_address(c, i, UV_ETIMEDOUT);
            abandon(c, i);
        }
    try_next(c);
}

/* False: the next one may be tried at once. */
static bool start(struct connector *c, unsigned number)
{
    struct attempt *attempt = xcalloc(1, sizeof *attempt);
    struct stream *s = stream_new(c->timer.loop);

    *attempt = (struct attempt){.owner = c, .number = number, .since_us = now_us()};
    int err = uv_tcp_connect(&attempt->req, &s->tcp, (const struct sockaddr *)&c->address[number],
                             on_connected);
    if (!err) {
        c->trying[number] = attempt;
        c->busy++;
        return true;
    }
    note_address(c, number, err);
    free(attempt);
    stream_close(s);
    return false;
}

/* Begins with the next address; told as failed once all have. */
static void try_next(struct connector *c)
{
    bool started = false;

    while (!started && c->next < c->count)
        started = start(c, c->next++);
    if (!c->busy)
        finish(c, c->err ? c->err : UV_ENOTCONN, NULL);
}

static void race(struct connector *c)
{
    uint64_t step =
        c->timeout_us / 1000 < STAGGER_MS ? (uint64_t)(c->timeout_us / 1000) : STAGGER_MS;

    (void)uv_timer_start(&c->timer, on_stagger, step, step ? step : 1);
    try_next(c);
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct connector *c = req->data;

    c->dns_busy = false;
    if (!c->done) {
        uv_freeaddrinfo(found);
        free_when_idle(c);
        return;
    }
    if (status < 0) {
        note(c, "cannot find the address of", status);
        finish(c, status, NULL);
        return;
    }
    c->count = happy_order(found, c->first, c->address);
    uv_freeaddrinfo(found);
    race(c);
}

struct connector *net_connect(uv_loop_t *loop, const struct endpoint *to, const struct proxy *proxy,
                              unsigned first, int64_t timeout_us, connect_done_fn *done, void *arg)
{
    struct connector *c = xcalloc(1, sizeof *c);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];

    c->to = c->via = *to;
    if (proxy && proxy->kind != PROXY_NONE) {
        c->proxy = *proxy;
        c->via = proxy->at;
    }
    c->first = first;
    c->timeout_us = timeout_us;
    c->done = done;
    c->arg = arg;
    (void)uv_timer_init(loop, &c->timer);
    c->timer.data = c->dns.data = c;
    (void)snprintf(port, sizeof port, "%u", c->via.port);
    arm(c);
    c->dns_busy = true;
    int err = uv_getaddrinfo(loop, &c->dns, on_resolved, c->via.host, port, &hints);
    if (err) { /* told by the timer, so that `done` never comes from inside this call */
        c->dns_busy = false;
        c->early = err;
        (void)uv_timer_start(&c->timer, on_timeout, 0, 0);
    }
    return c;
}

void net_connect_cancel(struct connector *c)
{
    if (c)
        stop(c);
}

/* SPDX-License-Identifier: MIT */
/* DNS, then each address until one answers. The connector is freed when its timer handle is closed
 * and no request is under way. */
#include "net/connect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/err.h"

struct connector {
    uv_getaddrinfo_t dns;
    uv_timer_t timer;
    struct endpoint to, via; /* where to in the end, and what is connected to: the same straight */
    struct proxy proxy;
    struct proxy_talk *talk; /* with the proxy, on `talking` */
    struct stream *talking;
    char buffer[PROXY_HEAR_MAX];
    int64_t timeout_us;
    connect_done_fn *done; /* NULL once it ended or was cancelled */
    void *arg;
    struct addrinfo *found, *next;
    struct stream *trying; /* its connect request is under way */
    bool dns_busy, timer_closed;
    char reason[160];
    int err;
};

static void try_next(struct connector *c);

static void free_when_idle(struct connector *c)
{
    if (!c->timer_closed || c->dns_busy)
        return;
    uv_freeaddrinfo(c->found);
    free(c->talk);
    free(c);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct connector *c = handle->data;

    c->timer_closed = true;
    free_when_idle(c);
}

static void stop(struct connector *c)
{
    c->done = NULL;
    stream_close(c->trying);
    c->trying = NULL;
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
    c->talk = xcalloc(1, sizeof *c->talk);
    int err = stream_start(s, c->buffer, sizeof c->buffer, PROXY_SAY_MAX, &events, c);
    if (err < 0)
        talk_failed(c, err, err_str(err));
    else
        say(c, out, proxy_begin(c->talk, &c->proxy, &c->to, out));
}

/* --- addresses in turn ----------------------------------------------------------------------- */

struct attempt { /* one connect request: it may outlive the connector */
    uv_connect_t req;
    struct connector *owner;
};

static void on_connected(uv_connect_t *req, int status)
{
    struct attempt *attempt = (struct attempt *)req;
    struct stream *s = (struct stream *)req->handle;
    struct connector *c = s->closing ? NULL : attempt->owner;

    free(attempt);
    if (!c) /* timed out or cancelled: the stream is being closed */
        return;
    c->trying = NULL;
    if (!status && c->proxy.kind != PROXY_NONE) {
        talk(c, s);
        return;
    }
    if (!status) {
        finish(c, 0, s);
        return;
    }
    note(c, "cannot connect to", status);
    stream_close(s);
    try_next(c);
}

static void on_timeout(uv_timer_t *timer)
{
    struct connector *c = timer->data;

    if (c->talking) {
        talk_failed(c, UV_ETIMEDOUT, err_str(UV_ETIMEDOUT));
        return;
    }
    if (!c->trying) {
        note(c, "cannot find the address of", UV_ETIMEDOUT);
        finish(c, UV_ETIMEDOUT, NULL);
        return;
    }
    note(c, "cannot connect to", UV_ETIMEDOUT);
    stream_close(c->trying);
    c->trying = NULL;
    try_next(c);
}

static void arm(struct connector *c)
{
    (void)uv_timer_start(&c->timer, on_timeout, (uint64_t)(c->timeout_us / 1000), 0);
}

static void try_next(struct connector *c)
{
    while (c->next) {
        struct addrinfo *at = c->next;
        c->next = at->ai_next;
        struct attempt *attempt = xcalloc(1, sizeof *attempt);
        struct stream *s = stream_new(c->timer.loop);
        attempt->owner = c;
        int err = uv_tcp_connect(&attempt->req, &s->tcp, at->ai_addr, on_connected);
        if (!err) {
            c->trying = s;
            arm(c);
            return;
        }
        note(c, "cannot connect to", err);
        free(attempt);
        stream_close(s);
    }
    finish(c, c->err ? c->err : UV_ENOTCONN, NULL);
}

static void on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct connector *c = req->data;

    c->dns_busy = false;
    c->found = c->next = found;
    if (!c->done) {
        free_when_idle(c);
        return;
    }
    if (status < 0) {
        note(c, "cannot find the address of", status);
        finish(c, status, NULL);
        return;
    }
    try_next(c);
}

struct connector *net_connect(uv_loop_t *loop, const struct endpoint *to, const struct proxy *proxy,
                              int64_t timeout_us, connect_done_fn *done, void *arg)
{
    struct connector *c = xcalloc(1, sizeof *c);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    char port[8];

    c->to = c->via = *to;
    if (proxy && proxy->kind != PROXY_NONE) {
        c->proxy = *proxy;
        c->via = proxy->at;
    }
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
        (void)uv_timer_start(&c->timer, on_timeout, 0, 0);
    }
    return c;
}

void net_connect_cancel(struct connector *c)
{
    if (c)
        stop(c);
}

/* SPDX-License-Identifier: MIT */
/* TCP streams over libuv. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "net/stream.h"
#include "net/tls.h"

enum { KEEPALIVE_S = 60 };

struct rest { /* what the socket did not take at once */
    uv_write_t req;
    struct rest *next;
    size_t len;
    char data[];
};

struct stream *stream_new(uv_loop_t *loop)
{
    struct stream *s = xcalloc(1, sizeof *s);

    if (uv_tcp_init(loop, &s->tcp)) {
        free(s);
        abort(); /* without a domain uv_tcp_init does nothing that can fail */
    }
    return s;
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct stream *s = (struct stream *)handle;

    (void)size;
    *buf = uv_buf_init(s->buffer, s->buffer_len);
}

static void take_secured(struct stream *s, const char *bytes, size_t len)
{
    int err = tls_take(s->tls, s, bytes, len);

    if (err < 0 && !s->closing)
        s->events->ended(s->arg, err);
}

static void on_read(uv_stream_t *handle, ssize_t len, const uv_buf_t *buf)
{
    struct stream *s = (struct stream *)handle;

    if (s->closing || !len)
        return;
    if (len < 0)
        s->events->ended(s->arg, (int)len);
    else if (s->tls)
        take_secured(s, buf->base, (size_t)len);
    else
        s->events->data(s->arg, buf->base, (size_t)len);
}

int stream_start(struct stream *s, char *buffer, uint32_t buffer_len, uint32_t queue_limit,
                 const struct stream_events *events, void *arg)
{
    s->buffer = buffer;
    s->buffer_len = buffer_len;
    s->queue_limit = queue_limit;
    s->events = events;
    s->arg = arg;
    (void)uv_tcp_nodelay(&s->tcp, 1);
    (void)uv_tcp_keepalive(&s->tcp, 1, KEEPALIVE_S);
    return uv_read_start((uv_stream_t *)&s->tcp, on_alloc, on_read);
}

void stream_pause(struct stream *s)
{
    (void)uv_read_stop((uv_stream_t *)&s->tcp);
}

static void on_written(uv_write_t *req, int status)
{
    struct stream *s = (struct stream *)req->handle;

    s->unsent = ((struct rest *)req)->next; /* they are written in order */
    free(req);
    if (s->closing)
        return;
    if (status < 0 && s->events)
        s->events->ended(s->arg, status);
    else
        s->stalled_us = stream_queued(s) ? now_us() : 0;
}

static int queue_rest(struct stream *s, const uv_buf_t *bufs, unsigned count, size_t skip,
                      size_t total)
{
    size_t left = total - skip;

    if (stream_queued(s) + left > s->queue_limit)
        return UV_ENOBUFS;
    struct rest *rest = xmalloc(sizeof *rest + left);
    char *at = rest->data;
    for (unsigned i = 0; i < count; i++) {
        size_t pass = skip < bufs[i].len ? skip : bufs[i].len;
        at = mempcpy(at, bufs[i].base + pass, bufs[i].len - pass);
        skip -= pass;
    }
    uv_buf_t buf = uv_buf_init(rest->data, (unsigned)left);
    rest->next = NULL;
    rest->len = left;
    int err = uv_write(&rest->req, (uv_stream_t *)&s->tcp, &buf, 1, on_written);
    if (err) {
        free(rest);
        return err;
    }
    struct rest **end = &s->unsent;
    while (*end)
        end = &(*end)->next;
    *end = rest;
    if (!s->stalled_us)
        s->stalled_us = now_us();
    return 0;
}

int stream_send_raw(struct stream *s, const uv_buf_t *bufs, unsigned count)
{
    size_t total = 0;

    if (s->closing)
        return ERR_CLOSED;
    for (unsigned i = 0; i < count; i++)
        total += bufs[i].len;
    if (!total)
        return 0;
    int sent = uv_try_write((uv_stream_t *)&s->tcp, bufs, count);
    if (sent < 0 && sent != UV_EAGAIN)
        return sent;
    size_t done = sent < 0 ? 0 : (size_t)sent;
    return done == total ? 0 : queue_rest(s, bufs, count, done, total);
}

static int send_secured(struct stream *s, const uv_buf_t *bufs, unsigned count)
{
    return s->closing ? ERR_CLOSED : tls_send(s->tls, s, bufs, count, s->queue_limit);
}

int stream_send(struct stream *s, const uv_buf_t *bufs, unsigned count)
{
    return s->tls ? send_secured(s, bufs, count) : stream_send_raw(s, bufs, count);
}

int stream_tls_connect(struct stream *s, struct tls_context *context, const char *host)
{
    s->tls = tls_new(context, host);
    return tls_begin(s->tls, s);
}

int stream_tls_accept(struct stream *s, struct tls_context *context, const char *bytes, size_t len)
{
    s->tls = tls_new(context, NULL);
    return tls_take(s->tls, s, bytes, len);
}

const char *stream_security(const struct stream *s)
{
    return s->tls ? tls_version(s->tls) : "";
}

const char *stream_trouble(const struct stream *s)
{
    return s->tls ? tls_trouble(s->tls) : "";
}

size_t stream_queued(const struct stream *s)
{
    return uv_stream_get_write_queue_size((const uv_stream_t *)&s->tcp);
}

struct peer stream_from(const struct stream *s)
{
    struct sockaddr_storage sa = {0};
    struct peer peer;
    int len = sizeof sa;

    (void)uv_tcp_getpeername(&s->tcp, (struct sockaddr *)&sa, &len);
    peer_from_sockaddr(&peer, (struct sockaddr *)&sa);
    return peer;
}

void stream_peer(const struct stream *s, char out[PEER_MAX])
{
    struct peer peer = stream_from(s);

    peer_format(&peer, out);
}

static void on_closed(uv_handle_t *handle)
{
    tls_free(((struct stream *)handle)->tls);
    free(handle);
}

int stream_detach(struct stream *s, struct str *unsent)
{
    size_t total = 0, skip;
    uv_os_fd_t fd;

    if (s->tls || s->closing || uv_fileno((uv_handle_t *)&s->tcp, &fd))
        return -EINVAL;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* closing the handle closes its own */
    if (copy < 0)
        return -errno;
    for (const struct rest *r = s->unsent; r; r = r->next)
        total += r->len;
    skip = total - stream_queued(s); /* of the first, a part may be sent */
    for (const struct rest *r = s->unsent; r; r = r->next) {
        size_t pass = skip < r->len ? skip : r->len;
        str_add_n(unsent, r->data + pass, r->len - pass);
        skip -= pass;
    }
    return copy;
}

int stream_attach(struct stream *s, int fd)
{
    int err = uv_tcp_open(&s->tcp, fd);

    if (err)
        (void)close(fd);
    return err;
}

void stream_close(struct stream *s)
{
    if (!s)
        return;
    if (s->tls && !s->closing)
        tls_goodbye(s->tls, s);
    s->closing = true;
    if (!uv_is_closing((uv_handle_t *)&s->tcp))
        uv_close((uv_handle_t *)&s->tcp, on_closed);
}

static void on_shutdown(uv_shutdown_t *req, int status)
{
    struct stream *s = (struct stream *)req->handle;

    (void)status;
    free(req);
    stream_close(s);
}

void stream_close_after_send(struct stream *s)
{
    if (!s)
        return;
    uv_shutdown_t *req = xcalloc(1, sizeof *req);

    if (s->tls && !s->closing)
        tls_goodbye(s->tls, s);
    s->closing = true;
    (void)uv_read_stop((uv_stream_t *)&s->tcp);
    if (uv_shutdown(req, (uv_stream_t *)&s->tcp, on_shutdown)) {
        free(req);
        stream_close(s);
    }
}

void net_block_sigpipe(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

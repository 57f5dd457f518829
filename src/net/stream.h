/* SPDX-License-Identifier: MIT */
/* A TCP connection on a uv loop, plain or under TLS: bounded writes, TCP_NODELAY, keepalive. One
 * owner thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "net/peer.h"

struct rest;
struct str;
struct tls;
struct tls_context;

struct stream_events {
    /* Bytes came, in the reader's own buffer. May close the stream. */
    void (*data)(void *arg, char *bytes, size_t len);
    /* The peer closed (UV_EOF) or the connection failed (stream_trouble may say more). Close the
     * stream then. */
    void (*ended)(void *arg, int err);
};

struct stream {
    uv_tcp_t tcp; /* first: the handle's address is the stream's */
    const struct stream_events *events;
    void *arg;
    struct tls *tls; /* NULL = plain */
    char *buffer;    /* where reads go: may be shared by all streams of a loop */
    uint32_t buffer_len;
    uint32_t queue_limit; /* unsent bytes past this cut the connection */
    struct rest *unsent;  /* what the socket did not take at once, oldest first */
    int64_t stalled_us;   /* monotonic: since when nothing was taken; 0 = nothing waits */
    bool closing;
};

/* A stream that owns nothing yet but its handle. Freed by stream_close in a later loop turn. */
struct stream *stream_new(uv_loop_t *);

/* Starts reading into `buffer` (borrowed, at least until the close). */
int stream_start(struct stream *, char *buffer, uint32_t buffer_len, uint32_t queue_limit,
                 const struct stream_events *, void *arg);

/* Reads no more until stream_start is called again, for another reader. */
void stream_pause(struct stream *);

/* Writes as much as the socket takes at once; copies and queues the rest. 0, UV_ENOBUFS when the
 * peer reads too slowly (queue past its limit), or the socket's error: close it then. */
int stream_send(struct stream *, const uv_buf_t *bufs, unsigned count);

/* Goes on under TLS, after stream_start: as the client of `host`, whose certificate must be for
 * that name. What is sent waits until the peer is trusted. 0 or an error that ends the connection.
 */
int stream_tls_connect(struct stream *, struct tls_context *, const char *host);
/* As the server; `bytes` are those that were read already and began the handshake. */
int stream_tls_accept(struct stream *, struct tls_context *, const char *bytes, size_t len);

const char *stream_security(const struct stream *); /* "TLSv1.3"; "" = plain, or not yet */
const char *stream_trouble(const struct stream *); /* why TLS failed and what to do; "" = nothing */

/* Past TLS, for tls.c. */
int stream_send_raw(struct stream *, const uv_buf_t *bufs, unsigned count);

size_t stream_queued(const struct stream *);    /* unsent bytes */
struct peer stream_from(const struct stream *); /* not known when the connection is gone */
void stream_peer(const struct stream *, char out[PEER_MAX]);

/* Takes the connection away from its loop, open: a descriptor of it, and what it has not sent,
 * which is appended. The stream is of no use then but to be closed. -errno; -EINVAL under TLS. */
int stream_detach(struct stream *, struct str *unsent);
/* Makes a fresh stream that of an open connection. 0, or an error with the descriptor closed. */
int stream_attach(struct stream *, int fd);

/* Closes; no callback comes any more, the memory goes in a later loop turn. NULL is fine. */
void stream_close(struct stream *);
/* The same, after what is queued was sent (for a last message). NULL is fine. */
void stream_close_after_send(struct stream *);

/* A peer that goes away must not end the process: blocks SIGPIPE on the calling thread. */
void net_block_sigpipe(void);

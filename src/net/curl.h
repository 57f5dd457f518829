/* SPDX-License-Identifier: MIT */
/* HTTP requests through libcurl's multi interface on a uv loop. Connections are kept and reused.
 * One loop thread. Names are resolved on libcurl's own thread: nothing here blocks. Redirects and
 * the environment's proxies are not followed: credentials go to the named host only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct http;
struct http_call;

struct http_request {
    const char *url;         /* http:// or https://; copied */
    const char *user, *pass; /* authentication; NULL user = none; copied */
    bool digest;             /* by digest, as the server asks for it; else basic */
    const void *body;        /* sent by POST as application/json; NULL = GET; copied */
    size_t body_len;
    int64_t timeout_ms;         /* for the whole of it */
    int64_t connect_timeout_ms; /* 0 = timeout_ms */
    size_t max_bytes;           /* a longer reply is an error */
};

struct http_reply {
    int err;          /* 0, UV_ECONNREFUSED, UV_ETIMEDOUT, UV_EMSGSIZE, ... */
    const char *text; /* what went wrong, for people; "" with err 0 */
    long status;      /* 200, 401, ...; 0 when there was no answer */
    const char *body; /* NUL-terminated; never NULL */
    size_t len;
    double ms; /* from request to the end of the answer */
};

/* The reply is borrowed. The callback may start new calls and abort others. */
typedef void http_done_fn(void *arg, const struct http_reply *);

struct http *http_new(uv_loop_t *);
/* Aborts what is under way without callbacks; memory goes when the loop has closed the handles. */
void http_close(struct http *); /* NULL is fine */

/* `done` comes exactly once, from the loop, unless the call is aborted. Never NULL. */
struct http_call *http_start(struct http *, const struct http_request *, http_done_fn *done,
                             void *arg);
/* No callback any more. Not for a call whose callback has begun. */
void http_abort(struct http_call *);

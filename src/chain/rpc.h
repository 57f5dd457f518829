/* SPDX-License-Identifier: MIT */
/* JSON-RPC with one coin daemon: authentication by password or cookie file, and what its answers
 * mean. Hub thread. */
#pragma once

#include <jansson.h>

#include "config/config.h"
#include "net/curl.h"

struct rpc;
struct rpc_call;

/* How a family of daemons is called. */
struct rpc_style {
    const char *path;    /* put behind a URL that has none; "" = nothing */
    const char *version; /* of JSON-RPC */
    bool digest;         /* digest authentication; else basic */
    bool cookie;         /* they write credentials into a file */
    const char *option;  /* of theirs, to be checked when they refuse our credentials */
};

enum { RPC_BYTES = 64 << 10 }; /* limit of ordinary answers */

struct rpc_reply {
    /* 0; ERR_RPC: the daemon answered with an error (code, text); ERR_UNAUTHORIZED; UV_EBUSY: its
     * work queue is full; ERR_PROTOCOL: not a JSON-RPC answer; UV_*: no answer. */
    int err;
    long code;            /* with ERR_RPC: -28, -9, ... */
    const char *text;     /* what is wrong, harmless for terminals; "" with err 0 */
    const json_t *result; /* borrowed; NULL unless err is 0 */
    double ms;
};

typedef void rpc_done_fn(void *arg, const struct rpc_reply *);

/* `name` gets "host:port", never a password. ERR_CONFIG and `why` when the URL is not one, or a
 * cookie file is given to a family without. `style` is borrowed. */
int rpc_new(struct http *, const struct rpc_style *style, const struct daemon_config *, char *name,
            size_t name_size, struct rpc **ret, struct fault *why);
void rpc_free(struct rpc *); /* aborts without callbacks; NULL is fine */

/* `params` is taken. `done` comes exactly once, from the loop, unless aborted. */
struct rpc_call *rpc_start(struct rpc *, const char *method, json_t *params, int64_t timeout_ms,
                           size_t max_bytes, rpc_done_fn *done, void *arg);
void rpc_abort(struct rpc_call *); /* NULL is fine */

/* SPDX-License-Identifier: MIT */
/* One coin daemon of the Bitcoin family: is it there, is it the right one, and its newest template.
 * Hub thread. */
#pragma once

#include "chain/chain.h"
#include "chain/rpc.h"
#include "chain/template.h"

#define DAEMON_STATE_LIST(X)                                                                       \
    X(UNKNOWN, "not asked yet")                                                                    \
    X(DOWN, "no answer")                                                                           \
    X(REFUSED, "credentials refused")                                                              \
    X(FOREIGN, "another network")                                                                  \
    X(WARMING, "starting")                                                                         \
    X(ALONE, "no peers")                                                                           \
    X(SYNCING, "downloading the chain")                                                            \
    X(BUSY, "work queue full")                                                                     \
    X(USELESS, "its templates cannot be used")                                                     \
    X(READY, "ready")

enum daemon_state {
#define X(name, text) DAEMON_##name,
    DAEMON_STATE_LIST(X)
#undef X
};

struct daemon;
typedef void daemon_changed_fn(void *arg, struct daemon *); /* its template or its state */

struct daemon {
    /* set by the owner before daemon_start */
    const struct chain_options *options;
    const struct chain_timing *timing;
    struct rpc *rpc;
    char name[64];
    daemon_changed_fn *changed;
    void *arg;

    enum daemon_state state;
    char error[160];
    bool checked;                    /* its first block is that of our network */
    struct chain_template *template; /* the newest; NULL until there is one */
    char longpollid[LONGPOLLID_MAX];
    struct rpc_call *check, *fetch, *poll, *wait; /* under way; wait = long poll */
    bool fetch_again;                             /* a refresh was asked for during a fetch */
    int64_t fetched_us, tip_us, wait_after_us;
    double rpc_ms;
    unsigned failures; /* in a row */
    uv_timer_t tick;
};

void daemon_start(struct daemon *, uv_loop_t *);
void daemon_refresh(struct daemon *); /* fetches a template now, if it is ready */
void daemon_stop(struct daemon *);    /* aborts everything; `tick` is stopped but not closed */

/* Its template may be mined: ready, and not older than the timing allows. */
bool daemon_usable(const struct daemon *);

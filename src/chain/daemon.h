/* SPDX-License-Identifier: MIT */
/* One coin daemon: is it there, is it the right one, and its newest template. Hub thread. */
#pragma once

#include "chain/family.h"

typedef void daemon_changed_fn(void *arg, struct daemon *); /* its template or its state */

struct daemon {
    /* set by the owner before daemon_start */
    const struct daemon_family *family;
    const struct chain_options *options; /* config is not read any more */
    const char *payout;                  /* address of the pool's wallet */
    const void *own;                     /* family->prepare's; may be NULL */
    const struct chain_timing *timing;
    struct rpc *rpc;
    char name[64];
    daemon_changed_fn *changed;
    void *arg;

    enum daemon_state state;
    char error[160];
    unsigned checks;                 /* of the family's that it has passed, in turn */
    struct chain_template *template; /* the newest; NULL until there is one */
    char longpollid[LONGPOLLID_MAX];
    struct rpc_call *check, *fetch, *poll, *wait; /* under way; wait = long poll */
    bool fetch_again;                             /* a refresh was asked for during a fetch */
    int64_t fetched_us, tip_us, wait_after_us;
    double rpc_ms;
    unsigned failures; /* in a row */
    unsigned asking;   /* questions for blocks under way: daemons_status.c's own */
    uv_timer_t tick;
};

/* A check's `verify`: a hash of 64 digits that is one of the coin's row. */
enum daemon_state daemon_verify_genesis(const struct daemon *, const json_t *result,
                                        struct fault *why);

void daemon_start(struct daemon *, uv_loop_t *);
void daemon_refresh(struct daemon *); /* fetches a template now, if it is ready */
void daemon_stop(struct daemon *);    /* aborts everything; `tick` is stopped but not closed */

/* Its template may be mined: ready, and not older than the timing allows. */
bool daemon_usable(const struct daemon *);

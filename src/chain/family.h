/* SPDX-License-Identifier: MIT */
/* A family of coin daemons: what they are asked, and how their answers are read. One const struct
 * for each family, in its own file; daemon.c and daemons*.c ask and judge by it. Hub thread. */
#pragma once

#include <jansson.h>

#include "chain/chain.h"
#include "chain/rpc.h"
#include "chain/template.h"
#include "chain/words.h"

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

/* A question that is asked before a daemon is used. */
struct daemon_check {
    const char *method;
    json_t *(*params)(void);
    /* READY, or the state that the answer puts the daemon into and `why`. */
    enum daemon_state (*verify)(const struct daemon *, const json_t *result, struct fault *why);
};

/* Which state an error puts the daemon into, and what a person can do about it. */
struct daemon_failure {
    int err;
    long code; /* 0 = any */
    enum daemon_state state;
    const char *advice;
};

enum { STATUS_NOBODY = -2, STATUS_UNKNOWN = -1 }; /* of chain_status_fn */

struct daemon_family {
    struct rpc_style rpc;
    /* ERR_CONFIG and `why` when the options cannot work; else *own is what template_check needs, or
     * stays NULL. NULL: they always can. */
    int (*prepare)(const struct chain_options *, void **own, struct fault *why);
    void (*forget)(void *own);             /* frees that; NULL is fine */
    const struct daemon_check *checks;     /* ends with {0} */
    const struct daemon_failure *failures; /* ends with {0} */

    const char *template_method;
    /* `longpollid` NULL: at once. */
    json_t *(*template_params)(const struct daemon *, const char *longpollid);
    int (*template_read)(const json_t *result, const struct coin *, const struct algo *,
                         struct chain_template **ret, struct fault *why);
    /* May the template be mined? Not 0, and `why`: no. NULL: what was read may. */
    int (*template_check)(const struct daemon *, const struct chain_template *, struct fault *why);
    /* The id for the next long poll; false when there is none. NULL: no long polls. */
    bool (*longpollid)(const json_t *result, char out[LONGPOLLID_MAX]);

    const char *tip_method;
    json_t *(*tip_params)(void);
    /* Internal order. The state as of a check. */
    enum daemon_state (*tip_read)(const json_t *result, uint8_t tip[32], struct fault *why);

    const char *submit_method; /* its one parameter is the block's hex */
    enum verdict (*submit_verdict)(const struct rpc_reply *, char *text, size_t size);

    const char *status_method;
    json_t *(*status_params)(const char *hash_hex);
    int64_t (*status_read)(const struct rpc_reply *); /* as chain_status_fn has it */
};

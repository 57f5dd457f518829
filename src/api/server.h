/* SPDX-License-Identifier: MIT */
/* What the files of the HTTP server share. Two threads touch it: the hub's loop ("hub thread") and
 * the server's own ("API thread"); each member says whose it is. Nobody outside includes it but
 * tests. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libwebsockets.h>
#include <uv.h>

#include "api/api.h"
#include "api/routes.h"
#include "base/slot.h"
#include "base/spsc.h"
#include "base/str.h"
#include "hub/command.h"
#include "hub/snapshot.h"

enum {
    COMMANDS_WAITING_MAX = 32,          /* beyond: 503 */
    PUBLISH_MS = 250,                   /* how often the hub's loop looks for a new snapshot */
    HEADER_TIMEOUT_S = 10,              /* until a request's head is complete */
    KEEPALIVE_S = 30,                   /* idle between two requests */
    STALL_S = 10,                       /* a client that takes or sends nothing for this long */
    EXCHANGE_MAX_US = 30 * 1000 * 1000, /* one request and its answer, however steadily it drips */
    COMMAND_MAX_US = 5 * 1000 * 1000,   /* the hub's time to answer */
    CLOSE_MAX_US = 1000 * 1000,         /* what is under way at the end */
    PATH_MAX_BYTES = 512,
    QUERY_MAX_BYTES = 2048,
};

struct command_words {
    uint64_t ticket;
    char words[256];
};

struct command_answer {
    uint64_t ticket;
    struct command_reply reply;
};

SPSC(words_ring, struct command_words, 64)
SPSC(answer_ring, struct command_answer, 64)

/* One connection, and the request on it. API thread. */
struct exchange {
    struct exchange *next, **at; /* in api->exchanges */
    struct lws *wsi;
    struct api *api;
    enum listener listener;
    bool busy;          /* from the request's head to the answer's last byte */
    bool head, closing; /* HEAD; close after the answer */
    bool answered, headers_sent;
    uint64_t ticket; /* the command it waits for; 0 = none */
    int64_t started_us;
    const char *method; /* for counting */
    char path[PATH_MAX_BYTES], query[QUERY_MAX_BYTES];
    struct request request; /* points into path and query */
    struct str body;
    size_t body_len; /* announced */
    struct reply reply;
    size_t reply_len, sent;
};

struct api_listener {
    enum listener which;
    struct lws_vhost *vhost; /* NULL = not enabled */
    bool loopback;           /* bound to this machine alone */
    unsigned limit;          /* connections */
};

struct api {
    /* hub thread */
    struct api_hooks hooks;
    uv_async_t bell; /* commands wait */
    uv_timer_t timer;
    unsigned handles; /* of these two that are initialised */
    const struct snapshot *published;
    uint64_t published_seq;
    bool threaded;
    pthread_t thread;

    /* crossing */
    struct slot snapshots;      /* hub -> API */
    struct words_ring words;    /* API -> hub */
    struct answer_ring answers; /* hub -> API */
    _Atomic bool stop;

    /* API thread; set up before it starts */
    struct lws_context *context;
    struct api_listener listeners[LISTENERS];
    struct snapshot *snapshot; /* newest taken; NULL before the first */
    struct exchange *exchanges;
    unsigned commands_waiting;
    uint64_t tickets;
    lws_sorted_usec_list_t tick;
    bool closing;
    struct api_counts counts;
};

/* listen.c: binds what the configuration enables. Hub thread, before the API thread starts. */
int api_listen(struct api *, const struct config *, struct fault *why);
/* Port in use; 0 when the listener is closed. */
int api_port(const struct api *, enum listener);
/* What a Host header says: "127.0.0.1", "[::1]:80", "localhost:8080". */
bool authority_is_loopback(const char *);

/* bridge.c: between the two threads. */
void bridge_publish(struct api *);                      /* hub thread */
void bridge_run_commands(struct api *);                 /* hub thread */
bool bridge_send(struct api *, uint64_t, const char *); /* API thread; false = full */
void bridge_take(struct api *);                         /* API thread: newest snapshot */

/* http.c: one request, from its head to its answer. API thread. */
int http_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t len);
void http_take_answers(struct api *); /* of the hub, and those that come too late */
bool http_busy(const struct api *);

/* check.c: what a request must satisfy before any route sees it. False: the reply is written. */
bool check_head(struct exchange *);

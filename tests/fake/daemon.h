/* SPDX-License-Identifier: MIT */
/* A coin daemon that answers as it is told: an HTTP server for JSON-RPC on a test's own loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

enum fake_fault {
    FAKE_HONEST,
    FAKE_SILENT,    /* takes the request, never answers */
    FAKE_HALF,      /* closes in the middle of the answer */
    FAKE_HUGE,      /* 10 MB of digits as the result */
    FAKE_NOT_JSON,  /* HTML */
    FAKE_STATUS,    /* an empty answer with `status` */
    FAKE_RPC_ERROR, /* HTTP 500 with error `code` */
};

struct fake_connection;
struct fake_daemon;

/* The result, or NULL and the code of the error. `params` may be NULL. */
typedef json_t *fake_method_fn(struct fake_daemon *, const char *method, const json_t *params,
                               long *code);

struct fake_daemon {
    /* may be changed at any time */
    const char *genesis; /* what getblockhash 0 says */
    char tip[65];        /* display order */
    uint64_t height;     /* of the tip */
    const char *auth;    /* base64 of user:password that is asked for; NULL = none */
    enum fake_fault fault;
    const char *fault_method; /* NULL = every method */
    int status;
    long code;
    unsigned faults_left;       /* 0 = without end, else honest again after so many */
    const char *submit;         /* JSON of submitblock's result */
    const char *header;         /* JSON of getblockheader's result; NULL: error -5 */
    void (*spoil)(json_t *gbt); /* changes the template before it is sent */
    fake_method_fn *answer;     /* of another family; NULL = as Bitcoin's daemons */

    /* for the test to read */
    char url[64];
    unsigned templates, polls, submits, waits;
    unsigned asked; /* for a block's status */
    char path[32];  /* of the last request */
    char *block;    /* hex of the last one submitted */

    uv_loop_t *loop;
    uv_tcp_t listener;
    struct fake_connection *connections;
    bool listening;
};

void fake_daemon_start(struct fake_daemon *, uv_loop_t *);

/* A new tip: long polls are answered. */
void fake_daemon_tip(struct fake_daemon *, uint64_t height, char digit);

unsigned fake_daemon_connections(const struct fake_daemon *); /* open now */

/* Listener and connections are closed; the loop must run after it. Start works again. */
void fake_daemon_stop(struct fake_daemon *);
void fake_daemon_free(struct fake_daemon *);

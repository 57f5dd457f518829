/* SPDX-License-Identifier: MIT */
/* A Stratum dialect: the words each end may say, and how to say them. One file and one row in
 * dialects.c each. The layers above see jobs and shares, never JSON. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/job.h"
#include "core/share.h"

struct message;
struct stratum_client; /* client_session.h */
struct miner;          /* server.h */

/* 0, or a negative error that closes the connection. */
typedef int client_verb_fn(struct stratum_client *, const struct message *);
typedef int server_verb_fn(struct miner *, const struct message *);

struct client_verb {
    const char *method;
    client_verb_fn *on;
};

struct server_verb {
    const char *method;
    server_verb_fn *on;
};

/* All that telling a job to a connection needs. Which fields count is the dialect's business. */
struct notice {
    const struct job *job;
    const struct str *body; /* what job_body wrote; NULL in dialects without */
    const char *id;
    const uint8_t *salt; /* stands in the coinbase before extranonce1; miners that make the coinbase
                            are told it as the end of coinb1 */
    uint8_t salt_len;
    uint32_t ntime;
    bool clean;
    double difficulty; /* of the connection */
    struct u256 target;
    const uint8_t *input; /* what is hashed, for this connection: job form applied; NULL in dialects
                             whose miners make it themselves */
    uint16_t input_len;
};

struct dialect {
    const char *name;    /* "stratum1" */
    const char *title;   /* for people */
    const char *schemes; /* URL schemes it answers to, separated by spaces, without what says TLS or
                            TCP ("stratum" stands for "stratum+tcp" and "stratum+ssl" too) */
    const char *algos;   /* algorithms it carries, separated by spaces */
    bool jsonrpc;        /* our requests name the version of JSON-RPC */

    const struct client_verb *as_client; /* what a pool may say to us; ends with {0} */
    const struct server_verb *as_server; /* what a miner may say to us; ends with {0} */

    /* Client: speaking writes one or more messages, none blocks. */
    void (*hello)(struct stratum_client *);
    int (*answer)(struct stratum_client *, const struct message *); /* a reply came */
    int64_t (*submit)(struct stratum_client *, const struct share *);
    void (*probe)(struct stratum_client *); /* a harmless question: any answer proves life */

    /* Server: does this message begin a session of the dialect? NULL: any does. */
    bool (*greets)(const struct message *);
    bool makes_input;    /* the pool works out what is hashed; the miner only tries nonces */
    bool own_input;      /* ... and it differs for each connection, by its extranonce1. Else all
                            share it, and each has a prefix of the 64-bit nonce (extranonce1) */
    bool resumes;        /* a session lives longer than its connection */
    bool resumes_logins; /* ... and so do its logins */
    bool same_for_all;   /* a job is told to all connections in the same words */
    bool target_in_job;  /* a new difficulty is told with the job, not by a message of its own */
    bool error_objects;  /* errors are {"code":,"message":}, not [code, message, null] */
    bool bare_answers;   /* what is not said (no result, no error) has no member */
    const char *yes_word, *no_word; /* results of submits, as JSON; NULL = none */
    int (*error_code)(int err);     /* for one of our codes; NULL: as error_say */

    /* Each appends text to a buffer. `job_body` (may be NULL) is what all connections share of a
     * job; `notify` makes a whole message. */
    void (*job_body)(struct str *, const struct job *);
    void (*notify)(struct str *, const struct notice *);
    void (*set_difficulty)(struct str *, const struct miner *, double difficulty,
                           const struct u256 *target);
    void (*round_target)(struct u256 *); /* to what the wire can say; NULL = it says all */
    void (*set_mask)(struct str *, uint32_t mask);
    /* Asks the miner to connect anew, to another host ("": to the same). NULL: no word for it. */
    void (*reconnect)(struct str *, const char *host, uint16_t port);
};

extern const struct dialect *const dialects[]; /* ends with NULL; the first is the default */

enum { DIALECTS_FOR_MAX = 4 };

/* The dialects in which a server can speak to miners of an algorithm: those that have a server's
 * side and carry it. Returns how many; NULL stands behind them. */
unsigned dialects_for(const struct algo *, const struct dialect *out[DIALECTS_FOR_MAX + 1]);

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

    /* Server: each appends text to a buffer. `job_body` is what all connections share of a job;
     * `notify` makes a whole message of it. */
    void (*job_body)(struct str *, const struct job *);
    void (*notify)(struct str *, const struct str *body, const char *id, uint32_t ntime,
                   bool clean);
    void (*set_difficulty)(struct str *, double);
    void (*set_mask)(struct str *, uint32_t mask);
};

extern const struct dialect *const dialects[]; /* ends with NULL; the first is the default */

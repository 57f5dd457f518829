/* SPDX-License-Identifier: MIT */
/* One connection's conversation as a bystander understands it: its dialect, which request an answer
 * belongs to, and what the values of a message mean. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "stratum/message.h"

enum role {
    ROLE_NONE,
    ROLE_USER,
    ROLE_PASSWORD,
    ROLE_WORKER,  /* a worker's or rig's name alone */
    ROLE_SESSION, /* what a session or a worker is known by */
    ROLE_HOST,
    ROLE_JOB,
    ROLE_EXTRANONCE2,
    ROLE_TIME,
    ROLE_NONCE,      /* 32 bits */
    ROLE_NONCE_TAIL, /* of 64 bits, without the connection's prefix */
    ROLE_NONCE64,
    ROLE_VERSION_BITS,
    ROLE_HEADER, /* the hash that names the work */
    ROLE_HASH,   /* mix hash, or the share's own */
};

/* Letters of the dialects, as in fields.def. */
enum talk_dialect {
    TALK_UNKNOWN = 0,
    TALK_BITCOIN = '1',
    TALK_ETHEREUM1 = '2',
    TALK_ETHEREUM2 = '3',
    TALK_ETHPROXY = 'e',
    TALK_KAWPOW = 'k',
    TALK_MONERO = 'm',
};

enum { TALK_PENDING = 64, TALK_METHOD_MAX = 40 };

struct talk_request {
    char id[MESSAGE_ID_MAX + 1];
    char method[TALK_METHOD_MAX]; /* "" = free */
    bool by_miner;
    size_t tag; /* the caller's */
};

struct talk {
    enum talk_dialect dialect;
    unsigned next; /* the oldest of `pending` is overwritten */
    struct talk_request pending[TALK_PENDING];
    char answered[TALK_METHOD_MAX]; /* the last that was */
};

/* Takes the next message. Returns the method that it is or answers, NULL for an answer to nothing;
 * `*answer` takes which. `tag` is kept with a request, and given back in `*tag` with its answer.
 * The result is valid until the next call. */
const char *talk_hear(struct talk *, bool by_miner, const struct message *, bool *answer,
                      size_t *tag);

/* What the value at `path` of a message of that method is. All dialects but the first show by
 * their first message. */
enum role field_role(enum talk_dialect, const char *method, bool answer, const char *path);

/* Does the method bring shares? */
bool method_is_submit(const char *method);
/* May a client do without it: questions and offers that change nothing? */
bool method_is_optional(const char *method);
/* Does the message tell a job? */
bool is_job(const struct message *, const char *method, bool answer);

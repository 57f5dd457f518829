/* SPDX-License-Identifier: MIT */
/* A job as all loops of a front see it: serialised once for each dialect, never changed, freed with
 * the last reference. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "algo/algo.h"
#include "base/str.h"
#include "core/job.h"
#include "front/salt.h"
#include "front/seen.h"
#include "stratum/dialect.h"

/* What was credited on one tip. */
struct tip {
    struct tip *next; /* the front's list */
    atomic_uint refs;
    uint8_t prevhash[32];
    uint64_t height;
    struct seen seen;
};

struct told {
    struct str body;    /* the dialect's shared part */
    struct str text[2]; /* [clean]: the whole message, where it is the same for every connection */
};

struct posting {
    atomic_uint refs;
    struct job *job;
    struct tip *tip;
    uint32_t serial;
    bool clean; /* what was posted before is stale */
    int64_t published_us;
    double network_difficulty;          /* 0 = unknown */
    uint8_t salt[FRONT_SALT];           /* of the job as everybody gets it */
    uint8_t input[ALGO_INPUT_MAX];      /* what is hashed, where all connections share it */
    struct told told[DIALECTS_FOR_MAX]; /* [dialect of the front] */
};

/* Makes postings. Hub thread. */
struct poster {
    const struct dialect *const *dialects; /* ends with NULL */
    const struct salts *salts;
    uint32_t shared_extranonce; /* in jobs whose input all connections share */
    uint32_t next_serial;
    uint8_t prevhash[32]; /* of the last one */
    bool any;
    bool given; /* jobs come without a coinbase to salt: the next program's are the same work */
    struct tip *tips;
};

/* With one reference, the caller's. Takes its own reference of the job. */
struct posting *posting_new(struct poster *, struct job *);
void poster_fini(struct poster *);

/* The shares credited on its tips as rows of a hand-over, where they could come again in the next
 * program; and back: before the first posting. */
json_t *poster_tips(const struct poster *);
void poster_know(struct poster *, const json_t *tips);

struct posting *posting_ref(struct posting *); /* any thread */
void posting_unref(struct posting *);          /* any thread; NULL is fine */

/* SPDX-License-Identifier: MIT */
/* The job: what to hash, immutable once published, shared between threads by counting. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "algo/algo.h"
#include "base/u256.h"
#include "core/form.h"

enum { EXTRANONCE_MAX = 32, MERKLE_MAX = 32, JOB_ID_MAX = 64 };

/* How a header of the Bitcoin family is made from an extranonce. All 32-byte hashes in internal
 * (hashed) order, as they stand in the header. */
struct block_plan {
    uint8_t *coinb1, *coinb2; /* the non-witness coinbase around the two extranonces; owned */
    uint32_t coinb1_len, coinb2_len;
    uint8_t extranonce1[EXTRANONCE_MAX]; /* of the upstream, or of the local lane in pool mode */
    uint8_t extranonce1_len;
    uint8_t extranonce2_len; /* 1..16 */
    uint8_t branch_count;
    uint8_t branch[MERKLE_MAX][32];
    uint8_t prevhash[32];
    uint32_t version, bits, ntime; /* ntime: where rolling starts */
    uint32_t ntime_min, ntime_max; /* a share's ntime must lie in [min, max] */
    uint32_t version_mask;         /* bits the miner may roll; 0 = none. Clear in `version` */
};

struct job {
    _Atomic uint32_t refs;
    uint32_t generation; /* rises each time the hub publishes; 0 = not published */
    uint32_t source;     /* which work source it came from: the hub's number, for the way back */
    const struct algo *algo;
    struct algo_key key;      /* which dataset and program the hash needs */
    struct algo_key next_key; /* what the source says will follow it; all zero = it does not say */
    struct dataset *dataset; /* that of the key; a reference; NULL: none needed, or not known yet */
    const struct header_form *form;
    char coin[16];            /* "" when the pool did not say */
    char id[JOB_ID_MAX];      /* as the source named it */
    bool clean;               /* earlier jobs of this source are void */
    uint64_t height;          /* 0 = unknown */
    struct u256 share_target; /* what a device must meet to report */
    struct u256 block_target; /* network target; 0 = unknown */
    struct block_plan plan;   /* forms that are made from a plan */

    uint8_t input[ALGO_INPUT_MAX]; /* given forms: what is hashed; the nonce's bytes are 0. Others:
                                      the form's own business */
    uint16_t input_len, nonce_at;  /* where the form leaves them open */
    uint64_t nonce_min, nonce_max; /* what the source leaves to us, both ends included */

    int64_t born_us; /* monotonic */

    void *origin; /* the chain template it was made from; NULL for upstream jobs */
    void (*origin_free)(void *origin); /* called with the last reference, on that thread */
};

/* One reference; zeroed but for the form (that of Bitcoin) and the nonces (all there are). */
struct job *job_new(const struct algo *);
struct job *job_ref(struct job *); /* any thread; returns its argument */
void job_unref(struct job *);      /* any thread; NULL is fine */

/* A copy with one reference that shares nothing (origin is not taken over): for jobs that differ in
 * their target or extranonce. */
struct job *job_copy(const struct job *);

/* Length of what is hashed, and the place of the nonce in it. */
static inline uint16_t job_input_len(const struct job *job)
{
    return job->form->input_len ? job->form->input_len : job->input_len;
}
static inline uint16_t job_nonce_at(const struct job *job)
{
    return job->form->input_len ? job->form->nonce_at : job->nonce_at;
}

/* Merkle root of the plan for two extranonces (lengths as given). Any thread. */
void plan_merkle_root(const struct block_plan *, const uint8_t *extranonce1, size_t len1,
                      const uint8_t *extranonce2, size_t len2, uint8_t root[32]);

/* The 80-byte header. `version` is the final one (job version with rolled bits put in). */
void plan_header(const struct block_plan *, const uint8_t root[32], uint32_t version,
                 uint32_t ntime, uint32_t nonce, uint8_t header[80]);

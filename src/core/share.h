/* SPDX-License-Identifier: MIT */
/* The share: a claim that a hash meets a target, and the check of that claim. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/job.h"

struct share {
    struct job *job; /* holds a reference */
    uint16_t device; /* 1...: which device found it; 0 = a network client */
    uint8_t extranonce1_len;
    uint8_t extranonce2_len;
    uint8_t extranonce1[EXTRANONCE_MAX]; /* of the session that found it */
    uint8_t extranonce2[16];             /* bytes as they stand in the coinbase */
    uint32_t ntime, version;             /* version: final, rolled bits included */
    uint64_t nonce;
    int64_t found_us; /* monotonic */
    /* written by share_check */
    uint8_t header[HEADER_MAX]; /* as it stands in the block */
    uint16_t header_len;
    uint8_t hash[32], mix[32];
    double difficulty; /* of this hash */
    bool is_block;     /* meets job->block_target too */
};

/* Rebuilds what was hashed from the claim and hashes it again. Fills header, hash, mix, difficulty,
 * is_block. 0, or ERR_FIELD (a nonce the job does not leave to us), ERR_TIME_RANGE, ERR_VERSION,
 * ERR_KEY (ctx is of another dataset), ERR_LOW_DIFF against `target` (is_block may be true all the
 * same). Any thread; `ctx` as for algo->hash. */
int share_check(struct share *, const struct u256 *target, struct algo_ctx *ctx);

/* What the claim says was hashed. */
struct share_work {
    uint8_t root[32];              /* Merkle root; zero where the input is given */
    uint8_t input[ALGO_INPUT_MAX]; /* nonce included */
    uint16_t len;                  /* of the input */
};

/* share_check in two steps, for whoever asks for the input anyway: rebuilding, and hashing. Errors
 * as share_check's. */
int share_rebuild(const struct share *, struct share_work *);
int share_check_work(struct share *, const struct share_work *, const struct u256 *target,
                     struct algo_ctx *ctx);

/* share_check without hashing, for a share whose hash this process has made itself, by share_check
 * on a job of the same content: header, hash and mix are taken as they are. ERR_FIELD when the
 * header is not the one that the claim gives on this job. */
int share_recheck(struct share *, const struct u256 *target);

struct share *share_copy(const struct share *); /* takes another reference on the job */
void share_free(struct share *);                /* drops its reference; NULL is fine */

/* SPDX-License-Identifier: MIT */
/* Work: one device thread's slice of a job, cut by the thread itself from its lane. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/job.h"

/* Lane i of n takes the extranonce2 values i, i+n, i+2n, ..., and goes on in the next second where
 * the values end. Of a given input, which has no extranonce, it takes the i-th of n parts of the
 * nonces. No two lanes overlap, and together they leave nothing out. */
struct lane {
    uint32_t index, count; /* index < count */
};

struct work {
    struct job *job; /* borrowed: the thread that cuts holds the reference */
    uint64_t extranonce2;
    uint32_t ntime, version;
    uint8_t input[ALGO_INPUT_MAX]; /* what is hashed; nonce 0 */
    uint16_t input_len, nonce_at;
    uint64_t nonce_first, nonce_count;
    bool empty; /* the lane has no part of the job: nonce_count was 0 from the start */
};

/* The first slice of a lane: extranonce2 = lane index, all nonces that the job leaves to us. With
 * more lanes than a short extranonce2 and its seconds (or the nonces) give, the last lanes get an
 * empty slice (nonce_count 0). */
void work_first(struct work *, struct job *, struct lane);

/* The next one: extranonce2 += lane count; past its range (short extranonce2) it goes on with the
 * next ntime. Returns false when the job is used up (ntime at its limit too). */
bool work_next(struct work *, struct lane);

/* Versions that a scan may try with each nonce: the job's own first, then with the lowest bits that
 * may be rolled set in turn. Returns how many, a power of two, at most `most`; 0 when nothing may
 * be rolled or most < 2. */
unsigned work_versions(const struct work *, unsigned most, uint32_t out[SCAN_VERSIONS_MAX]);

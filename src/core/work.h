/* SPDX-License-Identifier: MIT */
/* Work: one device thread's slice of a job, cut by the thread itself from its lane. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/job.h"

/* Lane i of n takes the extranonce2 values i, i+n, i+2n, ..., and goes on in the next second where
 * the values end: no two lanes overlap, and together they leave nothing out. */
struct lane {
    uint32_t index, count; /* index < count */
};

struct work {
    struct job *job; /* borrowed: the thread that cuts holds the reference */
    uint64_t extranonce2;
    uint32_t ntime, version;
    uint8_t header[ALGO_HEADER_MAX]; /* nonce 0 */
    uint64_t nonce_first, nonce_count;
};

/* The first slice of a lane: extranonce2 = lane index, the whole nonce range. With more lanes than
 * a short extranonce2 and its seconds give, the last lanes get an empty slice (nonce_count 0). */
void work_first(struct work *, struct job *, struct lane);

/* The next one: extranonce2 += lane count; past its range (short extranonce2) it goes on with the
 * next ntime. Returns false when the job is used up (ntime at its limit too). */
bool work_next(struct work *, struct lane);

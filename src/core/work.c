/* SPDX-License-Identifier: MIT */
/* Cutting work from a lane. The extranonce2 counter is written little-endian into the coinbase. */
#include "core/work.h"

#include <string.h>

#include "base/endian.h"

__extension__ typedef unsigned __int128 u128;

/* The pairs (second, extranonce2) of a job are numbered second * values + extranonce2, and lane i
 * of n takes the numbers i, i + n, i + 2n, ...: moves `count` numbers on. False past the last
 * second. */
static bool advance(struct work *work, uint32_t count)
{
    const struct block_plan *plan = &work->job->plan;
    u128 values = (u128)1 << (plan->extranonce2_len < 8 ? 8 * plan->extranonce2_len : 64);
    u128 next = work->extranonce2 + (u128)count;

    uint32_t left = plan->ntime_max > work->ntime ? plan->ntime_max - work->ntime : 0;
    if (next / values > left)
        return false;
    work->ntime += (uint32_t)(next / values);
    work->extranonce2 = (uint64_t)(next % values);
    return true;
}

static void build_header(struct work *work)
{
    const struct block_plan *plan = &work->job->plan;
    uint8_t extranonce2[16] = {0}, root[32];

    put_le64(extranonce2, work->extranonce2);
    plan_merkle_root(plan, plan->extranonce1, plan->extranonce1_len, extranonce2,
                     plan->extranonce2_len, root);
    plan_header(plan, root, work->version, work->ntime, 0, work->header);
}

void work_first(struct work *work, struct job *job, struct lane lane)
{
    *work = (struct work){
        .job = job,
        .ntime = job->plan.ntime,
        .version = job->plan.version,
        .nonce_count = UINT64_C(1) << 32,
    };
    if (!advance(work, lane.index)) { /* more lanes than work: an empty slice */
        work->extranonce2 = 0;
        work->nonce_count = 0;
    }
    build_header(work);
}

bool work_next(struct work *work, struct lane lane)
{
    if (!work->nonce_count || !advance(work, lane.count))
        return false;
    build_header(work);
    return true;
}

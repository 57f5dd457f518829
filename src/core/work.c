/* SPDX-License-Identifier: MIT */
/* Cutting work from a lane. The extranonce2 counter is written little-endian into the coinbase. */
#include "core/work.h"

#include <string.h>

#include "base/endian.h"

static uint64_t extranonce2_values(const struct block_plan *plan)
{
    return plan->extranonce2_len >= 8 ? UINT64_MAX : UINT64_C(1) << 8 * plan->extranonce2_len;
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
        .extranonce2 = lane.index,
        .ntime = job->plan.ntime,
        .version = job->plan.version,
        .nonce_count = UINT64_C(1) << 32,
    };
    uint64_t values = extranonce2_values(&job->plan);
    if (lane.index >= values) { /* more lanes than values: start apart in time instead */
        work->extranonce2 = lane.index % values;
        work->ntime += (uint32_t)(lane.index / values);
    }
    build_header(work);
}

bool work_next(struct work *work, struct lane lane)
{
    const struct block_plan *plan = &work->job->plan;
    uint64_t values = extranonce2_values(plan);

    if (lane.count < values - work->extranonce2) {
        work->extranonce2 += lane.count;
    } else {
        /* this lane's values are used up: the next second, or, with more lanes than values, the
         * next second that no other lane uses */
        uint32_t step = lane.count > values ? (uint32_t)((lane.count + values - 1) / values) : 1;
        if (plan->ntime_max - work->ntime < step)
            return false;
        work->ntime += step;
        work->extranonce2 = lane.index % values;
    }
    build_header(work);
    return true;
}

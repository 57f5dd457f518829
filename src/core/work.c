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

static void build_input(struct work *work)
{
    const struct job *job = work->job;
    const struct block_plan *plan = &job->plan;
    uint8_t extranonce2[16] = {0}, root[32];

    put_le64(extranonce2, work->extranonce2);
    job->form->root(plan, plan->extranonce1, plan->extranonce1_len, extranonce2,
                    plan->extranonce2_len, root);
    job->form->input(job, root, work->version, work->ntime, work->input);
}

/* All nonces of the job, or what a 64-bit count holds of them. */
static void all_nonces(struct work *work)
{
    uint64_t span = work->job->nonce_max - work->job->nonce_min;

    work->nonce_first = work->job->nonce_min;
    work->nonce_count = span < UINT64_MAX ? span + 1 : UINT64_MAX;
}

/* A lane's part of the nonces of a given input. */
static void part_of_nonces(struct work *work, struct lane lane)
{
    const struct job *job = work->job;
    u128 all = (u128)(job->nonce_max - job->nonce_min) + 1;
    u128 first = all * lane.index / lane.count, end = all * (lane.index + (u128)1) / lane.count;

    work->nonce_first = job->nonce_min + (uint64_t)first;
    work->nonce_count = end - first > UINT64_MAX ? UINT64_MAX : (uint64_t)(end - first);
}

static void first_given(struct work *work, struct lane lane)
{
    const struct job *job = work->job;

    memcpy(work->input, job->input, sizeof work->input);
    part_of_nonces(work, lane);
}

void work_first(struct work *work, struct job *job, struct lane lane)
{
    *work = (struct work){.job = job, .ntime = job->plan.ntime, .version = job->plan.version};
    work->input_len = job_input_len(job);
    work->nonce_at = job_nonce_at(job);
    if (job->form->given) {
        first_given(work, lane);
        return;
    }
    all_nonces(work);
    if (!advance(work, lane.index)) { /* more lanes than work */
        work->extranonce2 = 0;
        work->nonce_count = 0;
        work->empty = true;
    }
    build_input(work);
}

bool work_next(struct work *work, struct lane lane)
{
    if (work->job->form->given || work->empty || !advance(work, lane.count))
        return false;
    all_nonces(work);
    build_input(work);
    return true;
}

unsigned work_versions(const struct work *work, unsigned most, uint32_t out[SCAN_VERSIONS_MAX])
{
    const struct job *job = work->job;
    uint32_t mask = job->form->rolls_version ? job->plan.version_mask : 0;
    unsigned count = 1;

    if (!mask || most < 2)
        return 0;
    for (out[0] = work->version; mask && 2 * count <= most; mask &= mask - 1) {
        for (unsigned i = 0; i < count; i++)
            out[count + i] = out[i] | (mask & -mask);
        count *= 2;
    }
    return count;
}

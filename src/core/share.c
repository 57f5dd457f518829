/* SPDX-License-Identifier: MIT */
/* Is the claim true? Rebuilds the header and compares all 256 bits. */
#include "core/share.h"

#include <string.h>

#include "base/alloc.h"
#include "core/target.h"

int share_check(struct share *share, const struct u256 *target, struct algo_ctx *ctx)
{
    const struct job *job = share->job;
    const struct block_plan *plan = &job->plan;
    uint8_t root[32];

    share->is_block = false;
    if (share->ntime < plan->ntime_min || share->ntime > plan->ntime_max)
        return ERR_TIME_RANGE;
    if ((share->version ^ plan->version) & ~plan->version_mask)
        return ERR_VERSION;
    plan_merkle_root(plan, share->extranonce1, share->extranonce1_len, share->extranonce2,
                     share->extranonce2_len, root);
    plan_header(plan, root, share->version, share->ntime, (uint32_t)share->nonce, share->header);
    job->algo->hash(ctx, share->header, share->hash);

    struct u256 value = algo_hash_value(job->algo, share->hash);
    share->difficulty = target_difficulty(&job->algo->diff1, &value);
    share->is_block = u256_cmp(&value, &job->block_target) <= 0;
    return u256_cmp(&value, target) <= 0 ? 0 : ERR_LOW_DIFF;
}

struct share *share_copy(const struct share *from)
{
    struct share *share = xmalloc(sizeof *share);

    memcpy(share, from, sizeof *share);
    (void)job_ref(share->job);
    return share;
}

void share_free(struct share *share)
{
    if (!share)
        return;
    job_unref(share->job);
    free(share);
}

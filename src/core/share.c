/* SPDX-License-Identifier: MIT */
/* Is the claim true? Rebuilds the header and compares all 256 bits. */
#include "core/share.h"

#include <string.h>

#include "base/alloc.h"
#include "core/target.h"

/* Writes what is hashed, nonce included; `root` is left alone where the input is given. */
static int make_input(const struct share *share, uint8_t root[32], uint8_t *input,
                      struct algo_input *in)
{
    const struct job *job = share->job;
    const struct block_plan *plan = &job->plan;
    const struct header_form *form = job->form;

    if (share->nonce < job->nonce_min || share->nonce > job->nonce_max)
        return ERR_FIELD;
    *in = (struct algo_input){
        .bytes = input,
        .len = job_input_len(job),
        .nonce_at = job_nonce_at(job),
        .key = &job->key,
    };
    if (form->given) {
        memcpy(input, job->input, sizeof job->input);
    } else {
        if (share->ntime < plan->ntime_min || share->ntime > plan->ntime_max)
            return ERR_TIME_RANGE;
        if ((share->version ^ plan->version) & ~plan->version_mask)
            return ERR_VERSION;
        form->root(plan, share->extranonce1, share->extranonce1_len, share->extranonce2,
                   share->extranonce2_len, root);
        form->input(job, root, share->version, share->ntime, input);
    }
    algo_put_nonce(job->algo, input, in->nonce_at, share->nonce);
    return 0;
}

int share_rebuild(const struct share *share, struct share_work *work)
{
    struct algo_input in;

    memset(work->root, 0, sizeof work->root);
    int err = make_input(share, work->root, work->input, &in);
    work->len = err ? 0 : in.len;
    return err;
}

/* Writes the header of the block that the share makes with this result; returns its length. */
static uint16_t make_header(const struct share *share, const uint8_t root[32],
                            const struct algo_input *in, const struct algo_result *result,
                            uint8_t header[HEADER_MAX])
{
    const struct job *job = share->job;

    job->form->header(job, root, share->version, share->ntime, in->bytes, result, header);
    return job->form->header_len ? job->form->header_len : in->len;
}

/* Difficulty and the question of blocks, from the hash. */
static int judge(struct share *share, const struct u256 *target)
{
    const struct job *job = share->job;
    struct u256 value = algo_hash_value(job->algo, share->hash);

    share->difficulty = target_difficulty(&job->algo->diff1, &value);
    share->is_block = u256_cmp(&value, &job->block_target) <= 0;
    return u256_cmp(&value, target) <= 0 ? 0 : ERR_LOW_DIFF;
}

int share_check_work(struct share *share, const struct share_work *work, const struct u256 *target,
                     struct algo_ctx *ctx)
{
    const struct job *job = share->job;
    const struct algo_input in = {
        .bytes = work->input, .len = work->len, .nonce_at = job_nonce_at(job), .key = &job->key};
    struct algo_result result;

    share->is_block = false;
    int err = job->algo->hash(ctx, &in, &result);
    if (err < 0)
        return err;
    memcpy(share->hash, result.hash, sizeof share->hash);
    memcpy(share->mix, result.mix, sizeof share->mix);
    share->header_len = make_header(share, work->root, &in, &result, share->header);
    return judge(share, target);
}

int share_check(struct share *share, const struct u256 *target, struct algo_ctx *ctx)
{
    struct share_work work;

    share->is_block = false;
    int err = share_rebuild(share, &work);
    return err ? err : share_check_work(share, &work, target, ctx);
}

int share_recheck(struct share *share, const struct u256 *target)
{
    uint8_t root[32] = {0}, input[ALGO_INPUT_MAX], header[HEADER_MAX];
    struct algo_input in;
    struct algo_result result;

    share->is_block = false;
    int err = make_input(share, root, input, &in);
    if (err)
        return err;
    memcpy(result.hash, share->hash, sizeof result.hash);
    memcpy(result.mix, share->mix, sizeof result.mix);
    uint16_t len = make_header(share, root, &in, &result, header);
    if (len != share->header_len || memcmp(header, share->header, len) != 0)
        return ERR_FIELD;
    return judge(share, target);
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

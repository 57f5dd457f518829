/* SPDX-License-Identifier: MIT */
/* Jobs: counting, copying, and the header of a plan (Stratum v1 rules of header assembly). */
#include "core/job.h"

#include <stdlib.h>
#include <string.h>

#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "crypto/sha256.h"

struct job *job_new(const struct algo *algo)
{
    struct job *job = xcalloc(1, sizeof *job);

    atomic_init(&job->refs, 1);
    job->algo = algo;
    job->form = &form_bitcoin;
    job->nonce_max = algo && algo->nonce_len == 8 ? UINT64_MAX : UINT32_MAX;
    return job;
}

struct job *job_ref(struct job *job)
{
    if (job)
        atomic_fetch_add_explicit(&job->refs, 1, memory_order_relaxed);
    return job;
}

void job_unref(struct job *job)
{
    /* release: our writes happen before the last holder frees; pairs with its acquire */
    if (!job || atomic_fetch_sub_explicit(&job->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (job->origin_free)
        job->origin_free(job->origin);
    dataset_unref(job->dataset);
    free(job->plan.coinb1);
    free(job->plan.coinb2);
    free(job);
}

static uint8_t *copy_bytes(const uint8_t *from, size_t len)
{
    if (!from)
        return NULL;
    uint8_t *to = xmalloc(len);
    if (len)
        memcpy(to, from, len);
    return to;
}

struct job *job_copy(const struct job *from)
{
    struct job *job = xmalloc(sizeof *job);

    memcpy(job, from, sizeof *job);
    atomic_init(&job->refs, 1);
    job->plan.coinb1 = copy_bytes(from->plan.coinb1, from->plan.coinb1_len);
    job->plan.coinb2 = copy_bytes(from->plan.coinb2, from->plan.coinb2_len);
    (void)dataset_ref(job->dataset);
    job->origin = NULL;
    job->origin_free = NULL;
    return job;
}

/* Returns where the next bytes go; `from` may be NULL when there are none. */
static uint8_t *append(uint8_t *to, const uint8_t *from, size_t len)
{
    if (len)
        memcpy(to, from, len);
    return to + len;
}

void plan_merkle_root(const struct block_plan *plan, const uint8_t *extranonce1, size_t len1,
                      const uint8_t *extranonce2, size_t len2, uint8_t root[32])
{
    size_t len = plan->coinb1_len + len1 + len2 + plan->coinb2_len;
    uint8_t stack[1024];
    uint8_t *coinbase = len <= sizeof stack ? stack : xmalloc(len);
    uint8_t *at = coinbase;

    at = append(at, plan->coinb1, plan->coinb1_len);
    at = append(at, extranonce1, len1);
    at = append(at, extranonce2, len2);
    (void)append(at, plan->coinb2, plan->coinb2_len);
    sha256d(coinbase, len, root);
    if (coinbase != stack)
        free(coinbase);
    for (unsigned i = 0; i < plan->branch_count; i++)
        sha256d_pair(root, plan->branch[i], root);
}

void plan_header(const struct block_plan *plan, const uint8_t root[32], uint32_t version,
                 uint32_t ntime, uint32_t nonce, uint8_t header[80])
{
    put_le32(header, version);
    memcpy(header + 4, plan->prevhash, 32);
    memcpy(header + 36, root, 32);
    put_le32(header + 68, ntime);
    put_le32(header + 72, plan->bits);
    put_le32(header + 76, nonce);
}

/* SPDX-License-Identifier: MIT */
/* From a template to a job, and from a share on that job to the whole block. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "chain/chain.h"
#include "chain/coinbase.h"
#include "chain/tx.h"
#include "crypto/sha256.h"

enum {
    ROLLING_MASK = 0x1fffe000, /* BIP320 */
    NTIME_AHEAD_S = 3600,      /* daemons refuse 2 h in the future; half of it is left to clocks */
};

struct chain_template *template_ref(struct chain_template *t)
{
    atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
    return t;
}

void template_unref(struct chain_template *t)
{
    /* release: our reads happen before the last holder frees; pairs with its acquire */
    if (!t || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < t->tx_count; i++)
        free(t->txs[i].data);
    free(t->txs);
    free(t->mweb);
    if (t->ops && t->ops->free)
        t->ops->free(t->own);
    free(t);
}

static void origin_unref(void *template)
{
    template_unref(template);
}

/* The coinbase and its branch, as Bitcoin has them. */
static int outline(const struct chain_template *t, const struct coinbase_plan *coinbase,
                   struct job *job)
{
    struct block_plan *plan = &job->plan;
    int err = coinbase_split(t, coinbase, plan);

    plan->branch_count = t->branch_count;
    memcpy(plan->branch, t->branch, sizeof t->branch);
    return err;
}

struct job *template_job(struct chain_template *t, const struct coinbase_plan *coinbase)
{
    struct job *job = job_new(t->algo);
    struct block_plan *plan = &job->plan;

    job->form = t->form;
    job->key = t->key;
    job->next_key = t->next_key;
    job->height = t->height;
    memcpy(plan->prevhash, t->prevhash, 32);
    plan->version = t->version;
    plan->version_mask = t->form->rolls_version ? ROLLING_MASK : 0;
    plan->bits = t->bits;
    plan->ntime = t->curtime;
    plan->ntime_min = t->mintime;
    plan->ntime_max = t->curtime + NTIME_AHEAD_S;
    strncpy(job->coin, t->coin->name, sizeof job->coin - 1);
    job->block_target = job->share_target = t->target;
    job->born_us = now_us();
    if ((t->ops ? t->ops->outline : outline)(t, coinbase, job) < 0) {
        job_unref(job);
        return NULL;
    }
    job->origin = template_ref(t);
    job->origin_free = origin_unref;
    return job;
}

static size_t block_bytes(const struct chain_template *t, size_t coinbase_len)
{
    size_t len = HEADER_MAX + VARINT_MAX + coinbase_len + COINBASE_WITNESS_BYTES + 1 + t->mweb_len;

    for (size_t i = 0; i < t->tx_count; i++)
        len += t->txs[i].len;
    return len;
}

/* The coinbase in its old form, as its id is made of. Owned by the caller. */
static uint8_t *coinbase_join(const struct share *share, size_t *len)
{
    const struct block_plan *plan = &share->job->plan;
    uint8_t *bytes = xmalloc(plan->coinb1_len + share->extranonce1_len + share->extranonce2_len +
                             plan->coinb2_len);
    uint8_t *at = (uint8_t *)mempcpy(bytes, plan->coinb1, plan->coinb1_len);

    at = (uint8_t *)mempcpy(at, share->extranonce1, share->extranonce1_len);
    at = (uint8_t *)mempcpy(at, share->extranonce2, share->extranonce2_len);
    at = (uint8_t *)mempcpy(at, plan->coinb2, plan->coinb2_len);
    *len = (size_t)(at - bytes);
    return bytes;
}

static uint8_t *assemble(const struct share *share, size_t *len, uint8_t hash[32])
{
    const struct chain_template *t = share->job->origin;
    size_t coinbase_len;
    uint8_t *coinbase = coinbase_join(share, &coinbase_len);
    uint8_t *block = xmalloc(block_bytes(t, coinbase_len));
    uint8_t *at = (uint8_t *)mempcpy(block, share->header, share->header_len);

    at += varint_put(at, t->tx_count + 1);
    if (t->witness && t->commitment_len)
        at += coinbase_with_witness(coinbase, coinbase_len, at);
    else
        at = (uint8_t *)mempcpy(at, coinbase, coinbase_len);
    for (size_t i = 0; i < t->tx_count; i++)
        at = (uint8_t *)mempcpy(at, t->txs[i].data, t->txs[i].len);
    if (t->mweb) {
        *at++ = 1;
        at = (uint8_t *)mempcpy(at, t->mweb, t->mweb_len);
    }
    *len = (size_t)(at - block);
    sha256d(block, share->header_len, hash);
    free(coinbase);
    return block;
}

uint8_t *block_assemble(const struct share *share, size_t *len, uint8_t hash[32])
{
    const struct chain_template *t = share->job->origin;

    if (!t)
        return NULL;
    return (t->ops ? t->ops->assemble : assemble)(share, len, hash);
}

/* SPDX-License-Identifier: MIT */
/* From a Monero template to a job, and from a share on that job to the whole block. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "chain/monero_template.h"

static uint8_t *copy(const uint8_t *from, size_t len)
{
    uint8_t *to = xmalloc(len);

    memcpy(to, from, len);
    return to;
}

/* The pool's text goes behind the extranonces, as much of it as there is room for. */
static void put_text(uint8_t *to, size_t room, const char *text)
{
    size_t len = text ? strlen(text) : 0;

    memcpy(to, text ? text : "", len < room ? len : room);
}

static int outline(const struct chain_template *t, const struct coinbase_plan *coinbase,
                   struct job *job)
{
    const struct monero_origin *own = t->own;
    const struct monero_block *b = &own->block;
    struct block_plan *plan = &job->plan;
    size_t extranonce = (size_t)coinbase->extranonce1_len + coinbase->extranonce2_len;

    if (coinbase->extranonce1_len > EXTRANONCE_MAX || !coinbase->extranonce2_len ||
        coinbase->extranonce2_len > 16 || extranonce > MONERO_RESERVE)
        return ERR_FIELD;
    size_t rest_at = own->reserved_at + extranonce;
    plan->coinb1_len = (uint32_t)(own->reserved_at - b->miner_at);
    plan->coinb1 = copy(own->bytes + b->miner_at, plan->coinb1_len);
    plan->coinb2_len = (uint32_t)(b->miner_end - rest_at);
    plan->coinb2 = copy(own->bytes + rest_at, plan->coinb2_len);
    put_text(plan->coinb2, MONERO_RESERVE - extranonce, coinbase->text);
    plan->extranonce1_len = coinbase->extranonce1_len;
    plan->extranonce2_len = coinbase->extranonce2_len;
    plan->branch_count = t->branch_count;
    memcpy(plan->branch, t->branch, sizeof t->branch);
    memcpy(plan->prevhash, b->prev, 32);
    plan->ntime_min = plan->ntime_max = plan->ntime; /* what is hashed has no time to roll */
    job->input_len = monero_input(b, job->input);
    job->nonce_at = (uint16_t)b->nonce_at;
    return 0;
}

static uint8_t *assemble(const struct share *share, size_t *len, uint8_t hash[32])
{
    const struct chain_template *t = share->job->origin;
    const struct monero_origin *own = t->own;
    const struct monero_block *b = &own->block;
    const struct block_plan *plan = &share->job->plan;
    uint8_t id[32] = {0};
    /* extranonces of other lengths would make other bytes than were hashed */
    uint8_t *block = xmalloc(b->len + share->extranonce1_len + share->extranonce2_len);
    uint8_t *at = (uint8_t *)mempcpy(block, share->header, b->nonce_at + MONERO_NONCE);

    at = (uint8_t *)mempcpy(at, plan->coinb1, plan->coinb1_len);
    at = (uint8_t *)mempcpy(at, share->extranonce1, share->extranonce1_len);
    at = (uint8_t *)mempcpy(at, share->extranonce2, share->extranonce2_len);
    at = (uint8_t *)mempcpy(at, plan->coinb2, plan->coinb2_len);
    at = (uint8_t *)mempcpy(at, own->bytes + b->tail_at, b->len - b->tail_at);
    *len = (size_t)(at - block);
    monero_block_id(share->header, share->header_len, id);
    bytes_reverse(hash, id, 32);
    return block;
}

const struct template_ops monero_ops = {.outline = outline, .assemble = assemble, .free = free};

/* SPDX-License-Identifier: MIT */
/* Found blocks and where they are in the chain: found -> immature -> mature, or orphaned, or
 * rejected. The state is derived again from the chain's answers at every new tip and at start,
 * never from what happened to be heard; every step may be taken back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/str.h"
#include "pool/internal.h"

enum {
    RECORD_LIMIT_US = 500000, /* a block does not wait longer for the disk */
    ORPHAN_ANSWERS = 3, /* so many answers in a row, and so many blocks above, make an orphan */
    WATCH_AFTER = 20,   /* a mature block is watched for so many more confirmations */
};
static const int64_t RETRY_US = 5 * SECOND_US;

const char *block_state_name(enum block_state state)
{
    static const char *const names[] = {"found", "immature", "mature", "orphaned", "rejected"};

    return (unsigned)state < sizeof names / sizeof *names ? names[state] : "unknown";
}

void blocks_count(struct pool *p, enum block_state state, int by)
{
    uint64_t *count = state == BLOCK_MATURE     ? &p->blocks_mature
                      : state == BLOCK_ORPHANED ? &p->blocks_orphaned
                                                : NULL;

    if (count)
        *count += (uint64_t)by;
}

static struct block *find(struct pool *p, const uint8_t hash[32])
{
    struct block *b;

    HASH_FIND(hh, p->blocks, hash, 32, b);
    return b;
}

/* Forgets the oldest settled ones past what is shown; the store has them. */
void block_free(struct block *b)
{
    free(b->raw);
    free(b);
}

static void forget_old(struct pool *p)
{
    unsigned extra = HASH_COUNT(p->blocks);
    struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        if (extra <= POOL_BLOCKS_SHOWN)
            return;
        if (b->settled && !b->asking && !b->submitting) {
            HASH_DEL(p->blocks, b);
            block_free(b);
            extra--;
        }
    }
}

bool blocks_under_way(const struct pool *p)
{
    const struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        if (b->raw || b->submitting)
            return true;
    }
    return false;
}

/* --- submitting --------------------------------------------------------------------------------
 */

/* A callback of the chain: all come before chain_close returns, so the pool is there. */
struct call {
    struct pool *pool;
    uint8_t hash[32];
};

static struct call *call_new(struct pool *p, const struct block *b)
{
    struct call *call = xcalloc(1, sizeof *call);

    call->pool = p;
    memcpy(call->hash, b->hash, 32);
    return call;
}

static void ask(struct pool *p, struct block *b);

static void take_answer(struct pool *p, struct block *b, enum submit_result result,
                        const char *text)
{
    switch (result) {
    case SUBMIT_ACCEPTED:
        b->retry_us = 0;
        ask(p, b);
        break;
    case SUBMIT_UNKNOWN:
        b->retry_us = now_us() + RETRY_US;
        break;
    case SUBMIT_REJECTED:
        b->retry_us = 0;
        if (b->state != BLOCK_FOUND)
            break; /* the chain has said more than that already */
        (void)text_copy(b->detail, sizeof b->detail, text);
        log_warn(POOL, "the block at height %" PRIu64 " was rejected: %s", b->height, b->detail);
        block_save(p, b, BLOCK_REJECTED);
        break;
    }
}

/* The block that was asked about, or NULL: forgotten since. Frees the call. */
static struct block *call_block(struct call *call, struct pool **pool)
{
    struct block *b = find(call->pool, call->hash);

    *pool = call->pool;
    free(call);
    return b;
}

static void on_submitted(void *arg, enum submit_result result, const char *text)
{
    struct pool *p;
    struct block *b = call_block(arg, &p);

    if (!b)
        return;
    b->submitting = false;
    if (!p->closing)
        take_answer(p, b, result, text ? text : "");
}

static void submit(struct pool *p, struct block *b, const uint8_t *raw, size_t len)
{
    b->submitting = true;
    b->retry_us = 0;
    chain_submit(p->chain, raw, len, b->hash, on_submitted, call_new(p, b));
}

void block_submit_first(struct pool *p, struct block *b)
{
    AUTO_FREE uint8_t *raw = steal(&b->raw);

    if (raw)
        submit(p, b, raw, b->raw_len);
}

struct raw_read {
    struct pool_life *life;
    uint8_t hash[32];
    bool sent;
};

static void on_raw(void *arg, const struct value *c, unsigned n)
{
    struct raw_read *read = arg;
    struct pool *p = read->life->pool;
    struct block *b = p && !p->closing ? find(p, read->hash) : NULL;

    read->sent = b && n == 1 && c[0].kind == VALUE_BLOB;
    if (read->sent)
        submit(p, b, c[0].p, c[0].n);
}

static void on_raw_done(void *arg, int err)
{
    struct raw_read *read = arg;
    struct pool *p = read->life->pool;
    struct block *b = p ? find(p, read->hash) : NULL;

    if (b && !read->sent) {
        b->submitting = false;
        b->retry_us = err ? now_us() + RETRY_US : 0; /* no bytes of it: nothing to send */
    }
    life_unref(read->life);
    free(read);
}

static void submit_again(struct pool *p, struct block *b)
{
    const struct value hash = value_blob(b->hash, 32);
    struct raw_read *read;

    if (b->submitting || b->raw || b->settled || p->closing)
        return;
    read = xcalloc(1, sizeof *read);
    read->life = life_ref(p->life);
    memcpy(read->hash, b->hash, 32);
    b->submitting = true;
    b->retry_us = 0;
    store_read(p->store, ST_block_raw_get, &hash, 1, on_raw, on_raw_done, read);
}

/* --- asking ------------------------------------------------------------------------------------
 */

static uint64_t tip_height(const struct pool *p)
{
    return p->template ? p->template->height - 1 : 0;
}

static void in_chain(struct pool *p, struct block *b, int64_t confirmations)
{
    bool same = b->confirmations == confirmations, was_settled = b->settled;
    enum block_state to = confirmations > p->coin->maturity ? BLOCK_MATURE : BLOCK_IMMATURE;

    b->misses = 0;
    b->confirmations = confirmations;
    if (b->state == BLOCK_MATURE)
        to = BLOCK_MATURE; /* a shorter chain may show fewer for a moment */
    b->settled = to == BLOCK_MATURE && confirmations > (int64_t)p->coin->maturity + WATCH_AFTER;
    if (to != b->state && b->durable) /* not before it is announced */
        log_write(to == BLOCK_MATURE ? LOG_INFO : LOG_DEBUG, LOG_POOL,
                  "the block at height %" PRIu64 " is %s", b->height, block_state_name(to));
    if (to != b->state || !same || was_settled != b->settled)
        block_save(p, b, to);
}

static void not_in_chain(struct pool *p, struct block *b, int64_t answer)
{
    uint64_t tip = tip_height(p);

    if (b->state == BLOCK_FOUND && answer < 0 && !b->retry_us)
        b->retry_us = now_us() + RETRY_US; /* the daemons may never have seen it */
    if (b->state == BLOCK_ORPHANED || b->state == BLOCK_REJECTED) {
        if (tip > b->height + p->coin->maturity) {
            b->settled = true;
            block_save(p, b, b->state);
        }
        return;
    }
    b->confirmations = 0; /* a new block may take its place */
    if (tip < b->height + ORPHAN_ANSWERS || ++b->misses < ORPHAN_ANSWERS)
        return;
    (void)text_copy(b->detail, sizeof b->detail, "another block took its place");
    log_warn(POOL, "the block at height %" PRIu64 " is orphaned: its credits are taken back",
             b->height);
    block_save(p, b, BLOCK_ORPHANED);
}

static void on_status(void *arg, int64_t confirmations)
{
    struct pool *p;
    struct block *b = call_block(arg, &p);

    if (!b)
        return;
    b->asking = false;
    if (p->closing || confirmations < -1)
        return;
    if (confirmations >= 1)
        in_chain(p, b, confirmations);
    else
        not_in_chain(p, b, confirmations);
}

static void ask(struct pool *p, struct block *b)
{
    if (b->asking || b->raw || b->settled || p->closing)
        return;
    b->asking = true;
    chain_status(p->chain, b->hash, on_status, call_new(p, b));
}

void blocks_ask(struct pool *p)
{
    struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    ask(p, b);
    forget_old(p);
}

void blocks_tick(struct pool *p)
{
    int64_t now = now_us();
    struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        if (b->raw && now >= b->submit_by_us)
            block_submit_first(p, b); /* the disk is stuck: the chain must not wait for it */
        else if (b->retry_us && now >= b->retry_us)
            submit_again(p, b);
        else if (b->state == BLOCK_FOUND && p->ticks % 10 == 0)
            ask(p, b);
    }
}

/* --- found -------------------------------------------------------------------------------------
 */

/* A second solution on the same parent would only compete with a block of ours: it is a share. */
static bool have_sibling(const struct pool *p, const struct chain_template *t)
{
    const struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        bool stands = b->state == BLOCK_IMMATURE || b->state == BLOCK_MATURE;
        if (b->height != t->height)
            continue;
        if ((stands && b->confirmations > 0) ||
            (b->state == BLOCK_FOUND && !memcmp(b->prevhash, t->prevhash, 32)))
            return true;
    }
    return false;
}

void blocks_found(struct pool *p, const struct share *share, struct worker *finder)
{
    const struct chain_template *t = share->job->origin;
    uint8_t hash[32];
    size_t len;

    if (have_sibling(p, t))
        return;
    AUTO_FREE uint8_t *raw = block_assemble(share, &len, hash);
    if (find(p, hash))
        return;
    struct block *b = xcalloc(1, sizeof *b);
    memcpy(b->hash, hash, 32);
    memcpy(b->prevhash, t->prevhash, 32);
    b->height = t->height;
    b->reward = t->coinbase_value;
    b->found_ms = wall_ms();
    (void)text_copy(b->finder, sizeof b->finder, finder->user);
    HASH_ADD(hh, p->blocks, hash, 32, b);
    workers_open(&p->workers, finder);
    block_record(p, b, share, raw, len, finder);
    b->raw = steal(&raw); /* submitted as soon as it is on the disk, some milliseconds from now */
    b->raw_len = len;
    b->submit_by_us = now_us() + RECORD_LIMIT_US;
}

/* --- start and end -----------------------------------------------------------------------------
 */

/* hash, height, state, reward, found_ms, finder, detail, confirmations, turn, settled */
static void on_block(void *arg, const struct value *c, unsigned n)
{
    struct pool *p = arg;

    if (n < 10 || c[0].n != 32 || find(p, c[0].p))
        return;
    struct block *b = xcalloc(1, sizeof *b);
    memcpy(b->hash, c[0].p, 32);
    b->height = (uint64_t)c[1].i;
    b->state = (enum block_state)c[2].i;
    b->reward = (uint64_t)c[3].i;
    b->found_ms = c[4].i;
    (void)text_copy(b->finder, sizeof b->finder, c[5].p);
    (void)text_copy(b->detail, sizeof b->detail, c[6].p);
    b->confirmations = c[7].i;
    b->turn = (uint32_t)c[8].i;
    b->settled = c[9].i != 0;
    b->durable = true;
    /* found, and the answer is not known: the daemon may not have it */
    b->retry_us = b->state == BLOCK_FOUND ? 1 : 0;
    HASH_ADD(hh, p->blocks, hash, 32, b);
}

static void on_count(void *arg, const struct value *c, unsigned n)
{
    struct pool *p = arg;

    (void)n;
    p->blocks_found += (uint64_t)c[1].i;
    blocks_count(p, (enum block_state)c[0].i, (int)c[1].i);
}

static int by_found(const struct block *a, const struct block *b)
{
    if (a->found_ms != b->found_ms)
        return a->found_ms < b->found_ms ? -1 : 1;
    return (a->height > b->height) - (a->height < b->height);
}

int blocks_load(struct pool *p, struct fault *why)
{
    const struct value args[] = {value_text(p->chain_name), value_int(POOL_BLOCKS_SHOWN)};
    int err;

    if ((err = store_query(p->store, ST_block_open, args, 1, on_block, p)) < 0 ||
        (err = store_query(p->store, ST_block_recent, args, 2, on_block, p)) < 0 ||
        (err = store_query(p->store, ST_block_counts, args, 1, on_count, p)) < 0)
        return fault_set(why, err, "cannot read the blocks from the database");
    HASH_SORT(p->blocks, by_found);
    return 0;
}

void blocks_fini(struct pool *p)
{
    struct block *b, *tmp;

    HASH_ITER(hh, p->blocks, b, tmp)
    {
        HASH_DEL(p->blocks, b);
        block_free(b);
    }
}

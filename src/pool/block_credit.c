/* SPDX-License-Identifier: MIT */
/* What a block's life writes: the block with its bytes and credits in one durable transaction, each
 * change of state with the ledger transaction that belongs to it in another. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "pool/internal.h"

/* A callback about one block that may come after the pool is gone. */
struct later {
    struct pool_life *life;
    uint8_t hash[32];
};

static struct later *later_new(struct pool *p, const uint8_t hash[32])
{
    struct later *later = xcalloc(1, sizeof *later);

    later->life = life_ref(p->life);
    memcpy(later->hash, hash, 32);
    return later;
}

static void later_free(struct later *later)
{
    life_unref(later->life);
    free(later);
}

/* --- totals for the view -----------------------------------------------------------------------
 */

static void on_total_row(void *arg, const struct value *c, unsigned n)
{
    struct pool_life *life = arg;

    if (life->pool)
        ledger_totals_row(&life->pool->totals_next, c, n);
}

static void on_totals(void *arg, int err)
{
    struct pool_life *life = arg;
    struct pool *p = life->pool;

    if (p && !err) {
        p->totals = p->totals_next;
        if (p->totals.sum != 0)
            p->ledger_ok = false;
        pool_changed(p);
    }
    if (p)
        p->totals_next = (struct ledger_totals){0};
    life_unref(life);
}

void totals_refresh(struct pool *p)
{
    const struct value chain = value_text(p->chain_name);

    store_read(p->store, ST_balance_sums, &chain, 1, on_total_row, on_totals, life_ref(p->life));
}

/* --- a found block -----------------------------------------------------------------------------
 */

static void add_block_row(struct pool *p, struct store_batch *batch, const struct block *b,
                          uint64_t fee)
{
    const struct value args[] = {
        value_blob(b->hash, 32),
        value_text(p->chain_name),
        value_int((int64_t)b->height),
        value_int(b->state),
        value_int((int64_t)b->reward),
        value_int((int64_t)fee),
        value_int(b->found_ms),
        value_text(b->finder),
        value_int((int64_t)p->shares.last_seq),
    };

    store_batch_add(batch, ST_block_add, args, 9);
}

/* The credits that share the block: the finder's alone, or those of the reward window. */
static size_t credits_of(struct pool *p, const struct share *share, const struct worker *finder,
                         struct credit **ret)
{
    struct share_window window = pool_window(p, &share->job->block_target);
    size_t n = 0;

    *ret = NULL;
    if (!pool_solo(p))
        n = shares_window(&p->shares, &window, wall_ms(), ret);
    if (n == 0) { /* SOLO, or nobody has a share in the window */
        *ret = xreallocarray(*ret, 1, sizeof **ret);
        (*ret)[n++] = (struct credit){.account = finder->account->id, .work = 1};
    }
    return n;
}

static uint32_t *immature_of(struct pool *p, const struct payout *payouts, size_t n)
{
    uint32_t *ids = xcalloc(n + 1, sizeof *ids);
    struct account *account, *tmp;

    for (size_t i = 0; i < n; i++)
        ids[i] = p->accounts.own.remainder_immature; /* never needed: all accounts are known */
    HASH_ITER(hh, p->accounts.by_owner, account, tmp)
    {
        size_t low = 0, high = n; /* payouts are sorted by account */
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (payouts[mid].account < account->id)
                low = mid + 1;
            else
                high = mid;
        }
        if (low < n && payouts[low].account == account->id)
            ids[low] = account->immature;
    }
    return ids;
}

static void add_credits(struct pool *p, struct store_batch *batch, const struct block *b,
                        uint64_t fee, const struct credit *credits, size_t n)
{
    const struct reward_scheme *scheme = pool_solo(p) ? reward_find("solo") : p->scheme;
    AUTO_FREE struct payout *payouts = xcalloc(n + 1, sizeof *payouts);
    size_t rows = scheme->split(credits, n, b->reward - fee, payouts);
    AUTO_FREE uint32_t *immature = immature_of(p, payouts, rows);

    ledger_credit(batch, &p->accounts,
                  &(struct block_credit){
                      .hash = b->hash,
                      .reward = b->reward,
                      .fee = fee,
                      .payouts = payouts,
                      .immature = immature,
                      .count = rows,
                  });
}

static void on_recorded(void *arg, int err)
{
    struct later *later = arg;
    struct pool *p = later->life->pool;
    struct block *b = NULL;

    if (p)
        HASH_FIND(hh, p->blocks, later->hash, 32, b);
    if (b && err) {
        log_error(POOL,
                  "the block at height %llu was refused by the database: it goes to the chain all "
                  "the same; run `otedama ledger check`",
                  (unsigned long long)b->height);
        HASH_DEL(p->blocks, b); /* the answer finds nothing to change */
        block_submit_first(p, b);
        block_free(b);
    } else if (b) {
        b->durable = true;
        block_submit_first(p, b);
        p->blocks_found++;
        log_info(POOL, "block found at height %llu by %s", (unsigned long long)b->height,
                 b->finder);
        totals_refresh(p);
        pool_changed(p);
    }
    later_free(later);
}

void block_record(struct pool *p, struct block *b, const struct share *share, const uint8_t *raw,
                  size_t len, struct worker *finder)
{
    struct store_batch *batch = store_batch_new();
    /* the rig alone pays no fee to itself */
    uint64_t fee = pool_shared(p) ? reward_fee(b->reward, p->set.fee_bp) : 0;
    AUTO_FREE struct credit *credits = NULL;
    size_t n = credits_of(p, share, finder, &credits);
    const struct value raw_args[] = {value_blob(b->hash, 32), value_blob(raw, len)};

    shares_flush(&p->shares); /* queued before: written before or together */
    add_block_row(p, batch, b, fee);
    store_batch_add(batch, ST_block_raw_add, raw_args, 2);
    add_credits(p, batch, b, fee, credits, n);
    shares_end_round(&p->shares, batch);
    store_submit(p->store, batch, true, on_recorded, later_new(p, b->hash));
}

/* --- a change of state -------------------------------------------------------------------------
 */

static bool credited(enum block_state state)
{
    return state == BLOCK_FOUND || state == BLOCK_IMMATURE || state == BLOCK_MATURE;
}

static void add_update(struct store_batch *batch, const struct block *b)
{
    const struct value args[] = {
        value_blob(b->hash, 32), value_int(b->state),   value_int(b->confirmations),
        value_int(b->turn),      value_int(b->settled), value_text(b->detail),
    };

    store_batch_add(batch, ST_block_update, args, 6);
    if (b->settled)
        store_batch_add(batch, ST_block_raw_drop, args, 1);
}

static void on_saved(void *arg, int err)
{
    struct later *later = arg;
    struct pool *p = later->life->pool;

    if (p && err) {
        log_error(POOL, "a block's change of state was refused by the database: run `otedama "
                        "ledger check`");
        p->ledger_ok = false;
    }
    if (p)
        totals_refresh(p);
    later_free(later);
}

void block_save(struct pool *p, struct block *b, enum block_state to)
{
    struct store_batch *batch = store_batch_new();
    enum block_state from = b->state;
    bool moves = from != to;

    if (credited(from) && !credited(to))
        ledger_reverse(batch, &p->accounts, b->hash, ++b->turn);
    if (!credited(from) && credited(to))
        ledger_restore(batch, &p->accounts, b->hash, ++b->turn);
    if (to == BLOCK_MATURE && from != BLOCK_MATURE)
        ledger_mature(batch, &p->accounts, b->hash, b->turn);
    b->state = to;
    add_update(batch, b);
    store_submit(p->store, batch, moves, moves ? on_saved : NULL,
                 moves ? later_new(p, b->hash) : NULL);
    if (!moves)
        return;
    blocks_count(p, from, -1);
    blocks_count(p, to, 1);
    pool_changed(p);
}

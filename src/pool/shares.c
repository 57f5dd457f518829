/* SPDX-License-Identifier: MIT */
/* Rows of credited work: adding, the reward window, writing. Tidying is in shares_tidy.c. */
#include "pool/shares.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

static uint64_t add_capped(uint64_t a, uint64_t b)
{
    return a >= WORK_MAX - b ? WORK_MAX : a + b;
}

/* --- rows --------------------------------------------------------------------------------------
 */

static struct share_row *room(struct shares *s)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 256;
        s->rows = xreallocarray(s->rows, s->capacity, sizeof *s->rows);
    }
    return &s->rows[s->count++];
}

static struct share_row *append(struct shares *s)
{
    struct share_row *row = room(s);

    s->last_seq = store_row_next(s->store, ROWS_SHARE);
    *row = (struct share_row){.seq = s->last_seq};
    return row;
}

static struct share_row *find_row(const struct shares *s, uint64_t seq)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (s->rows[mid].seq < seq)
            low = mid + 1;
        else
            high = mid;
    }
    return low < s->count && s->rows[low].seq == seq ? &s->rows[low] : NULL;
}

/* The row that this credit goes into. A worker has at most ROW_CACHE of them at a time: further
 * difficulties within an epoch share the last one. Solo rows grow for the whole round. */
static struct share_row *row_for(struct shares *s, struct row_cache *cache,
                                 const struct share_credit *credit)
{
    uint64_t epoch = credit->solo ? s->round_seq : s->epoch;
    int use = -1;

    for (int i = 0; i < ROW_CACHE; i++) {
        bool live =
            cache->at[i].seq && cache->at[i].epoch == epoch && cache->at[i].solo == credit->solo;
        bool fits = credit->solo || cache->at[i].difficulty == credit->difficulty;
        struct share_row *row = live && fits ? find_row(s, cache->at[i].seq) : NULL;
        if (row)
            return row;
        if (!live && use < 0)
            use = i;
    }
    if (use < 0) {
        struct share_row *row = find_row(s, cache->at[ROW_CACHE - 1].seq);
        if (row)
            return row;
        use = ROW_CACHE - 1;
    }
    struct share_row *row = append(s);
    row->account = credit->account;
    row->worker = credit->worker;
    row->solo = credit->solo;
    row->difficulty = credit->solo ? 0 : credit->difficulty;
    row->first_ms = credit->at_ms;
    cache->at[use].seq = row->seq;
    cache->at[use].epoch = epoch;
    cache->at[use].difficulty = credit->difficulty;
    cache->at[use].solo = credit->solo;
    return row;
}

static void advance_epoch(struct shares *s, const struct share_window *w, int64_t at_ms)
{
    int64_t minute = at_ms / 60000;
    uint64_t slice = w->time_ms > 0 ? WORK_MAX : w->work / SHARE_SLICES;

    if (minute <= s->epoch_minute && s->epoch_work < slice)
        return;
    s->epoch++;
    s->epoch_work = 0;
    if (minute > s->epoch_minute)
        s->epoch_minute = minute;
}

void shares_add(struct shares *s, const struct share_window *w, struct row_cache *cache,
                const struct share_credit *credit)
{
    uint64_t work;

    if (__builtin_mul_overflow(credit->difficulty, credit->count, &work) || work > WORK_MAX)
        work = WORK_MAX;
    if (!credit->solo)
        advance_epoch(s, w, credit->at_ms);
    struct share_row *row = row_for(s, cache, credit);
    if (row->difficulty != credit->difficulty)
        row->difficulty = 0;
    row->work = add_capped(row->work, work);
    row->count += credit->count;
    row->last_ms = credit->at_ms > row->last_ms ? credit->at_ms : row->last_ms;
    row->dirty = true;
    size_t index = (size_t)(row - s->rows);
    s->dirty_from = index < s->dirty_from ? index : s->dirty_from;
    s->epoch_work = add_capped(s->epoch_work, credit->solo ? 0 : work);
    s->round_work += (double)work;
}

/* --- the window --------------------------------------------------------------------------------
 */

/* The part of a row's work that lies after `from_ms`, taking its shares as evenly spread. */
static uint64_t work_after(const struct share_row *row, int64_t from_ms)
{
    if (row->first_ms >= from_ms || row->last_ms <= row->first_ms)
        return row->work;
    __extension__ unsigned __int128 part = row->work;
    part = part * (uint64_t)(row->last_ms - from_ms + 1) /
           (uint64_t)(row->last_ms - row->first_ms + 1);
    return part ? (uint64_t)part : 1;
}

size_t shares_window(const struct shares *s, const struct share_window *w, int64_t now_ms,
                     struct credit **ret)
{
    struct credit *all = xmalloc((s->count + 1) * sizeof *all);
    int64_t from_ms = now_ms - w->time_ms;
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct share_row *row = &s->rows[i];
        if (row->solo || (w->time_ms > 0 && row->last_ms < from_ms))
            continue;
        all[n++] = (struct credit){
            .account = row->account,
            .work = w->time_ms > 0 ? work_after(row, from_ms) : row->work,
        };
    }
    *ret = all;
    return w->time_ms > 0 ? n : reward_last_work(all, n, w->work, all);
}

/* --- store -------------------------------------------------------------------------------------
 */

static void put_row(const struct shares *s, struct store_batch *batch, const struct share_row *row)
{
    const struct value args[] = {
        value_int((int64_t)row->seq),
        value_text(s->chain),
        value_int(row->account),
        row->worker ? value_int(row->worker) : (struct value){.kind = VALUE_NULL},
        value_int(row->solo),
        value_int((int64_t)row->difficulty),
        value_int((int64_t)row->work),
        value_int((int64_t)row->count),
        value_int(row->first_ms),
        value_int(row->last_ms),
    };

    store_batch_add(batch, ST_share_put, args, 10);
}

void shares_put(struct shares *s, struct store_batch *batch)
{
    for (size_t i = s->dirty_from; i < s->count; i++) {
        if (!s->rows[i].dirty)
            continue;
        put_row(s, batch, &s->rows[i]);
        s->rows[i].dirty = false;
    }
    s->dirty_from = s->count;
}

void shares_flush(struct shares *s)
{
    struct store_batch *batch = store_batch_new();

    shares_put(s, batch);
    if (store_batch_empty(batch))
        store_batch_free(batch);
    else
        store_submit(s->store, batch, false, NULL, NULL);
}

void shares_end_round(struct shares *s, struct store_batch *batch)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct value seq = value_int((int64_t)s->rows[i].seq);
        if (s->rows[i].solo)
            store_batch_add(batch, ST_share_drop, &seq, 1);
        else
            s->rows[kept++] = s->rows[i];
    }
    s->count = kept;
    s->dirty_from = 0; /* indexes have moved; the flags say what is left to write */
    s->round_seq = s->last_seq;
    s->round_work = 0;
}

/* seq, account, worker, solo, difficulty, work, count, first_ms, last_ms */
static void on_row(void *arg, const struct value *c, unsigned n)
{
    struct shares *s = arg;
    struct share_row *row = room(s);

    (void)n;
    *row = (struct share_row){
        .seq = (uint64_t)c[0].i,
        .account = (uint32_t)c[1].i,
        .worker = (uint32_t)c[2].i,
        .solo = c[3].i != 0,
        .merged = c[2].kind == VALUE_NULL,
        .difficulty = (uint64_t)c[4].i,
        .work = (uint64_t)c[5].i,
        .count = (uint64_t)c[6].i,
        .first_ms = c[7].i,
        .last_ms = c[8].i,
    };
    if (row->seq > s->round_seq)
        s->round_work += (double)row->work;
}

static void on_last(void *arg, const struct value *c, unsigned n)
{
    struct shares *s = arg;

    (void)n;
    store_rows_known(s->store, ROWS_SHARE, (uint64_t)c[0].i);
    s->last_seq = (uint64_t)c[0].i;
}

static void on_number(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    *(uint64_t *)arg = (uint64_t)c[0].i;
}

int shares_load(struct shares *s, struct store *store, const char *chain, struct fault *why)
{
    const struct value arg = value_text(chain);
    int err;

    s->store = store;
    (void)text_copy(s->chain, sizeof s->chain, chain);
    if ((err = store_query(store, ST_block_last_seq, &arg, 1, on_number, &s->round_seq)) < 0 ||
        (err = store_query(store, ST_share_all, &arg, 1, on_row, s)) < 0 ||
        (err = store_query(store, ST_share_last, NULL, 0, on_last, s)) < 0)
        return fault_set(why, err, "cannot read the shares of %s from the database", chain);
    s->dirty_from = s->count;
    s->epoch = 1;
    return 0;
}

void shares_fini(struct shares *s)
{
    free(s->rows);
    s->rows = NULL;
    s->count = s->capacity = 0;
}

/* SPDX-License-Identifier: MIT */
/* Keeps the share rows few: closed slices of the window shrink to one row for each account, rows
 * past the window go; their work stays in the effort of the round. */
#include <stdlib.h>

#include "base/alloc.h"
#include "pool/shares.h"

/* Rows younger than this may still grow. */
static const int64_t SETTLED_MS = 120000;

struct tidy {
    struct shares *s;
    struct store_batch *batch;
    bool *gone; /* by index */
};

static uint64_t capped(uint64_t a, uint64_t b)
{
    return a >= WORK_MAX - b ? WORK_MAX : a + b;
}

static void drop(struct tidy *t, size_t i)
{
    const struct value seq = value_int((int64_t)t->s->rows[i].seq);

    t->gone[i] = true;
    store_batch_add(t->batch, ST_share_drop, &seq, 1);
}

static void merge_into(struct tidy *t, size_t to, size_t from)
{
    struct share_row *a = &t->s->rows[to];
    const struct share_row *b = &t->s->rows[from];

    a->work = capped(a->work, b->work);
    a->count += b->count;
    a->difficulty = a->difficulty == b->difficulty ? a->difficulty : 0;
    a->first_ms = b->first_ms < a->first_ms ? b->first_ms : a->first_ms;
    a->last_ms = b->last_ms > a->last_ms ? b->last_ms : a->last_ms;
    drop(t, from);
}

struct place {
    uint32_t account;
    size_t index;
};

static int by_account(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->account != y->account)
        return x->account < y->account ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Rows [first, end) become one for each account. */
static void merge_slice(struct tidy *t, size_t first, size_t end)
{
    AUTO_FREE struct place *places = xmalloc((end - first) * sizeof *places);
    size_t n = 0;

    for (size_t i = first; i < end; i++)
        if (!t->s->rows[i].solo && !t->gone[i])
            places[n++] = (struct place){t->s->rows[i].account, i};
    qsort(places, n, sizeof *places, by_account);
    for (size_t i = 0, to = 0; i < n; i++) {
        struct share_row *row = &t->s->rows[places[i].index];
        if (i > 0 && places[i].account == places[to].account) {
            merge_into(t, places[to].index, places[i].index);
            continue;
        }
        to = i;
        row->dirty = true;
        row->merged = true;
        row->worker = 0;
    }
}

/* A slice is full once it holds its part of the window's work or time. */
static bool slice_full(const struct share_window *w, const struct share_row *first,
                       const struct share_row *last, uint64_t work)
{
    if (w->time_ms > 0)
        return last->last_ms - first->first_ms >= w->time_ms / SHARE_SLICES;
    return work >= w->work / SHARE_SLICES;
}

static void merge_slices(struct tidy *t, const struct share_window *w, int64_t now_ms)
{
    const struct share_row *rows = t->s->rows;
    size_t first = 0;
    uint64_t work = 0;
    bool news = false;

    for (size_t i = 0; i < t->s->count && rows[i].last_ms < now_ms - SETTLED_MS; i++) {
        if (rows[i].solo || t->gone[i])
            continue;
        if (work == 0)
            first = i;
        news |= !rows[i].merged;
        work += rows[i].work < WORK_MAX / 2 ? rows[i].work : WORK_MAX / 2;
        if (!slice_full(w, &rows[first], &rows[i], work) && work < WORK_MAX / 2)
            continue;
        if (news)
            merge_slice(t, first, i + 1);
        work = 0;
        news = false;
    }
    /* the slice that is not full yet: merged once it has grown to be worth it */
    if (work && news && t->s->count - first > 4096)
        merge_slice(t, first, t->s->count);
}

/* What the round has done before the rows that are left: one solo row without a worker. */
static struct share_row *round_row(struct tidy *t, size_t fallback)
{
    struct shares *s = t->s;

    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].solo && s->rows[i].worker == 0 && !t->gone[i])
            return &s->rows[i];
    t->gone[fallback] = false; /* the row dropped there comes back as this one */
    s->rows[fallback].work = s->rows[fallback].count = 0;
    s->rows[fallback].solo = true;
    s->rows[fallback].worker = 0;
    s->rows[fallback].difficulty = 0;
    return &s->rows[fallback];
}

/* Twice the window stays, so that a rising network difficulty finds its shares. */
static void drop_old(struct tidy *t, const struct share_window *w, int64_t now_ms)
{
    struct shares *s = t->s;
    uint64_t work = 0, keep = w->work < WORK_MAX / 2 ? 2 * w->work : WORK_MAX;
    uint64_t trimmed = 0, trimmed_count = 0;
    size_t newest = 0;

    for (size_t i = s->count; i-- > 0;) {
        struct share_row *row = &s->rows[i];
        if (row->solo)
            continue;
        bool past = w->time_ms > 0 ? row->last_ms < now_ms - 2 * w->time_ms : work >= keep;
        work = capped(work, row->work);
        if (!past)
            continue;
        if (row->seq > s->round_seq) { /* its work still counts for the round's effort */
            newest = trimmed_count ? newest : i;
            trimmed = capped(trimmed, row->work);
            trimmed_count += row->count;
        }
        drop(t, i);
    }
    if (!trimmed_count)
        return;
    struct share_row *row = round_row(t, newest);
    row->work = capped(row->work, trimmed);
    row->count += trimmed_count;
    row->dirty = true;
}

static void compact(struct tidy *t)
{
    struct shares *s = t->s;
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++)
        if (!t->gone[i])
            s->rows[kept++] = s->rows[i];
    s->count = kept;
    s->dirty_from = 0;
}

void shares_tidy(struct shares *s, const struct share_window *w, int64_t now_ms)
{
    struct tidy t = {.s = s, .batch = store_batch_new(), .gone = xcalloc(s->count + 1, 1)};

    drop_old(&t, w, now_ms);
    merge_slices(&t, w, now_ms);
    compact(&t);
    free(t.gone);
    shares_put(s, t.batch); /* in the same transaction as the rows that went into them */
    if (store_batch_empty(t.batch))
        store_batch_free(t.batch);
    else
        store_submit(s->store, t.batch, false, NULL, NULL);
}

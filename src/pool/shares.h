/* SPDX-License-Identifier: MIT */
/* Credited work, in rows: one for each worker, minute and job difficulty, later one for each
 * account and slice of the reward window, and nothing behind it. In memory and in the store alike,
 * so the number of rows is bounded for a constant load. Hub thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "reward/scheme.h"
#include "store/store.h"

/* Work is in the units of pool_work and saturates here: an int64 holds it. */
#define WORK_MAX (UINT64_C(1) << 62)

/* The window is kept in about this many slices: its edge is fair to 1/SLICES of it. */
enum { SHARE_SLICES = 128, ROW_CACHE = 4 };

struct share_row {
    uint64_t seq; /* rises with each row, of all chains; order of the window */
    uint32_t account, worker;
    bool solo, dirty, merged;
    uint64_t difficulty; /* of each share; 0 = several */
    uint64_t work, count;
    int64_t first_ms, last_ms; /* Unix time */
};

/* A worker's rows that still grow. */
struct row_cache {
    struct {
        uint64_t seq, epoch, difficulty;
        bool solo;
    } at[ROW_CACHE];
};

struct share_window {
    int64_t time_ms; /* > 0: all shares of this time before a block */
    uint64_t work;   /* else: the last shares up to this work */
};

struct shares {
    struct store *store;
    char chain[64];
    struct share_row *rows; /* ascending seq */
    size_t count, capacity;
    size_t dirty_from; /* rows before it are written */
    uint64_t last_seq;
    uint64_t round_seq; /* the last block's */
    double round_work;  /* since then, all rows */
    uint64_t epoch;     /* rises each minute and each slice of the window */
    int64_t epoch_minute;
    uint64_t epoch_work;
};

int shares_load(struct shares *, struct store *, const char *chain, struct fault *why);
void shares_fini(struct shares *);

struct share_credit {
    uint32_t account, worker;
    bool solo; /* outside the reward window */
    uint64_t difficulty, count;
    int64_t at_ms; /* Unix time */
};
void shares_add(struct shares *, const struct share_window *, struct row_cache *,
                const struct share_credit *);

/* Queues the rows that changed. Call after each group of shares_add. */
void shares_flush(struct shares *);

/* The same into a batch. */
void shares_put(struct shares *, struct store_batch *);

/* The window's credits at this moment, oldest first; malloc'ed. Returns the rows. */
size_t shares_window(const struct shares *, const struct share_window *, int64_t now_ms,
                     struct credit **ret);

/* A block was found: a new round begins. Adds the rows that this ends to `batch`. */
void shares_end_round(struct shares *, struct store_batch *batch);

/* About once a minute: merges slices, deletes what is past the window. */
void shares_tidy(struct shares *, const struct share_window *, int64_t now_ms);

/* SPDX-License-Identifier: MIT */
/* Reward schemes: pure functions from credits to amounts that add up exactly. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Work is counted in whole units: millionths of difficulty 1, or hashes (pool_work). */
struct credit {
    uint32_t account;
    uint64_t work;
};

struct payout {
    uint32_t account;
    uint64_t atoms;
};

enum reward_window { WINDOW_FINDER, WINDOW_LAST_WORK, WINDOW_ROUND };

struct reward_scheme {
    const char *name, *title;  /* "pplns", "PPLNS: ..." */
    const char *help;          /* one sentence */
    enum reward_window window; /* which shares it wants to see */

    /* Splits `atoms` (the fee already taken off). `out` has room for n rows; returns how many were
     * used; they add up to `atoms`. n = 0 gives 0 rows: the caller keeps the amount for the pool.
     */
    size_t (*split)(const struct credit *, size_t n, uint64_t atoms, struct payout *out);
};

extern const struct reward_scheme *const reward_schemes[]; /* ends with NULL */
const struct reward_scheme *reward_find(const char *name); /* NULL when unknown */

/* PPLNS by work: of `n` shares, oldest first, the newest ones up to `window` work in all; the share
 * that crosses the boundary counts in part. `out` has room for n and may be the input; returns the
 * rows used (oldest first). */
size_t reward_last_work(const struct credit *, size_t n, uint64_t window, struct credit *out);

/* floor(reward * fee_bp / 10000). */
uint64_t reward_fee(uint64_t reward, uint32_t fee_bp);

/* Largest remainder: floor each, leftover units by descending remainder, ties by account id.
 * Rows of one account are merged. Returns the rows used. */
size_t reward_split(const struct credit *, size_t n, uint64_t atoms, struct payout *out);

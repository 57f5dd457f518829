/* SPDX-License-Identifier: MIT */
/* The definition of an algorithm, ready for a key: keeps the dataset and the context of the newest
 * key it was asked for. For who checks hashes now and then. One owner thread. */
#pragma once

#include <stdbool.h>

#include "algo/algo.h"
#include "algo/dataset.h"

struct hasher {
    const struct algo *algo;
    struct datasets *datasets; /* NULL where the algorithm has none */
    struct algo_key key;
    struct dataset *dataset; /* that of the key; a reference */
    struct algo_ctx *ctx;    /* NULL: none is needed, or it is not ready */
    bool ready, full;        /* full: ctx reads the full dataset */
};

/* Both are borrowed until hasher_fini. */
void hasher_init(struct hasher *, const struct algo *, struct datasets *);
void hasher_fini(struct hasher *); /* a zeroed one is fine */

/* Makes hasher->ctx fit the key: 0, after which algo->hash with it never gives ERR_KEY for that
 * key. -EAGAIN: its dataset is being prepared; ask again later. ERR_KEY, ERR_MEMORY and `why`: it
 * cannot be had now. Never waits for a dataset, but a context may take milliseconds to make. */
int hasher_ready(struct hasher *, const struct algo_key *, struct fault *why);

/* SPDX-License-Identifier: MIT */
/* The dataset behind dataset_ops, for Ethash, Etchash and KawPow: each brings its own plan and the
 * numbers, the rest is here. `struct ethash_dag` stands first in what is handed over as the state.
 */
#pragma once

#include "algo/dataset_ops.h"
#include "kernels/ethash/ethash.h"

enum { ETHASH_STEP = 1024 }; /* items of 64 bytes that take about 5 ms with 256 parents */

struct ethash_dag {
    struct ethash_cache cache;
    struct ethash_memory memory;           /* of the full part */
    bool huge;                             /* huge pages are wanted */
    _Atomic unsigned cache_huge, dag_huge; /* 2 MiB units found in huge pages */
};

/* The items, or NULL while there is no memory for them. */
static inline struct ethash_item *ethash_dag_items(const struct ethash_dag *dag)
{
    return dag->memory.at;
}

/* Bytes and items of a plan; the names are the caller's. */
void ethash_dag_plan(const struct ethash_sizes *, struct dataset_plan *);

/* Makes the cache of an empty dag. As dataset_ops.light; after a failure nothing is to be freed. */
int ethash_dag_light(struct ethash_dag *, const struct ethash_sizes *, const uint8_t seed[32],
                     const struct dataset_choices *, const _Atomic bool *cancel,
                     _Atomic uint32_t *permille, struct fault *why);

/* As the functions of dataset_ops. An item is 64 bytes. */
int ethash_dag_reserve(void *dag, const _Atomic bool *cancel, bool *complete, struct fault *why);
void ethash_dag_fill(void *dag, uint64_t first, uint64_t count);
int ethash_dag_finish(void *dag, struct fault *why);
void ethash_dag_describe(const void *dag, char *out, size_t len);

void ethash_dag_drop(struct ethash_dag *); /* its memory; not the structure */

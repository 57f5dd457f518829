/* SPDX-License-Identifier: MIT */
/* The life of a DAG: cache, memory, items, samples. */
#include "kernels/ethash/dag.h"

#include <stdio.h>
#include <string.h>

#include "base/rand.h"
#include "kernels/randomx/pages.h"

enum { SAMPLES = 64 };

void ethash_dag_plan(const struct ethash_sizes *sizes, struct dataset_plan *plan)
{
    plan->light_bytes = ethash_cache_bytes(sizes);
    plan->full_bytes = ethash_dag_bytes(sizes);
    plan->items = 2 * (uint64_t)sizes->entries;
}

int ethash_dag_light(struct ethash_dag *dag, const struct ethash_sizes *sizes,
                     const uint8_t seed[32], const struct dataset_choices *choices,
                     const _Atomic bool *cancel, _Atomic uint32_t *permille, struct fault *why)
{
    dag->huge = choices->huge_pages;
    int err = ethash_cache_make(&dag->cache, sizes, seed, dag->huge, cancel, permille, why);
    if (!err)
        atomic_store(&dag->cache_huge,
                     pages_huge_in(dag->cache.memory.at, dag->cache.memory.bytes));
    return err;
}

int ethash_dag_reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    struct ethash_dag *dag = state;

    (void)cancel;
    *complete = false;
    return dag->memory.at ? 0
                          : ethash_memory_get(&dag->memory, ethash_dag_bytes(&dag->cache.sizes),
                                              dag->huge, why);
}

void ethash_dag_fill(void *state, uint64_t first, uint64_t count)
{
    struct ethash_dag *dag = state;

    ethash_items_from(&dag->cache, (uint32_t)first, (size_t)count, ethash_dag_items(dag) + first);
}

/* The first, the last, and some between them. */
static uint32_t sample(uint32_t items, unsigned i)
{
    return i == 0 ? 0 : i == 1 ? items - 1 : rand_u32() % items;
}

int ethash_dag_finish(void *state, struct fault *why)
{
    struct ethash_dag *dag = state;

    for (unsigned i = 0; i < 2 + SAMPLES; i++) {
        uint32_t at = sample(2 * dag->cache.sizes.entries, i);
        struct ethash_item want;
        ethash_item_reference(&dag->cache, at, &want);
        if (memcmp(&want, ethash_dag_items(dag) + at, sizeof want) != 0)
            return fault_set(why, ERR_CHECK,
                             "item %u of the DAG is not what the cache gives: the memory or the "
                             "processor makes errors; check both, or clock them lower",
                             at);
    }
    atomic_store(&dag->dag_huge, pages_huge_in(dag->memory.at, dag->memory.bytes));
    return 0;
}

static unsigned units(size_t bytes)
{
    return (unsigned)((bytes + PAGE_2M - 1) / PAGE_2M);
}

void ethash_dag_describe(const void *state, char *out, size_t len)
{
    const struct ethash_dag *dag = state;
    unsigned have = atomic_load(&dag->dag_huge);

    int n = snprintf(out, len, "2 MiB pages: cache %u of %u", atomic_load(&dag->cache_huge),
                     units(dag->cache.memory.bytes));
    if (have && n > 0 && (size_t)n < len)
        (void)snprintf(out + n, len - (size_t)n, ", DAG %u of %u", have,
                       units(ethash_dag_bytes(&dag->cache.sizes)));
}

void ethash_dag_drop(struct ethash_dag *dag)
{
    ethash_memory_put(&dag->memory);
    ethash_cache_free(&dag->cache);
}

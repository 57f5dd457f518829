/* SPDX-License-Identifier: MIT */
/* KawPow's tiny datasets, made once for all tests of a program. */
#include "tests/fake/kawpow_sets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "algo/cpu.h"
#include "tests/fake/row.h"

struct kawpow_set sets[SETS];
static json_t *vectors;

bool runs_here(unsigned needs)
{
    return !(needs & ~cpu_features());
}

const json_t *set_row(unsigned set)
{
    return json_array_get(json_object_get(vectors, "small_dag"), set);
}

static int make_set(struct kawpow_set *set, const json_t *row)
{
    const struct ethash_sizes sizes = {.cache_items = (uint32_t)row_number(row, "light_items"),
                                       .entries = (uint32_t)row_number(row, "dataset_items_128B"),
                                       .parents = (uint32_t)row_number(row, "dataset_parents")};
    uint8_t seed[32];

    row_bytes(row, "seedhash", seed, sizeof seed);
    if (ethash_cache_make(&set->cache, &sizes, seed, false, NULL, NULL, NULL) < 0 ||
        ethash_memory_get(&set->items, ethash_dag_bytes(&sizes), false, NULL) < 0)
        return -1;
    ethash_items_from(&set->cache, 0, (size_t)2 * sizes.entries, set->items.at);
    kawpow_data_prepare(&set->data, KAWPOW_ANY_EPOCH, &set->cache);
    set->data.full = set->items.at;
    for (unsigned full = 0; full < 2; full++)
        set->ctx[full] = kawpow_ctx_over(&set->data, full);
    return 0;
}

int kawpow_sets_up(void **state)
{
    (void)state;
    if (!(vectors = json_load_file("tests/vectors/kawpow.json", 0, NULL)))
        return -1;
    for (unsigned i = 0; i < SETS; i++)
        if (make_set(&sets[i], set_row(i)) < 0)
            return -1;
    return 0;
}

int kawpow_sets_down(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SETS; i++) {
        kawpow_ctx_free(sets[i].ctx[0]);
        kawpow_ctx_free(sets[i].ctx[1]);
        ethash_memory_put(&sets[i].items);
        ethash_cache_free(&sets[i].cache);
    }
    json_decref(vectors);
    return 0;
}

/* SPDX-License-Identifier: MIT */
/* KawPow's dataset: Ethash's with 512 parents for each item and epochs of 7500 blocks, and its
 * first 16 KiB at hand. */
#include <stdio.h>
#include <string.h>

#include "algo/dataset_ops.h"
#include "base/alloc.h"
#include "kernels/kawpow/kawpow.h"

enum { SAMPLES = 64 };

struct state {
    struct kawpow_data data;
    struct ethash_cache cache;
    struct ethash_memory full;
    bool huge;
};

static int epoch_of(const struct algo_key *key, uint32_t *epoch, struct fault *why)
{
    uint64_t e = key->height / KAWPOW_EPOCH;

    if (e > ETHASH_EPOCH_MAX)
        return fault_set(why, ERR_KEY, "KawPow has no epoch %llu (height %llu): the last one is %d",
                         (unsigned long long)e, (unsigned long long)key->height, ETHASH_EPOCH_MAX);
    *epoch = (uint32_t)e;
    return 0;
}

static int plan(const struct algo_key *key, struct dataset_plan *out, struct fault *why)
{
    uint32_t epoch = 0;
    int err = epoch_of(key, &epoch, why);

    if (err < 0)
        return err;
    struct ethash_sizes sizes = ethash_sizes_of(epoch, KAWPOW_PARENTS);
    uint32_t groups = sizes.entries / 2;
    *out = (struct dataset_plan){
        .light_bytes = ethash_cache_bytes(&sizes) + sizeof(struct state),
        .full_bytes = (uint64_t)groups * KAWPOW_GROUP_BYTES,
        .items = (uint64_t)groups * KAWPOW_GROUP_ITEMS,
    };
    (void)snprintf(out->name, sizeof out->name, "kawpow-epoch-%u", epoch);
    (void)snprintf(out->title, sizeof out->title, "epoch %u", epoch);
    return 0;
}

void kawpow_data_prepare(struct kawpow_data *data, uint32_t epoch, const struct ethash_cache *cache)
{
    data->epoch = epoch;
    data->groups = cache->sizes.entries / 2;
    data->cache = cache;
    data->full = NULL;
    ethash_items_from(cache, 0, KAWPOW_L1_ITEMS, data->l1);
}

const struct kawpow_data *kawpow_data_of(const void *memory)
{
    return &((const struct state *)memory)->data;
}

static void free_state(void *at)
{
    struct state *s = at;

    ethash_memory_put(&s->full);
    ethash_cache_free(&s->cache);
    free(s);
}

static int light(const struct algo_key *key, const struct dataset_plan *planned,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **ret, struct fault *why)
{
    struct state *s = aligned_alloc(_Alignof(struct state), sizeof *s);
    struct ethash_sizes sizes;
    uint8_t seed[32];
    uint32_t epoch = 0;
    int err;

    (void)planned;
    if (!s)
        return fault_set(why, ERR_MEMORY, "%zu bytes of memory could not be had", sizeof *s);
    memset(s, 0, sizeof *s);
    s->huge = choices->huge_pages;
    if ((err = epoch_of(key, &epoch, why)) < 0)
        goto fail;
    sizes = ethash_sizes_of(epoch, KAWPOW_PARENTS);
    ethash_seed_of(epoch, seed);
    if ((err = ethash_cache_make(&s->cache, &sizes, seed, s->huge, cancel, permille, why)) < 0)
        goto fail;
    kawpow_data_prepare(&s->data, epoch, &s->cache);
    *ret = s;
    return 0;

fail:
    free_state(s);
    return err;
}

static int reserve(void *at, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    struct state *s = at;

    (void)cancel;
    *complete = false;
    return ethash_memory_get(&s->full, (uint64_t)s->data.groups * KAWPOW_GROUP_BYTES, s->huge, why);
}

static void fill(void *at, uint64_t first, uint64_t count)
{
    struct state *s = at;
    struct ethash_item *items = s->full.at;

    ethash_items_from(&s->cache, (uint32_t)first, count, items + first);
}

/* Samples spread over the whole, the last item among them. */
static int finish(void *at, struct fault *why)
{
    struct state *s = at;
    const struct ethash_item *items = s->full.at;
    uint64_t count = (uint64_t)s->data.groups * KAWPOW_GROUP_ITEMS;

    for (uint64_t i = 1; i <= SAMPLES; i++) {
        uint32_t index = (uint32_t)(count * i / SAMPLES - 1);
        struct ethash_item want;
        ethash_item_reference(&s->cache, index, &want);
        if (memcmp(&want, items + index, sizeof want) != 0)
            return fault_set(why, ERR_CHECK,
                             "item %u of the KawPow dataset is wrong: check the memory", index);
    }
    s->data.full = items;
    return 0;
}

const struct dataset_ops kawpow_dataset = {
    .plan = plan,
    .light = light,
    .reserve = reserve,
    .fill = fill,
    .step = 256,
    .finish = finish,
    .free = free_state,
};

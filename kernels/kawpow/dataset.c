/* SPDX-License-Identifier: MIT */
/* KawPow's dataset: Ethash's with 512 parents for each item and epochs of 7500 blocks, and its
 * first 16 KiB at hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/ethash/dag.h"
#include "kernels/kawpow/kawpow.h"

struct state {
    struct ethash_dag dag; /* first: its functions take the state */
    struct kawpow_data data;
};

static int epoch_of(const struct algo_key *key, uint32_t *epoch, struct fault *why)
{
    uint64_t e = key->height / KAWPOW_EPOCH;

    *epoch = (uint32_t)e;
    if (e <= ETHASH_EPOCH_MAX)
        return 0;
    return fault_set(why, ERR_KEY, "KawPow has no epoch %llu (height %llu): the last one is %d",
                     (unsigned long long)e, (unsigned long long)key->height, ETHASH_EPOCH_MAX);
}

static int plan(const struct algo_key *key, struct dataset_plan *out, struct fault *why)
{
    uint32_t epoch;
    int err = epoch_of(key, &epoch, why);

    if (err < 0)
        return err;
    const struct ethash_sizes sizes = ethash_sizes_of(epoch, KAWPOW_PARENTS);
    *out = (struct dataset_plan){0};
    ethash_dag_plan(&sizes, out);
    out->light_bytes += sizeof(struct state);
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

static int light(const struct algo_key *key, const struct dataset_plan *planned,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **ret, struct fault *why)
{
    struct ethash_sizes sizes;
    struct state *s;
    uint8_t seed[32];
    uint32_t epoch;
    int err;

    (void)planned;
    if ((err = epoch_of(key, &epoch, why)) < 0)
        return err;
    if (!(s = aligned_alloc(_Alignof(struct state), sizeof *s)))
        return fault_set(why, ERR_MEMORY, "%zu bytes of memory could not be had", sizeof *s);
    memset(s, 0, sizeof *s);
    sizes = ethash_sizes_of(epoch, KAWPOW_PARENTS);
    ethash_seed_of(epoch, seed);
    if ((err = ethash_dag_light(&s->dag, &sizes, seed, choices, cancel, permille, why)) < 0) {
        free(s);
        return err;
    }
    kawpow_data_prepare(&s->data, epoch, &s->dag.cache);
    *ret = s;
    return 0;
}

static int finish(void *at, struct fault *why)
{
    struct state *s = at;
    int err = ethash_dag_finish(&s->dag, why);

    if (!err)
        s->data.full = ethash_dag_items(&s->dag);
    return err;
}

static void free_state(void *at)
{
    struct state *s = at;

    ethash_dag_drop(&s->dag);
    free(s);
}

const struct dataset_ops kawpow_dataset = {
    .plan = plan,
    .light = light,
    .reserve = ethash_dag_reserve,
    .fill = ethash_dag_fill,
    .step = ETHASH_STEP * 256 / KAWPOW_PARENTS, /* twice the parents, half the items */
    .finish = finish,
    .describe = ethash_dag_describe,
    .free = free_state,
};

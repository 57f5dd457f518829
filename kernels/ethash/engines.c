/* SPDX-License-Identifier: MIT */
/* Which engine runs here, and the hash by the definition. */
#include <string.h>

#include "algo/cpu.h"
#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"

const struct ethash_engine *const ethash_engines[] = {
#if defined(__x86_64__)
    &ethash_avx512,
    &ethash_avx2,
#endif
    &ethash_scalar,
    NULL,
};

const struct ethash_engine *ethash_engine_best(void)
{
    for (const struct ethash_engine *const *at = ethash_engines; *at; at++)
        if (!((*at)->needs & ~cpu_features()))
            return *at;
    return &ethash_scalar;
}

struct ethash_view ethash_view_of(const struct ethash_cache *cache, const struct ethash_item *dag)
{
    return (struct ethash_view){
        .cache = cache, .dag = dag, .by_entries = ethash_mod_by(cache->sizes.entries)};
}

void ethash_items(const struct ethash_cache *cache, const uint32_t *index, size_t count,
                  struct ethash_item *out)
{
    ethash_engine_best()->items(cache, index, count, out);
}

void ethash_items_from(const struct ethash_cache *cache, uint32_t first, size_t count,
                       struct ethash_item *out)
{
    const struct ethash_engine *engine = ethash_engine_best();
    uint32_t index[16];

    while (count) {
        size_t n = count < 16 ? count : 16;
        for (uint32_t i = 0; i < n; i++)
            index[i] = first + i;
        engine->items(cache, index, n, out);
        first += (uint32_t)n;
        out += n;
        count -= n;
    }
}

void ethash_hash_of_mix(const uint8_t *input, const uint8_t mix[32], uint8_t hash[32])
{
    uint8_t both[96];

    keccak512(input, ETHASH_INPUT, both);
    memcpy(both + 64, mix, 32);
    keccak256(both, sizeof both, hash);
}

static struct ethash_item item_of(const struct ethash_view *view, uint32_t index)
{
    struct ethash_item item;

    if (view->dag)
        return view->dag[index];
    ethash_item_reference(view->cache, index, &item);
    return item;
}

void ethash_hash_reference(const struct ethash_view *view, const uint8_t *input,
                           struct algo_result *out)
{
    struct ethash_item seed;
    uint32_t mix[2 * ETHASH_WORDS], small[8];

    keccak512(input, ETHASH_INPUT, seed.bytes);
    for (unsigned k = 0; k < 2 * ETHASH_WORDS; k++)
        mix[k] = seed.word[k % ETHASH_WORDS];
    for (uint32_t i = 0; i < ETHASH_ACCESSES; i++) {
        uint32_t p =
            ethash_fnv(i ^ seed.word[0], mix[i % (2 * ETHASH_WORDS)]) % view->cache->sizes.entries;
        for (unsigned half = 0; half < 2; half++) {
            struct ethash_item item = item_of(view, 2 * p + half);
            for (unsigned k = 0; k < ETHASH_WORDS; k++)
                mix[half * ETHASH_WORDS + k] =
                    ethash_fnv(mix[half * ETHASH_WORDS + k], item.word[k]);
        }
    }
    for (unsigned i = 0; i < 8; i++)
        small[i] = ethash_fnv(ethash_fnv(ethash_fnv(mix[4 * i], mix[4 * i + 1]), mix[4 * i + 2]),
                              mix[4 * i + 3]);
    memcpy(out->mix, small, sizeof out->mix);
    ethash_hash_of_mix(input, out->mix, out->hash);
}

/* SPDX-License-Identifier: MIT */
/* Sizes, seeds, cache and items by the definition (the Ethash specification, revision 23). */
#include <string.h>

#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"
#include "kernels/ethash/ethash.h"

enum { CACHE_ROUNDS = 3, LOOK_EVERY = 1024, AHEAD = 8 };

/* --- sizes and seeds ------------------------------------------------------------------------- */

static bool is_prime(uint32_t n)
{
    if (n < 3 || n % 2 == 0)
        return n == 2;
    for (uint32_t d = 3; (uint64_t)d * d <= n; d += 2)
        if (n % d == 0)
            return false;
    return true;
}

static uint32_t prime_up_to(uint32_t n)
{
    while (!is_prime(n))
        n--;
    return n;
}

struct ethash_sizes ethash_sizes_of(uint32_t size_epoch, uint32_t parents)
{
    return (struct ethash_sizes){
        .cache_items = prime_up_to((1 << 18) + (size_epoch << 11)),
        .entries = prime_up_to((1 << 23) + (size_epoch << 16)),
        .parents = parents,
    };
}

uint64_t ethash_cache_bytes(const struct ethash_sizes *s)
{
    return (uint64_t)s->cache_items * sizeof(struct ethash_item);
}

uint64_t ethash_dag_bytes(const struct ethash_sizes *s)
{
    return (uint64_t)s->entries * 2 * sizeof(struct ethash_item);
}

void ethash_seed_of(uint32_t seed_epoch, uint8_t seed[32])
{
    memset(seed, 0, 32);
    while (seed_epoch--)
        keccak256(seed, 32, seed);
}

/* --- cache ----------------------------------------------------------------------------------- */

/* Keccak-512 of 64 bytes. */
static void hash_item(struct ethash_item *item)
{
    uint64_t state[25] = {[8] = UINT64_C(0x8000000000000001)}; /* both ends of the padding */

    memcpy(state, item->lane, sizeof item->lane);
    keccak_f1600(state);
    memcpy(item->lane, state, sizeof item->lane);
}

struct maker {
    struct ethash_cache *cache;
    const _Atomic bool *cancel;
    _Atomic uint32_t *permille;
    void (*rehash)(struct ethash_item *);
    uint64_t done; /* items hashed, of (1 + CACHE_ROUNDS) times the cache */
};

/* Counts an item; false when the work is to be left. */
static bool go_on(struct maker *m)
{
    if (++m->done % LOOK_EVERY)
        return true;
    if (m->permille)
        atomic_store_explicit(
            m->permille,
            (uint32_t)(m->done * 1000 /
                       ((1 + CACHE_ROUNDS) * (uint64_t)m->cache->sizes.cache_items)),
            memory_order_relaxed);
    return !m->cancel || !atomic_load_explicit(m->cancel, memory_order_relaxed);
}

static bool chain(struct maker *m, const uint8_t seed[32])
{
    struct ethash_item *items = m->cache->items;

    keccak512(seed, 32, items[0].bytes);
    for (uint32_t i = 1; i < m->cache->sizes.cache_items; i++) {
        items[i] = items[i - 1];
        m->rehash(&items[i]);
        if (!go_on(m))
            return false;
    }
    return true;
}

/* One pass of mixing, in place. What item i is mixed with follows from its old content alone, so
 * that it can be fetched early. */
static bool mix(struct maker *m)
{
    struct ethash_item *items = m->cache->items;
    uint32_t n = m->cache->sizes.cache_items;

    for (uint32_t i = 0; i < n; i++) {
        const struct ethash_item *left = &items[i ? i - 1 : n - 1];
        const struct ethash_item *other = &items[ethash_mod(&m->cache->by_items, items[i].word[0])];
        struct ethash_item mixed;
        if (i + AHEAD < n)
            __builtin_prefetch(&items[ethash_mod(&m->cache->by_items, items[i + AHEAD].word[0])]);
        for (unsigned k = 0; k < ETHASH_WORDS / 2; k++)
            mixed.lane[k] = left->lane[k] ^ other->lane[k];
        m->rehash(&mixed);
        items[i] = mixed;
        if (!go_on(m))
            return false;
    }
    return true;
}

int ethash_cache_make(struct ethash_cache *cache, const struct ethash_sizes *sizes,
                      const uint8_t seed[32], bool huge, const _Atomic bool *cancel,
                      _Atomic uint32_t *permille, struct fault *why)
{
    struct maker m = {.cache = cache, .cancel = cancel, .permille = permille};
    m.rehash = ethash_engine_best()->rehash;
    if (!m.rehash)
        m.rehash = hash_item;
    int err;

    *cache = (struct ethash_cache){.sizes = *sizes, .by_items = ethash_mod_by(sizes->cache_items)};
    if ((err = ethash_memory_get(&cache->memory, ethash_cache_bytes(sizes), huge, why)) < 0)
        return err;
    cache->items = cache->memory.at;
    bool whole = chain(&m, seed);
    for (unsigned round = 0; whole && round < CACHE_ROUNDS; round++)
        whole = mix(&m);
    if (whole)
        return 0;
    ethash_cache_free(cache);
    return ERR_CLOSED;
}

void ethash_cache_free(struct ethash_cache *cache)
{
    ethash_memory_put(&cache->memory);
    cache->items = NULL;
}

/* --- items ----------------------------------------------------------------------------------- */

void ethash_item_reference(const struct ethash_cache *cache, uint32_t index,
                           struct ethash_item *out)
{
    uint32_t n = cache->sizes.cache_items;
    struct ethash_item mix = cache->items[index % n];

    mix.word[0] ^= index;
    hash_item(&mix);
    for (uint32_t j = 0; j < cache->sizes.parents; j++) {
        uint32_t parent = ethash_fnv(index ^ j, mix.word[j % ETHASH_WORDS]) % n;
        for (unsigned k = 0; k < ETHASH_WORDS; k++)
            mix.word[k] = ethash_fnv(mix.word[k], cache->items[parent].word[k]);
    }
    hash_item(&mix);
    *out = mix;
}

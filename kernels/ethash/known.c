/* SPDX-License-Identifier: MIT */
/* The known answers of Ethash and Etchash. A case is the algorithm's whose epochs it has: Etchash
 * where the coin is Ethereum Classic, or where size and seed count differently. */
#include "kernels/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/cpu.h"
#include "algo/dataset.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "crypto/keccak.h"
#include "kernels/ethash/dag.h"
#include "kernels/ethash/engine.h"

enum {
    EPOCH = 30000,
    ECIP1099_EPOCH = 60000,
    ECIP1099_BLOCK = 11700000,
    PARENTS = 256,
    AT_ONCE = 32
};

extern const struct algo algo_ethash, algo_etchash;

/* --- numbers --------------------------------------------------------------------------------- */

static bool check_constants(struct known *k)
{
    const struct ethash_sizes first = ethash_sizes_of(0, PARENTS);
    const struct algo_key last = {.height = ECIP1099_BLOCK - 1}, next = {.height = ECIP1099_BLOCK};
    struct dataset_plan before, after;

    if (algo_etchash.dataset->plan(&last, &before, NULL) < 0 ||
        algo_etchash.dataset->plan(&next, &after, NULL) < 0)
        return known_wrong(k, "no plan");
    return known_equal(k, k->row, "dataset_parents", first.parents) &&
           known_equal(k, k->row, "accesses", ETHASH_ACCESSES) &&
           known_equal(k, k->row, "epoch_length_eth", EPOCH) &&
           known_equal(k, k->row, "etc_ecip1099_block", ECIP1099_BLOCK) &&
           known_equal(k, k->row, "etc_epoch_length_after", ECIP1099_EPOCH) &&
           (strcmp(before.title, after.title) != 0 || known_wrong(k, "ECIP-1099 changes nothing"));
}

static bool check_sizes(struct known *k)
{
    uint64_t epoch;
    struct dataset_plan plan;

    if (!known_number(k, k->row, "epoch", &epoch))
        return false;
    const struct algo_key key = {.height = epoch * EPOCH};
    const struct ethash_sizes sizes = ethash_sizes_of((uint32_t)epoch, PARENTS);
    if (k->algo->dataset->plan(&key, &plan, NULL) < 0)
        return known_wrong(k, "no plan");
    return known_equal(k, k->row, "cache_items", sizes.cache_items) &&
           known_equal(k, k->row, "dataset_items_128B", sizes.entries) &&
           known_equal(k, k->row, "cache_bytes", plan.light_bytes) &&
           known_equal(k, k->row, "dataset_bytes", plan.full_bytes);
}

static bool check_seed(struct known *k)
{
    uint8_t seed[32], want[32];

    ethash_seed_of((uint32_t)strtoul(k->name, NULL, 10), seed);
    json_t *row = json_pack("{s:O}", "seed", k->row);
    bool right = known_bytes(k, row, "seed", want, sizeof want) &&
                 known_same(k, row, "seed", seed, sizeof seed);
    json_decref(row);
    return right;
}

static bool check_mapping(struct known *k)
{
    uint64_t block, size, seed;
    struct dataset_plan plan;
    char name[DATASET_NAME_MAX];

    if (!known_number(k, k->row, "block", &block) ||
        !known_number(k, k->row, "size_epoch", &size) ||
        !known_number(k, k->row, "seed_keccak_count", &seed))
        return false;
    const struct algo_key key = {.height = block};
    if (k->algo->dataset->plan(&key, &plan, NULL) < 0)
        return known_wrong(k, "no plan");
    (void)snprintf(name, sizeof name, "epoch-%llu-seed-%llu", (unsigned long long)size,
                   (unsigned long long)seed);
    return !strcmp(name, plan.name) || known_wrong(k, "it is %s", plan.name);
}

/* --- epochs ---------------------------------------------------------------------------------- */

static bool is_classic(const json_t *row)
{
    const char *coin = json_string_value(json_object_get(row, "coin"));

    return (coin && !strcmp(coin, "ETC")) ||
           json_integer_value(json_object_get(row, "size_epoch")) !=
               json_integer_value(json_object_get(row, "seed_epoch"));
}

/* The height of the block, or the first one of the epoch. */
static uint64_t height_of(const json_t *row)
{
    const json_t *number = json_object_get(row, "number");
    int64_t epoch = json_integer_value(json_object_get(row, "size_epoch"));

    if (!number)
        number = json_object_get(row, "block_number");
    if (number)
        return (uint64_t)json_integer_value(number);
    return (uint64_t)epoch * (is_classic(row) ? ECIP1099_EPOCH : EPOCH);
}

static bool ethash_key(const json_t *set, const json_t *row, struct algo_key *key)
{
    (void)set;
    key->height = height_of(row);
    return !is_classic(row);
}

static bool etchash_key(const json_t *set, const json_t *row, struct algo_key *key)
{
    (void)set;
    key->height = height_of(row);
    return is_classic(row);
}

static bool check_cache(struct known *k)
{
    const struct ethash_dag *dag = dataset_memory(k->dataset);
    uint8_t digest[32];

    keccak256(dag->cache.items, ethash_cache_bytes(&dag->cache.sizes), digest);
    return known_same(k, k->row, "keccak256", digest, sizeof digest);
}

/* An object of items by number, `items` of 64 bytes each: by the definition and by all engines. */
static bool check_items(struct known *k, const struct ethash_cache *cache, json_t *list,
                        unsigned items)
{
    const char *number;
    json_t *one;

    json_object_foreach(list, number, one)
    {
        uint32_t index[2] = {items * (uint32_t)strtoul(number, NULL, 10)};
        struct ethash_item got[2];
        index[1] = index[0] + 1;
        for (unsigned i = 0; i < items; i++)
            ethash_item_reference(cache, index[i], &got[i]);
        if (!known_same(k, list, number, got, items * sizeof *got))
            return false;
        for (const struct ethash_engine *const *at = ethash_engines; *at; at++) {
            if ((*at)->needs & ~cpu_features())
                continue;
            (*at)->items(cache, index, items, got);
            if (!known_same(k, list, number, got, items * sizeof *got))
                return false;
        }
    }
    return json_object_size(list) > 0 || known_wrong(k, "no items");
}

static bool check_dataset_items(struct known *k)
{
    const struct ethash_dag *dag = dataset_memory(k->dataset);

    return check_items(k, &dag->cache, json_object_get(k->row, "items"), 2);
}

/* --- hashes ---------------------------------------------------------------------------------- */

static bool check_input(struct known *k, const char *header)
{
    uint8_t input[ETHASH_INPUT], hash[32], mix[32];
    uint64_t nonce;

    if (!known_bytes(k, k->row, header, input, ETHASH_HEADER) ||
        !known_hex(k, k->row, "nonce", &nonce) ||
        !known_bytes(k, k->row, "final_hash", hash, sizeof hash) ||
        !known_bytes(k, k->row, "mix_hash", mix, sizeof mix))
        return false;
    put_le64(input + ETHASH_NONCE_AT, nonce);
    return known_hash(k, input, sizeof input, hash, mix);
}

static bool check_hash(struct known *k)
{
    return check_input(k, "header_hash");
}

static bool check_header(struct known *k)
{
    uint8_t hash[32], seed[32];
    uint64_t epoch;

    if (!known_number(k, k->row, "seed_epoch", &epoch) ||
        !known_bytes(k, k->row, "final_hash", hash, sizeof hash))
        return false;
    ethash_seed_of((uint32_t)epoch, seed);
    return known_same(k, k->row, "seedhash", seed, sizeof seed) &&
           known_meets(k, "boundary", hash) && check_input(k, "seal_hash");
}

/* --- a DAG of a few hundred kilobytes -------------------------------------------------------- */

/* A search of the whole DAG by one engine. */
static bool engine_finds(struct known *k, const struct ethash_engine *engine,
                         const struct ethash_view *view, const json_t *row)
{
    const json_t *hits = json_object_get(row, "hits");
    uint8_t input[ALGO_INPUT_MAX] = {0};
    struct scan scan = {.in = {input, ETHASH_INPUT, ETHASH_NONCE_AT, NULL}};
    uint64_t first, count, done = 0;
    struct algo_result got;
    size_t at = 0;

    if (!known_bytes(k, row, "header_hash", input, ETHASH_HEADER) ||
        !known_hex(k, row, "start_nonce", &first) || !known_number(k, row, "count", &count) ||
        !known_u256(k, row, "boundary", &scan.target))
        return false;
    for (; done < count; done += scan.done) {
        scan.first = first + done;
        scan.count = count - done;
        scan.done = scan.found = 0;
        engine->scan(view, &scan);
        for (unsigned i = 0; i < scan.found; i++) {
            const json_t *hit = json_array_get(hits, at++);
            uint64_t nonce;
            if (!hit || !known_hex(k, hit, "nonce", &nonce) || nonce != scan.hit[i].nonce)
                return known_wrong(k, "%s finds another nonce", engine->name);
            put_le64(input + ETHASH_NONCE_AT, nonce);
            engine->hash(view->cache, (const uint8_t *[]){input}, 1, &got);
            if (!known_same(k, hit, "final_hash", got.hash, sizeof got.hash) ||
                !known_same(k, hit, "mix_hash", got.mix, sizeof got.mix))
                return false;
        }
        if (!scan.done)
            return known_wrong(k, "%s stands still", engine->name);
    }
    return at == json_array_size(hits) || known_wrong(k, "%s misses nonces", engine->name);
}

static bool check_engine(struct known *k, const struct ethash_engine *engine,
                         const struct ethash_cache *cache, struct ethash_item *dag)
{
    const struct ethash_view view = ethash_view_of(cache, dag);
    const json_t *scans = json_object_get(k->row, "scans"), *row;
    uint32_t items = 2 * cache->sizes.entries;
    uint8_t digest[32];
    size_t i;

    memset(dag, 0, items * sizeof *dag);
    for (uint32_t n = 0; n < items; n += AT_ONCE) {
        uint32_t index[AT_ONCE], rest = items - n;
        for (uint32_t j = 0; j < AT_ONCE; j++)
            index[j] = n + j;
        engine->items(cache, index, rest < AT_ONCE ? rest : AT_ONCE, &dag[n]);
    }
    keccak256(dag, items * sizeof *dag, digest);
    if (!known_same(k, k->row, "dataset_keccak256", digest, sizeof digest))
        return false;
    json_array_foreach(scans, i, row)
    {
        if (!engine_finds(k, engine, &view, row))
            return false;
    }
    return i > 0 || known_wrong(k, "no searches");
}

static bool check_all_engines(struct known *k, const struct ethash_cache *cache)
{
    size_t items = 2 * (size_t)cache->sizes.entries;
    struct ethash_item *dag = aligned_alloc(64, items * sizeof *dag);
    bool right = true;

    if (!dag)
        return known_wrong(k, "no memory");
    for (const struct ethash_engine *const *at = ethash_engines; right && *at; at++)
        if (!((*at)->needs & ~cpu_features()))
            right = check_engine(k, *at, cache, dag);
    free(dag);
    return right;
}

static bool check_small(struct known *k)
{
    struct ethash_cache cache = {0};
    uint64_t cache_items, entries, parents;
    uint8_t seed[32], digest[32];

    if (!known_number(k, k->row, "light_items", &cache_items) ||
        !known_number(k, k->row, "dataset_items_128B", &entries) ||
        !known_number(k, k->row, "dataset_parents", &parents) ||
        !known_bytes(k, k->row, "seedhash", seed, sizeof seed))
        return false;
    const struct ethash_sizes sizes = {(uint32_t)cache_items, (uint32_t)entries, (uint32_t)parents};
    if (ethash_cache_make(&cache, &sizes, seed, false, NULL, NULL, NULL) < 0)
        return known_wrong(k, "no memory");
    keccak256(cache.items, ethash_cache_bytes(&sizes), digest);
    bool right = known_same(k, k->row, "light_cache_keccak256", digest, sizeof digest) &&
                 check_items(k, &cache, json_object_get(k->row, "items_64B"), 1) &&
                 check_all_engines(k, &cache);
    ethash_cache_free(&cache);
    return right;
}

#define NEEDS_EPOCH(coin, set, with)                                                               \
    {                                                                                              \
        .algo = &algo_##coin, .name = set, .check = with, .key = coin##_key                        \
    }

const struct known_set ethash_known[] = {
    {.algo = &algo_ethash, .name = "constants", .check = check_constants, .whole = true},
    {.algo = &algo_ethash, .name = "sizes", .check = check_sizes},
    {.algo = &algo_ethash, .name = "seedhash_by_keccak_count", .check = check_seed},
    {.algo = &algo_etchash, .name = "etc_epoch_mapping", .check = check_mapping},
    {.algo = &algo_ethash, .name = "small_dag", .check = check_small},
    NEEDS_EPOCH(ethash, "light_cache_keccak256", check_cache),
    NEEDS_EPOCH(ethash, "dataset_items_128B", check_dataset_items),
    NEEDS_EPOCH(ethash, "hashes", check_hash),
    NEEDS_EPOCH(ethash, "headers", check_header),
    NEEDS_EPOCH(etchash, "light_cache_keccak256", check_cache),
    NEEDS_EPOCH(etchash, "dataset_items_128B", check_dataset_items),
    NEEDS_EPOCH(etchash, "hashes", check_hash),
    NEEDS_EPOCH(etchash, "headers", check_header),
    {0},
};

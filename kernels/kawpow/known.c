/* SPDX-License-Identifier: MIT */
/* KawPow's known answers: its generators, its programs, datasets, hashes and searches. */
#include "kernels/known.h"

#include <stdlib.h>
#include <string.h>

#include "algo/cpu.h"
#include "algo/dataset.h"
#include "base/endian.h"
#include "crypto/keccak.h"
#include "crypto/sha256.h"
#include "kernels/kawpow/kawpow.h"
#include "kernels/kawpow/progpow.h"

/* --- numbers --------------------------------------------------------------------------------- */

static bool check_constants(struct known *k)
{
    return known_equal(k, k->row, "period", KAWPOW_PERIOD) &&
           known_equal(k, k->row, "lanes", KAWPOW_LANES) &&
           known_equal(k, k->row, "regs", KAWPOW_REGS) &&
           known_equal(k, k->row, "dag_loads", KAWPOW_DAG_OPS) &&
           known_equal(k, k->row, "cache_bytes", KAWPOW_L1_BYTES) &&
           known_equal(k, k->row, "cnt_dag", KAWPOW_LOOPS) &&
           known_equal(k, k->row, "cnt_cache", KAWPOW_CACHE_OPS) &&
           known_equal(k, k->row, "cnt_math", KAWPOW_MATH_OPS) &&
           known_equal(k, k->row, "epoch_length", KAWPOW_EPOCH) &&
           known_equal(k, k->row, "dataset_parents", KAWPOW_PARENTS);
}

static bool check_sizes(struct known *k)
{
    struct dataset_plan plan;
    uint64_t epoch;

    if (!known_number(k, k->row, "epoch", &epoch))
        return false;
    const struct algo_key key = {.height = epoch * KAWPOW_EPOCH};
    const struct ethash_sizes sizes = ethash_sizes_of((uint32_t)epoch, KAWPOW_PARENTS);
    if (k->algo->dataset->plan(&key, &plan, NULL) < 0 ||
        plan.full_bytes != ethash_dag_bytes(&sizes))
        return known_wrong(k, "another plan");
    return known_equal(k, k->row, "cache_items", sizes.cache_items) &&
           known_equal(k, k->row, "dataset_items_128B", sizes.entries) &&
           known_equal(k, k->row, "progpow_items_256B", sizes.entries / 2) &&
           known_equal(k, k->row, "dataset_bytes", plan.full_bytes);
}

/* --- generators ------------------------------------------------------------------------------ */

/* Case n is n + 1 times f800 of zeros: words in hex, between spaces. */
static bool check_f800(struct known *k)
{
    const char *want = json_string_value(k->row);
    uint32_t words[F800_WORDS] = {0};

    for (size_t i = 0; i < json_array_size(k->set); i++) {
        keccak_f800(words);
        if (json_array_get(k->set, i) == k->row)
            break;
    }
    if (!want || strlen(want) != 9 * F800_WORDS - 1)
        return known_wrong(k, "not %d words", F800_WORDS);
    for (unsigned i = 0; i < F800_WORDS; i++)
        if (strtoul(want + (size_t)9 * i, NULL, 16) != words[i])
            return known_wrong(k, "word %u is %08x", i, words[i]);
    return true;
}

static bool check_keccak(struct known *k)
{
    const char *message = json_string_value(json_object_get(k->row, "message"));
    uint8_t short_one[32], long_one[64];

    if (!message)
        return known_wrong(k, "no message");
    keccak256(message, strlen(message), short_one);
    keccak512(message, strlen(message), long_one);
    return known_same(k, k->row, "keccak256", short_one, sizeof short_one) &&
           known_same(k, k->row, "keccak512", long_one, sizeof long_one);
}

static bool check_fnv1a(struct known *k)
{
    uint64_t h, d, out;

    return known_hex(k, k->row, "h", &h) && known_hex(k, k->row, "d", &d) &&
           known_hex(k, k->row, "out", &out) &&
           (fnv1a((uint32_t)h, (uint32_t)d) == out || known_wrong(k, "it differs"));
}

static bool check_kiss99(struct known *k)
{
    const json_t *seed = json_object_get(k->row, "seed"), *list = json_object_get(k->row, "first");
    uint32_t word[4], value = 0, first[4];

    if (json_array_size(seed) != 4)
        return known_wrong(k, "no seed");
    for (unsigned i = 0; i < 4; i++)
        word[i] = (uint32_t)json_integer_value(json_array_get(seed, i));
    struct kiss99 s = {word[0], word[1], word[2], word[3]};
    for (unsigned i = 0; i < 100000; i++) {
        value = kiss99(&s);
        if (i < 4)
            first[i] = value;
    }
    return known_words(k, list, first, 4) && known_equal(k, k->row, "value_100000", value);
}

static bool check_lane(struct known *k)
{
    uint32_t regs[KAWPOW_REGS];
    uint64_t seed0, seed1, lane;

    if (!known_hex(k, k->row, "seed0", &seed0) || !known_hex(k, k->row, "seed1", &seed1) ||
        !known_number(k, k->row, "lane", &lane))
        return false;
    kawpow_lane_init((uint32_t)seed0, (uint32_t)seed1, (unsigned)lane, regs);
    return known_words(k, json_object_get(k->row, "regs"), regs, KAWPOW_REGS);
}

/* --- programs -------------------------------------------------------------------------------- */

/* A row is ["cache", src, dst, merge], ["math", a, b, math, dst, merge], ["dag", t, dst, merge]. */
static bool same_op(const struct kawpow_op *op, const json_t *row)
{
    static const char *const kinds[] = {
        [KAWPOW_CACHE] = "cache", [KAWPOW_MATH] = "math", [KAWPOW_DAG] = "dag"};
    const char *kind = json_string_value(json_array_get(row, 0));
    bool math = op->kind == KAWPOW_MATH;
    uint32_t number[6] = {0};

    for (unsigned i = 1; i < 6; i++) {
        const json_t *one = json_array_get(row, i);
        const char *hex = json_string_value(one);
        number[i] =
            (uint32_t)(hex ? strtoull(hex, NULL, 16) : (unsigned long long)json_integer_value(one));
    }
    const uint32_t *end = number + (math ? 4 : 2); /* dst, merge */
    return kind && !strcmp(kind, kinds[op->kind]) && op->a == number[1] &&
           (!math || (op->b == number[2] && op->drawn[0] == number[3] &&
                      op->math == number[3] % KAWPOW_MATH_KINDS)) &&
           op->dst == end[0] && op->drawn[1] == end[1] &&
           op->merge == end[1] % KAWPOW_MERGE_KINDS && op->turn == (end[1] >> 16) % 31 + 1;
}

static bool check_program(struct known *k)
{
    const json_t *ops = json_object_get(k->row, "ops");
    const json_t *dst = json_object_get(k->row, "dst_seq");
    struct kawpow_program program;
    uint64_t period;
    size_t n = 0;

    if (!known_number(k, k->row, "period", &period) || json_array_size(ops) != KAWPOW_OPS)
        return known_wrong(k, "no program of %d operations", KAWPOW_OPS);
    kawpow_program_draw(period, &program);
    for (unsigned i = 0; i < KAWPOW_OPS; i++) {
        const struct kawpow_op *op = &program.op[i];
        if (!same_op(op, json_array_get(ops, i)))
            return known_wrong(k, "operation %u differs", i);
        if (op->kind == KAWPOW_DAG && !op->a)
            continue; /* register 0 stands outside the sequence */
        if (op->dst != json_integer_value(json_array_get(dst, n++)))
            return known_wrong(k, "operation %u writes another register", i);
    }
    return true;
}

/* --- hashes ---------------------------------------------------------------------------------- */

static bool key_of(const json_t *set, const json_t *row, struct algo_key *key)
{
    const json_t *number = json_object_get(row, "block_number");

    (void)set;
    if (!number)
        number = json_object_get(row, "height");
    key->height = (uint64_t)json_integer_value(number); /* 0 for the L1 cache of epoch 0 */
    return true;
}

static bool check_l1(struct known *k)
{
    const struct kawpow_data *data = kawpow_data_of(dataset_memory(k->dataset));
    const json_t *first = json_object_get(k->row, "first20");
    uint8_t digest[32];

    for (size_t i = 0; i < 20; i++)
        if (data->l1[i / ETHASH_WORDS].word[i % ETHASH_WORDS] !=
            json_integer_value(json_array_get(first, i)))
            return known_wrong(k, "word %zu differs", i);
    keccak256(data->l1, sizeof data->l1, digest);
    return known_same(k, k->row, "keccak256", digest, sizeof digest);
}

static bool check_input(struct known *k, const char *nonce_name)
{
    uint8_t input[KAWPOW_INPUT], hash[32], mix[32];
    uint64_t nonce;

    if (!known_bytes(k, k->row, "header_hash", input, KAWPOW_HEADER) ||
        !known_hex(k, k->row, nonce_name, &nonce) ||
        !known_bytes(k, k->row, "final_hash", hash, sizeof hash) ||
        !known_bytes(k, k->row, "mix_hash", mix, sizeof mix))
        return false;
    put_le64(input + KAWPOW_NONCE_AT, nonce);
    return known_hash(k, input, sizeof input, hash, mix);
}

static bool check_hash(struct known *k)
{
    return known_equal(k, k->row, "epoch", k->key.height / KAWPOW_EPOCH) &&
           known_equal(k, k->row, "period", kawpow_period(k->key.height)) &&
           check_input(k, "nonce");
}

/* A Ravencoin header: what is hashed is SHA-256d of its first 80 bytes, as it is shown. */
static bool check_header(struct known *k)
{
    uint8_t header[120], sealed[32], shown[32], hash[32];

    if (!known_bytes(k, k->row, "header_120", header, sizeof header) ||
        !known_bytes(k, k->row, "final_hash", hash, sizeof hash))
        return false;
    sha256d(header, 80, sealed);
    for (unsigned i = 0; i < 32; i++)
        shown[i] = sealed[31 - i];
    return known_same(k, k->row, "header_hash", shown, sizeof shown) &&
           known_equal(k, k->row, "epoch", k->key.height / KAWPOW_EPOCH) &&
           known_equal(k, k->row, "period", kawpow_period(k->key.height)) &&
           known_meets(k, "target", hash) && check_input(k, "nonce64");
}

/* --- a dataset of some hundred kilobytes ----------------------------------------------------- */

struct small {
    struct kawpow_data data;
    struct ethash_cache cache;
    struct ethash_memory items;
};

static bool check_search(struct known *k, struct algo_ctx *ctx, const json_t *row)
{
    uint8_t input[KAWPOW_INPUT] = {0};
    struct known_scan want = {
        .input = input, .len = sizeof input, .hits = json_object_get(row, "hits")};
    struct known at = *k;
    const json_t *hit;
    size_t i;

    at.ctx = ctx;
    if (!known_number(k, row, "block_number", &at.key.height) ||
        !known_bytes(k, row, "header_hash", input, KAWPOW_HEADER) ||
        !known_hex(k, row, "start_nonce", &want.first) ||
        !known_number(k, row, "count", &want.count) ||
        !known_u256(k, row, "boundary", &want.target) || !known_all_find(&at, &want))
        return false;
    json_array_foreach(want.hits, i, hit)
    {
        if (k->brief && i == KNOWN_BRIEF_HITS)
            break;
        const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &at.key};
        struct algo_result got;
        uint64_t nonce;
        if (!known_hex(k, hit, "nonce", &nonce))
            return false;
        put_le64(input + KAWPOW_NONCE_AT, nonce);
        if (k->algo->hash(ctx, &in, &got) < 0 ||
            !known_same(k, hit, "final_hash", got.hash, sizeof got.hash) ||
            !known_same(k, hit, "mix_hash", got.mix, sizeof got.mix))
            return false;
    }
    return true;
}

static bool check_searches(struct known *k, const struct small *s)
{
    const json_t *scans = json_object_get(k->row, "scans"), *row;
    struct algo_ctx *ctx = kawpow_ctx_over(&s->data, true);
    bool right = json_array_size(scans) > 0 || known_wrong(k, "no searches");
    size_t i;

    json_array_foreach(scans, i, row)
    {
        right = right && check_search(k, ctx, row);
    }
    kawpow_ctx_free(ctx);
    return right;
}

static bool check_small_items(struct known *k, const struct small *s)
{
    json_t *list = json_object_get(k->row, "items_64B"), *one;
    const struct ethash_item *items = s->items.at;
    const char *number;

    json_object_foreach(list, number, one)
    {
        uint32_t index = (uint32_t)strtoul(number, NULL, 10);
        struct ethash_item got;
        ethash_item_reference(&s->cache, index, &got);
        if (!known_same(k, list, number, &got, sizeof got) ||
            !known_same(k, list, number, &items[index], sizeof *items))
            return false;
    }
    return true;
}

static bool check_small_data(struct known *k, struct small *s)
{
    const struct ethash_sizes *sizes = &s->cache.sizes;
    uint8_t cache[32], l1[32], items[32];

    kawpow_data_prepare(&s->data, KAWPOW_ANY_EPOCH, &s->cache);
    ethash_items_from(&s->cache, 0, (size_t)2 * sizes->entries, s->items.at);
    s->data.full = s->items.at;
    keccak256(s->cache.items, (size_t)ethash_cache_bytes(sizes), cache);
    keccak256(s->data.l1, sizeof s->data.l1, l1);
    keccak256(s->items.at, (size_t)ethash_dag_bytes(sizes), items);
    return known_same(k, k->row, "light_cache_keccak256", cache, sizeof cache) &&
           known_same(k, k->row, "l1_cache_keccak256", l1, sizeof l1) &&
           known_same(k, k->row, "dataset_keccak256", items, sizeof items) &&
           check_small_items(k, s) && check_searches(k, s);
}

static bool check_small(struct known *k)
{
    struct small *s = aligned_alloc(_Alignof(struct small), sizeof *s);
    uint64_t cache_items, entries, parents;
    uint8_t seed[32];
    bool right = false;

    if (!s)
        return known_wrong(k, "no memory");
    memset(s, 0, sizeof *s);
    if (known_number(k, k->row, "light_items", &cache_items) &&
        known_number(k, k->row, "dataset_items_128B", &entries) &&
        known_number(k, k->row, "dataset_parents", &parents) &&
        known_bytes(k, k->row, "seedhash", seed, sizeof seed)) {
        const struct ethash_sizes sizes = {(uint32_t)cache_items, (uint32_t)entries,
                                           (uint32_t)parents};
        if (ethash_cache_make(&s->cache, &sizes, seed, false, NULL, NULL, NULL) < 0 ||
            ethash_memory_get(&s->items, ethash_dag_bytes(&sizes), false, NULL) < 0)
            known_wrong(k, "no memory");
        else
            right = check_small_data(k, s);
    }
    ethash_memory_put(&s->items);
    ethash_cache_free(&s->cache);
    free(s);
    return right;
}

#define SET(set, with)                                                                             \
    {                                                                                              \
        .algo = &algo_kawpow, .name = set, .check = with                                           \
    }
#define WHOLE(set, with)                                                                           \
    {                                                                                              \
        .algo = &algo_kawpow, .name = set, .check = with, .whole = true                            \
    }
#define NEEDS_EPOCH(set, with)                                                                     \
    {                                                                                              \
        .algo = &algo_kawpow, .name = set, .check = with, .key = key_of                            \
    }

const struct known_set kawpow_known[] = {
    WHOLE("constants", check_constants),
    SET("sizes", check_sizes),
    SET("keccak_f800_zero", check_f800),
    SET("keccak", check_keccak),
    SET("fnv1a", check_fnv1a),
    WHOLE("kiss99", check_kiss99),
    SET("lane_init", check_lane),
    SET("programs", check_program),
    SET("small_dag", check_small),
    {.algo = &algo_kawpow,
     .name = "l1_cache_epoch0",
     .check = check_l1,
     .key = key_of,
     .whole = true},
    NEEDS_EPOCH("hashes", check_hash),
    NEEDS_EPOCH("headers", check_header),
    {0},
};

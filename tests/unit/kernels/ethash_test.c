/* SPDX-License-Identifier: MIT */
/* Ethash's cache, items and searches on tiny DAGs, against known answers: every engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"

static json_t *vectors;

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));

    assert_non_null(s);
    return s;
}

static uint32_t number(const json_t *row, const char *key)
{
    const json_t *n = json_object_get(row, key);

    assert_true(json_is_integer(n));
    return (uint32_t)json_integer_value(n);
}

static void bytes_of(const json_t *row, const char *key, uint8_t *out, size_t len)
{
    assert_true(hex_decode(text(row, key), out, len));
}

static uint64_t nonce_of(const json_t *row, const char *key)
{
    return strtoull(text(row, key), NULL, 16);
}

/* --- sizes and seeds ------------------------------------------------------------------------- */

static void sizes_are_the_primes_of_the_table(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "sizes"), i, row)
    {
        struct ethash_sizes s = ethash_sizes_of(number(row, "epoch"), 256);
        assert_int_equal(s.cache_items, number(row, "cache_items"));
        assert_int_equal(s.entries, number(row, "dataset_items_128B"));
        assert_int_equal(ethash_cache_bytes(&s),
                         json_integer_value(json_object_get(row, "cache_bytes")));
        assert_int_equal(ethash_dag_bytes(&s),
                         json_integer_value(json_object_get(row, "dataset_bytes")));
    }
    assert_true(i > 30);
}

static void seeds_are_hashed_as_often_as_the_epoch_says(void **state)
{
    const char *count;
    json_t *row;

    (void)state;
    json_object_foreach(json_object_get(vectors, "seedhash_by_keccak_count"), count, row)
    {
        uint8_t seed[32];
        char hex[65];
        ethash_seed_of((uint32_t)strtoul(count, NULL, 10), seed);
        hex_encode(seed, 32, hex);
        assert_string_equal(hex, json_string_value(row));
    }
}

static void remainders_are_exact(void **state)
{
    static const uint32_t divisors[] = {2, 3, 509, 1021, 262139, 67106813, 2147418083, UINT32_MAX};

    (void)state;
    for (size_t d = 0; d < sizeof divisors / sizeof *divisors; d++) {
        const uint32_t n = divisors[d];
        const struct ethash_mod by = ethash_mod_by(n);
        const uint32_t edges[] = {0, 1, n - 1, n, n + 1, 2 * n - 1, UINT32_MAX - 1, UINT32_MAX};
        for (size_t i = 0; i < sizeof edges / sizeof *edges; i++)
            assert_int_equal(ethash_mod(&by, edges[i]), edges[i] % n);
        for (unsigned i = 0; i < 10000; i++) {
            uint32_t x = rand_u32();
            assert_int_equal(ethash_mod(&by, x), x % n);
        }
    }
}

/* --- tiny DAGs ------------------------------------------------------------------------------- */

struct tiny {
    const json_t *row;
    struct ethash_cache cache;
    struct ethash_item *dag;
};

static struct tiny tinies[2];

static void make_tiny(struct tiny *t, const json_t *row)
{
    const struct ethash_sizes sizes = {
        .cache_items = number(row, "light_items"),
        .entries = number(row, "dataset_items_128B"),
        .parents = number(row, "dataset_parents"),
    };
    uint8_t seed[32];

    t->row = row;
    bytes_of(row, "seedhash", seed, 32);
    assert_int_equal(ethash_cache_make(&t->cache, &sizes, seed, false, NULL, NULL, NULL), 0);
    t->dag = aligned_alloc(64, ethash_dag_bytes(&sizes));
    ethash_items_from(&t->cache, 0, 2 * (size_t)sizes.entries, t->dag);
}

static void assert_digest(const void *data, size_t len, const json_t *row, const char *key)
{
    uint8_t got[32], want[32];

    bytes_of(row, key, want, 32);
    keccak256(data, len, got);
    assert_memory_equal(got, want, 32);
}

static void tiny_caches_and_dags_have_the_known_digests(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct tiny *t = &tinies[i];
        assert_digest(t->cache.items, ethash_cache_bytes(&t->cache.sizes), t->row,
                      "light_cache_keccak256");
        assert_digest(t->dag, ethash_dag_bytes(&t->cache.sizes), t->row, "dataset_keccak256");
    }
}

static void the_reference_makes_the_known_items(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *index;
        json_t *row;
        json_object_foreach(json_object_get(tinies[i].row, "items_64B"), index, row)
        {
            struct ethash_item got;
            uint8_t want[64];
            assert_true(hex_decode(json_string_value(row), want, 64));
            ethash_item_reference(&tinies[i].cache, (uint32_t)strtoul(index, NULL, 10), &got);
            assert_memory_equal(got.bytes, want, 64);
        }
    }
}

typedef void engine_check(const struct ethash_engine *, const struct tiny *);

static void for_each_engine(engine_check *check)
{
    for (const struct ethash_engine *const *at = ethash_engines; *at; at++)
        for (size_t i = 0; i < 2 && !((*at)->needs & ~cpu_features()); i++)
            check(*at, &tinies[i]);
}

/* Any number of items, in any order, with other parents than usual. */
static void check_items(const struct ethash_engine *engine, const struct tiny *t)
{
    static const uint32_t parents[] = {1, 2, 17, 256, 512};
    struct ethash_cache cache = t->cache;
    struct ethash_item got[41], want;
    uint32_t index[41];

    for (size_t count = 0; count <= 40; count++) {
        cache.sizes.parents = parents[count % 5];
        memset(got, 0xa5, sizeof got);
        for (size_t i = 0; i < count; i++)
            index[i] = rand_u32();
        engine->items(&cache, index, count, got);
        for (size_t i = 0; i < count; i++) {
            ethash_item_reference(&cache, index[i], &want);
            assert_memory_equal(got[i].bytes, want.bytes, 64);
        }
        memset(want.bytes, 0xa5, 64);
        assert_memory_equal(got[count].bytes, want.bytes, 64); /* nothing behind the last */
    }
}

static void every_engine_makes_the_items_of_the_reference(void **state)
{
    (void)state;
    for_each_engine(check_items);
}

static void check_hash(const struct ethash_engine *engine, const struct tiny *t)
{
    const struct ethash_view view = ethash_view_of(&t->cache, NULL);
    uint8_t input[ETHASH_BATCH][ETHASH_INPUT], quick[32];
    struct algo_result got[ETHASH_BATCH], want[ETHASH_BATCH];
    const uint8_t *inputs[ETHASH_BATCH];

    rand_bytes(input, sizeof input);
    for (unsigned i = 0; i < ETHASH_BATCH; i++) {
        inputs[i] = input[i];
        ethash_hash_reference(&view, input[i], &want[i]);
        ethash_hash_of_mix(input[i], want[i].mix, quick);
        assert_memory_equal(quick, want[i].hash, 32);
    }
    for (unsigned count = 1; count <= ETHASH_BATCH; count++) {
        memset(got, 0, sizeof got);
        engine->hash(&t->cache, inputs, count, got);
        assert_memory_equal(got, want, count * sizeof *got);
    }
}

static void every_engine_hashes_like_the_reference(void **state)
{
    (void)state;
    for_each_engine(check_hash);
}

/* --- searches -------------------------------------------------------------------------------- */

static void check_hits(const struct ethash_engine *engine, const struct ethash_view *view,
                       const json_t *row)
{
    uint8_t input[ALGO_INPUT_MAX] = {0}, boundary[32], want[32];
    uint64_t first = nonce_of(row, "start_nonce"), count = number(row, "count"), done = 0;
    const json_t *hits = json_object_get(row, "hits"), *hit;
    size_t at = 0;

    bytes_of(row, "header_hash", input, 32);
    bytes_of(row, "boundary", boundary, 32);
    while (done < count) {
        struct scan scan = {.in = {.bytes = input, .len = 40, .nonce_at = 32},
                            .first = first + done,
                            .count = count - done < 61 ? count - done : 61,
                            .target = u256_from_be(boundary)};
        engine->scan(view, &scan);
        assert_int_equal(scan.done, scan.count);
        done += scan.done;
        for (unsigned i = 0; i < scan.found; i++, at++) {
            struct algo_result got;
            assert_non_null(hit = json_array_get(hits, at));
            assert_int_equal(scan.hit[i].nonce, nonce_of(hit, "nonce"));
            put_le64(input + 32, scan.hit[i].nonce);
            engine->hash(view->cache, (const uint8_t *[]){input}, 1, &got);
            bytes_of(hit, "final_hash", want, 32);
            assert_memory_equal(got.hash, want, 32);
            bytes_of(hit, "mix_hash", want, 32);
            assert_memory_equal(got.mix, want, 32);
        }
    }
    assert_int_equal(at, json_array_size(hits));
}

static void check_full_scans(const struct ethash_engine *engine, const struct tiny *t)
{
    const struct ethash_view view = ethash_view_of(&t->cache, t->dag);
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(t->row, "scans"), i, row) check_hits(engine, &view, row);
}

static void searches_of_the_dag_find_exactly_the_known_nonces(void **state)
{
    (void)state;
    for_each_engine(check_full_scans);
}

/* A window of a known scan, made from the cache. */
static void check_light_scan(const struct ethash_engine *engine, const struct tiny *t)
{
    const struct ethash_view full = ethash_view_of(&t->cache, t->dag);
    const struct ethash_view light = ethash_view_of(&t->cache, NULL);
    uint8_t input[ALGO_INPUT_MAX];

    for (uint64_t count = 1; count <= 19; count += 6) {
        struct scan want = {.in = {.bytes = input, .len = 40, .nonce_at = 32},
                            .first = UINT64_C(0xfffffffc),
                            .count = count,
                            .target = u256_max()};
        want.target.w[3] >>= 2;
        rand_bytes(input, sizeof input);
        struct scan got = want;
        engine->scan(&full, &want);
        engine->scan(&light, &got);
        assert_int_equal(got.done, want.done);
        assert_int_equal(got.found, want.found);
        assert_memory_equal(got.hit, want.hit, want.found * sizeof *want.hit);
    }
}

static void searches_from_the_cache_find_what_the_dag_finds(void **state)
{
    (void)state;
    for_each_engine(check_light_scan);
}

static void check_stale(const struct ethash_engine *engine, const struct tiny *t)
{
    const struct ethash_view light = ethash_view_of(&t->cache, NULL);
    _Atomic uint32_t generation = 2;
    uint8_t input[ALGO_INPUT_MAX] = {0};
    struct scan scan = {.in = {.bytes = input, .len = 40, .nonce_at = 32},
                        .count = 1000,
                        .target = u256_max(),
                        .generation = &generation,
                        .born = 1};

    engine->scan(&light, &scan);
    assert_int_equal(scan.done, 0);
    assert_int_equal(scan.found, 0);
}

static void a_replaced_job_is_left_at_once(void **state)
{
    (void)state;
    for_each_engine(check_stale);
}

/* --- making a cache -------------------------------------------------------------------------- */

static void a_cancelled_cache_is_given_up(void **state)
{
    const struct ethash_sizes sizes = ethash_sizes_of(0, 256);
    const _Atomic bool cancel = true;
    _Atomic uint32_t permille = 0;
    struct ethash_cache cache;
    uint8_t seed[32] = {0};

    (void)state;
    assert_int_equal(ethash_cache_make(&cache, &sizes, seed, true, &cancel, &permille, NULL),
                     ERR_CLOSED);
    assert_null(cache.items);
    assert_true(permille < 5);
}

static void a_cache_that_does_not_fit_says_so(void **state)
{
    struct ethash_memory memory;
    struct fault why = {0};

    (void)state;
    assert_int_equal(ethash_memory_get(&memory, UINT64_C(1) << 60, true, &why), ERR_MEMORY);
    assert_non_null(strstr(why.text, "MiB"));
    assert_null(memory.at);
}

static int load(void **state)
{
    const json_t *sets;

    (void)state;
    vectors = json_load_file("tests/vectors/ethash.json", 0, NULL);
    if (!vectors || !(sets = json_object_get(vectors, "small_dag")))
        return -1;
    for (size_t i = 0; i < 2; i++)
        make_tiny(&tinies[i], json_array_get(sets, i));
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ethash_cache_free(&tinies[i].cache);
        free(tinies[i].dag);
    }
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_the_primes_of_the_table),
        cmocka_unit_test(seeds_are_hashed_as_often_as_the_epoch_says),
        cmocka_unit_test(remainders_are_exact),
        cmocka_unit_test(tiny_caches_and_dags_have_the_known_digests),
        cmocka_unit_test(the_reference_makes_the_known_items),
        cmocka_unit_test(every_engine_makes_the_items_of_the_reference),
        cmocka_unit_test(every_engine_hashes_like_the_reference),
        cmocka_unit_test(searches_of_the_dag_find_exactly_the_known_nonces),
        cmocka_unit_test(searches_from_the_cache_find_what_the_dag_finds),
        cmocka_unit_test(a_replaced_job_is_left_at_once),
        cmocka_unit_test(a_cancelled_cache_is_given_up),
        cmocka_unit_test(a_cache_that_does_not_fit_says_so),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

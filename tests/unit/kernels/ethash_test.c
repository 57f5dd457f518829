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
#include "base/rand.h"
#include "crypto/keccak.h"
#include "kernels/ethash/engine.h"
#include "tests/fake/row.h"

static json_t *vectors;

/* --- remainders ------------------------------------------------------------------------------ */

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
        .cache_items = row_number(row, "light_items"),
        .entries = row_number(row, "dataset_items_128B"),
        .parents = row_number(row, "dataset_parents"),
    };
    uint8_t seed[32];

    t->row = row;
    row_bytes(row, "seedhash", seed, 32);
    assert_int_equal(ethash_cache_make(&t->cache, &sizes, seed, false, NULL, NULL, NULL), 0);
    t->dag = aligned_alloc(64, ethash_dag_bytes(&sizes));
    ethash_items_from(&t->cache, 0, 2 * (size_t)sizes.entries, t->dag);
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
        cmocka_unit_test(remainders_are_exact),
        cmocka_unit_test(every_engine_makes_the_items_of_the_reference),
        cmocka_unit_test(every_engine_hashes_like_the_reference),
        cmocka_unit_test(searches_from_the_cache_find_what_the_dag_finds),
        cmocka_unit_test(a_replaced_job_is_left_at_once),
        cmocka_unit_test(a_cancelled_cache_is_given_up),
        cmocka_unit_test(a_cache_that_does_not_fit_says_so),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

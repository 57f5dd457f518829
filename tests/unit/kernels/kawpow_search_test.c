/* SPDX-License-Identifier: MIT */
/* KawPow's searches on tiny datasets, by every implementation, against known answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "crypto/keccak.h"
#include "tests/fake/kawpow_sets.h"
#include "tests/fake/row.h"

static uint64_t hex_number(const json_t *row, const char *key)
{
    return strtoull(row_text(row, key), NULL, 16);
}

static const struct algo_impl *impl_named(const char *name)
{
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        if (!strcmp(impl->name, name))
            return impl;
    return NULL;
}

static void check_digest(const void *data, size_t len, const char *hex)
{
    uint8_t got[32], want[32];

    assert_true(hex_decode(hex, want, sizeof want));
    keccak256(data, len, got);
    assert_memory_equal(got, want, sizeof want);
}

static void datasets_have_the_known_digests(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SETS; i++) {
        const struct ethash_cache *cache = &sets[i].cache;
        check_digest(cache->items, (size_t)ethash_cache_bytes(&cache->sizes),
                     row_text(set_row(i), "light_cache_keccak256"));
        check_digest(sets[i].items.at, (size_t)ethash_dag_bytes(&cache->sizes),
                     row_text(set_row(i), "dataset_keccak256"));
        check_digest(sets[i].data.l1, sizeof sets[i].data.l1,
                     row_text(set_row(i), "l1_cache_keccak256"));
    }
}

static void check_hashes(struct algo_ctx *ctx, const struct algo_input *in, const json_t *hit)
{
    uint8_t hash[32], mix[32];
    struct algo_result got;

    row_bytes(hit, "final_hash", hash, sizeof hash);
    row_bytes(hit, "mix_hash", mix, sizeof mix);
    assert_int_equal(algo_kawpow.hash(ctx, in, &got), 0);
    assert_memory_equal(got.hash, hash, sizeof hash);
    assert_memory_equal(got.mix, mix, sizeof mix);
}

/* All winners of a row's first `count` nonces, going on behind each full list. */
static void check_scan(const struct algo_impl *impl, struct algo_ctx *ctx, const json_t *row,
                       uint64_t count)
{
    const struct algo_key key = {.height = row_number(row, "block_number")};
    const json_t *hits = json_object_get(row, "hits");
    uint8_t input[KAWPOW_INPUT] = {0}, boundary[32];
    uint64_t first = hex_number(row, "start_nonce"), done = 0;
    size_t hit = 0;

    row_bytes(row, "header_hash", input, KAWPOW_HEADER);
    row_bytes(row, "boundary", boundary, sizeof boundary);
    while (done < count) {
        struct scan scan = {.in = {input, sizeof input, KAWPOW_NONCE_AT, &key},
                            .first = first + done,
                            .count = count - done,
                            .target = u256_from_be(boundary)};
        impl->scan(ctx, &scan);
        assert_in_range(scan.done, 1, scan.count);
        for (unsigned i = 0; i < scan.found; i++) {
            const json_t *want = json_array_get(hits, hit++);
            assert_non_null(want);
            assert_int_equal(scan.hit[i].nonce, hex_number(want, "nonce"));
        }
        done += scan.done;
    }
    const json_t *next = json_array_get(hits, hit);
    assert_true(!next || hex_number(next, "nonce") - first >= count);
}

static void full_scans_find_exactly_the_known_nonces(void **state)
{
    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned set = 0; set < SETS && runs_here(impl->needs); set++) {
            const json_t *row;
            size_t i;
            json_array_foreach(json_object_get(set_row(set), "scans"), i, row)
                check_scan(impl, sets[set].ctx[1], row, row_number(row, "count"));
        }
}

static void light_scans_find_the_same_nonces(void **state)
{
    const json_t *row = json_array_get(json_object_get(set_row(1), "scans"), 0);

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        if (runs_here(impl->needs))
            check_scan(impl, sets[1].ctx[0], row, 2 * KAWPOW_LIGHT_FLIGHT + 1);
}

static void hits_have_the_known_hashes_light_and_full(void **state)
{
    (void)state;
    for (unsigned set = 0; set < SETS; set++) {
        const json_t *row, *hit;
        size_t i, j;
        json_array_foreach(json_object_get(set_row(set), "scans"), i, row)
            json_array_foreach(json_object_get(row, "hits"), j, hit)
        {
            const struct algo_key key = {.height = row_number(row, "block_number")};
            uint8_t input[KAWPOW_INPUT];
            const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
            row_bytes(row, "header_hash", input, KAWPOW_HEADER);
            put_le64(input + KAWPOW_NONCE_AT, hex_number(hit, "nonce"));
            check_hashes(sets[set].ctx[1], &in, hit);
            if (j == 0)
                check_hashes(sets[set].ctx[0], &in, hit);
        }
    }
}

static struct scan scan_of(const uint8_t *input, const struct algo_key *key)
{
    return (struct scan){.in = {input, KAWPOW_INPUT, KAWPOW_NONCE_AT, key},
                         .first = UINT32_MAX - 5,
                         .count = 33,
                         .target = u256_shr(u256_max(), 1)};
}

/* Periods forwards past all that are kept, and back, in one context for all implementations. */
static void programs_follow_the_height_within_a_context(void **state)
{
    static const unsigned steps[] = {0, 2, 3, 12, 15, 0};
    uint8_t input[KAWPOW_INPUT];
    uint64_t base = rand_u32();

    (void)state;
    rand_bytes(input, sizeof input);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct algo_key key = {.height = base + steps[i]};
        struct scan want = scan_of(input, &key);
        impl_named("scalar")->scan(sets[1].ctx[1], &want);
        for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++) {
            struct scan got = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            impl->scan(sets[1].ctx[1], &got);
            assert_int_equal(got.found, want.found);
            assert_int_equal(got.done, want.done);
            assert_memory_equal(got.hit, want.hit, sizeof got.hit);
        }
    }
}

static void a_scan_ends_behind_its_sixteenth_winner(void **state)
{
    const struct algo_key key = {.height = 9};
    uint8_t input[KAWPOW_INPUT] = {0};

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned full = 0; full < 2; full++) {
            struct scan scan = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            scan.count = SCAN_FOUND_MAX + 3;
            scan.target = u256_max();
            impl->scan(sets[1].ctx[full], &scan);
            assert_int_equal(scan.found, SCAN_FOUND_MAX);
            assert_int_equal(scan.done, SCAN_FOUND_MAX);
        }
}

static void the_target_itself_is_met_and_one_less_is_not(void **state)
{
    const struct algo_key key = {.height = 4487775};
    uint8_t input[KAWPOW_INPUT];
    struct algo_result known;

    (void)state;
    rand_bytes(input, sizeof input);
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++) {
        struct scan scan = scan_of(input, &key);
        if (!runs_here(impl->needs))
            continue;
        assert_int_equal(algo_kawpow.hash(sets[1].ctx[1], &scan.in, &known), 0);
        scan.first = le64(input + KAWPOW_NONCE_AT);
        scan.count = 1;
        scan.target = u256_from_be(known.hash);
        impl->scan(sets[1].ctx[1], &scan);
        assert_int_equal(scan.found, 1);
        struct u256 one = u256_from_u64(1);
        (void)u256_sub(&scan.target, &one);
        impl->scan(sets[1].ctx[1], &scan);
        assert_int_equal(scan.found, 0);
        assert_int_equal(scan.done, 1);
    }
}

static void a_stale_scan_returns_early(void **state)
{
    const struct algo_key key = {.height = 1};
    const uint8_t input[KAWPOW_INPUT] = {0};
    _Atomic uint32_t generation = 7;

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned full = 0; full < 2; full++) {
            struct scan scan = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            scan.count = UINT64_C(1) << 40;
            scan.generation = &generation;
            scan.born = 6;
            impl->scan(sets[0].ctx[full], &scan);
            assert_true(scan.done <= KAWPOW_LANES);
        }
}

static void heights_of_another_epoch_are_refused(void **state)
{
    struct kawpow_data *data = aligned_alloc(64, sizeof *data);
    const struct algo_key right = {.height = 2 * KAWPOW_EPOCH - 1},
                          wrong = {.height = 2 * KAWPOW_EPOCH};
    const uint8_t input[KAWPOW_INPUT] = {0};
    struct algo_result out;

    (void)state;
    assert_non_null(data);
    *data = sets[1].data;
    data->epoch = 1;
    struct algo_ctx *ctx = kawpow_ctx_over(data, true);
    struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &right};
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), 0);
    in.key = &wrong;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_KEY);
    in.key = NULL;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_KEY);
    assert_int_equal(algo_kawpow.hash(NULL, &in, &out), ERR_KEY);
    in.key = &right;
    in.len--;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_FIELD);
    struct scan scan = scan_of(input, &wrong);
    algo_kawpow.impls->scan(ctx, &scan);
    assert_int_equal(scan.done, 0);
    assert_int_equal(scan.found, 0);
    kawpow_ctx_free(ctx);
    free(data);
}

static void a_damaged_dataset_does_not_change_the_definition(void **state)
{
    const struct algo_key key = {.height = 5};
    const uint8_t input[KAWPOW_INPUT] = {0};
    const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
    struct algo_result want, got;
    uint8_t *items = sets[0].items.at;

    (void)state;
    assert_int_equal(algo_kawpow.hash(sets[0].ctx[1], &in, &want), 0);
    for (size_t i = 0; i < sets[0].items.bytes; i++)
        items[i] ^= 1;
    assert_int_equal(algo_kawpow.hash(sets[0].ctx[1], &in, &got), 0);
    for (size_t i = 0; i < sets[0].items.bytes; i++)
        items[i] ^= 1;
    assert_memory_equal(&want, &got, sizeof got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(datasets_have_the_known_digests),
        cmocka_unit_test(full_scans_find_exactly_the_known_nonces),
        cmocka_unit_test(light_scans_find_the_same_nonces),
        cmocka_unit_test(hits_have_the_known_hashes_light_and_full),
        cmocka_unit_test(programs_follow_the_height_within_a_context),
        cmocka_unit_test(a_scan_ends_behind_its_sixteenth_winner),
        cmocka_unit_test(the_target_itself_is_met_and_one_less_is_not),
        cmocka_unit_test(a_stale_scan_returns_early),
        cmocka_unit_test(heights_of_another_epoch_are_refused),
        cmocka_unit_test(a_damaged_dataset_does_not_change_the_definition),
    };

    return cmocka_run_group_tests(tests, kawpow_sets_up, kawpow_sets_down);
}

/* SPDX-License-Identifier: MIT */
/* The contract of every algorithm and every implementation this CPU runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "base/rand.h"
#include "tests/contract/algo_vectors.h"

struct expected {
    uint8_t header[80];
    uint64_t first, count;
    struct u256 target;
    const json_t *hits;
    const char *name;
};

/* Scans to the end, going on behind each full scan, and compares all winners. */
static void check_scan(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       const void *arg)
{
    const struct expected *e = arg;
    uint64_t done = 0;
    size_t hit = 0;

    while (done < e->count) {
        struct scan scan = {.in = input_of(algo, e->header),
                            .first = e->first + done,
                            .count = e->count - done,
                            .target = e->target};
        impl->scan(ctx, &scan);
        assert_in_range(scan.done, 1, scan.count);
        for (unsigned i = 0; i < scan.found; i++, hit++) {
            const json_t *row = json_array_get(e->hits, hit);
            uint64_t want = (uint64_t)json_integer_value(json_object_get(row, "nonce"));
            if (!row || scan.hit[i].nonce != want)
                fail_msg("%s %s, %s: nonce %llu, expected %llu", algo->name, impl->name, e->name,
                         (unsigned long long)scan.hit[i].nonce, (unsigned long long)want);
        }
        done += scan.done;
    }
    if (hit != json_array_size(e->hits))
        fail_msg("%s %s, %s: %zu hits, expected %zu", algo->name, impl->name, e->name, hit,
                 json_array_size(e->hits));
}

static void run_scans(const char *name)
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(json_object_get(vectors, name), "scans"), i, row)
    {
        const char *header = json_string_value(json_object_get(row, "header_with_nonce_zeroed"));
        struct expected e = {
            .first = (uint64_t)json_integer_value(json_object_get(row, "start_nonce")),
            .count = (uint64_t)json_integer_value(json_object_get(row, "count")),
            .target = number(text(row, "target")),
            .hits = json_object_get(row, "hits"),
            .name = text(row, "name"),
        };
        header_of(header ? header : text(row, "header_without_nonce"), e.header);
        for_each_impl(algo_find(name), check_scan, &e);
    }
    assert_true(i > 0);
}

static void sha256d_scans_find_exactly_the_known_nonces(void **state)
{
    (void)state;
    run_scans("sha256d");
}

static void scrypt_scans_find_exactly_the_known_nonces(void **state)
{
    (void)state;
    run_scans("scrypt");
}

struct edge {
    uint8_t header[80];
    struct u256 target;
    bool accept;
    const char *why;
};

static void check_edge(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       const void *arg)
{
    const struct edge *e = arg;
    struct scan scan = {.in = input_of(algo, e->header),
                        .first = le32(e->header + 76),
                        .count = 1,
                        .target = e->target};

    impl->scan(ctx, &scan);
    if (scan.found != e->accept || scan.done != 1)
        fail_msg("%s %s: %s", algo->name, impl->name, e->why);
}

static void targets_are_compared_in_all_256_bits(void **state)
{
    const json_t *row, *one;
    size_t i, k;

    (void)state;
    json_array_foreach(json_object_get(json_object_get(vectors, "sha256d"), "compare_edges"), i,
                       row)
    {
        json_array_foreach(json_object_get(row, "cases"), k, one)
        {
            struct edge e = {.target = number(text(one, "target")),
                             .accept = json_is_true(json_object_get(one, "accept")),
                             .why = text(one, "why")};
            header_of(text(row, "header"), e.header);
            for_each_impl(algo_find("sha256d"), check_edge, &e);
        }
    }
    assert_true(i > 0);
}

static void headers_hash_to_the_known_answers(void **state)
{
    static const struct {
        const char *algo, *key;
    } sets[] = {{"sha256d", "hash_bytes"}, {"scrypt", "pow_hash_bytes"}};

    (void)state;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        const struct algo *algo = algo_find(sets[s].algo);
        const json_t *row;
        size_t i;
        json_array_foreach(json_object_get(json_object_get(vectors, sets[s].algo), "headers"), i,
                           row)
        {
            uint8_t header[80], want[32];
            struct algo_result got;
            header_of(text(row, "header"), header);
            assert_true(hex_decode(text(row, sets[s].key), want, sizeof want));
            const struct algo_input in = input_of(algo, header);
            assert_int_equal(algo->hash(NULL, &in, &got), 0);
            assert_memory_equal(got.hash, want, sizeof want);
        }
        assert_true(i > 0);
    }
}

static void count_failure(void *arg, const char *what, bool ok, const char *detail)
{
    unsigned *lines = arg;

    ++*lines;
    if (!ok)
        print_error("%s: %s\n", what, detail);
}

static void every_implementation_agrees_with_the_reference(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++) {
        unsigned lines = 0;
        assert_int_equal(algo_selftest(*at, 8, false, count_failure, &lines), 0);
        assert_true(lines > 0);
    }
}

/* The range of a scan is honoured to the nonce: nothing outside is reported, nothing is missed. */
static void check_ends(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       const void *arg)
{
    static const uint64_t starts[] = {0, 1, 0xfffffff0, 0xffffffff};

    (void)arg;
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++)
        for (uint64_t count = 1; count <= SCAN_FOUND_MAX; count++) {
            uint8_t header[ALGO_INPUT_MAX];
            struct scan scan = {.in = input_of(algo, header),
                                .first = starts[s],
                                .count = count,
                                .target = u256_max()};
            if (starts[s] + count > UINT64_C(1) << 32)
                break;
            rand_bytes(header, algo->input_len);
            impl->scan(ctx, &scan);
            assert_int_equal(scan.done, count);
            assert_int_equal(scan.found, count);
            for (unsigned i = 0; i < count; i++)
                assert_int_equal(scan.hit[i].nonce, starts[s] + i);
        }
}

static void scans_honour_both_ends_of_their_range(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++)
        for_each_impl(*at, check_ends, NULL);
}

static void check_full(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                       const void *arg)
{
    uint8_t header[ALGO_INPUT_MAX] = {0};
    struct scan scan = {
        .in = input_of(algo, header), .first = 3, .count = 100, .target = u256_max()};

    (void)arg;
    impl->scan(ctx, &scan);
    assert_int_equal(scan.found, SCAN_FOUND_MAX);
    assert_int_equal(scan.done, SCAN_FOUND_MAX);
    assert_int_equal(scan.hit[SCAN_FOUND_MAX - 1].nonce, 3 + SCAN_FOUND_MAX - 1);
}

static void a_full_scan_ends_behind_its_last_winner(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++)
        for_each_impl(*at, check_full, NULL);
}

static void check_stale(const struct algo *algo, const struct algo_impl *impl, struct algo_ctx *ctx,
                        const void *arg)
{
    uint8_t header[ALGO_INPUT_MAX] = {0};
    _Atomic uint32_t generation = 7;
    struct scan scan = {.in = input_of(algo, header),
                        .count = UINT64_C(1) << 32,
                        .generation = &generation,
                        .born = 6};

    (void)arg;
    impl->scan(ctx, &scan);
    assert_int_equal(scan.found, 0);
    assert_true(scan.done < 1 << 20);
}

static void a_stale_scan_returns_early(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++)
        for_each_impl(*at, check_stale, NULL);
}

static void names_and_aliases_find_an_algorithm(void **state)
{
    (void)state;
    assert_ptr_equal(algo_find("SHA256D"), algo_find("sha256d"));
    assert_ptr_equal(algo_find("bitcoin"), algo_find("sha256d"));
    assert_ptr_equal(algo_find("Litecoin"), algo_find("scrypt"));
    assert_null(algo_find("sha"));
    assert_null(algo_find(NULL));
}

static void an_unknown_implementation_is_refused_with_the_usable_names(void **state)
{
    struct fault why = {0};

    (void)state;
    for (const struct algo *const *at = algos; *at; at++) {
        const struct algo_impl *last = (*at)->impls; /* the one that runs anywhere */
        while (last[1].name)
            last++;
        assert_non_null(algo_impl_pick(*at, "auto", NULL));
        assert_non_null(algo_impl_pick(*at, last->name, NULL));
        assert_null(algo_impl_pick(*at, "abacus", &why));
        assert_non_null(strstr(why.text, last->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_hash_to_the_known_answers),
        cmocka_unit_test(sha256d_scans_find_exactly_the_known_nonces),
        cmocka_unit_test(scrypt_scans_find_exactly_the_known_nonces),
        cmocka_unit_test(targets_are_compared_in_all_256_bits),
        cmocka_unit_test(every_implementation_agrees_with_the_reference),
        cmocka_unit_test(scans_honour_both_ends_of_their_range),
        cmocka_unit_test(a_full_scan_ends_behind_its_last_winner),
        cmocka_unit_test(a_stale_scan_returns_early),
        cmocka_unit_test(names_and_aliases_find_an_algorithm),
        cmocka_unit_test(an_unknown_implementation_is_refused_with_the_usable_names),
    };

    return cmocka_run_group_tests(tests, load_vectors, unload_vectors);
}

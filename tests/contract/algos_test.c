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
        cmocka_unit_test(every_implementation_agrees_with_the_reference),
        cmocka_unit_test(scans_honour_both_ends_of_their_range),
        cmocka_unit_test(a_full_scan_ends_behind_its_last_winner),
        cmocka_unit_test(a_stale_scan_returns_early),
        cmocka_unit_test(names_and_aliases_find_an_algorithm),
        cmocka_unit_test(an_unknown_implementation_is_refused_with_the_usable_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

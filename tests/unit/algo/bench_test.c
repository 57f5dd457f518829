/* SPDX-License-Identifier: MIT */
/* The bench counts what its threads did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algo/bench.h"

static void every_algorithm_gives_a_rate_that_fits_its_count(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++) {
        if ((*at)->dataset)
            continue; /* seconds of preparation */
        struct bench b = {
            .algo = *at, .impl = algo_impl_pick(*at, "auto", NULL), .threads = 2, .seconds = 0.05};
        assert_int_equal(bench_run(&b, NULL), 0);
        assert_true(b.hashes > 0);
        assert_true(b.seconds >= 0.05);
        assert_true(b.cpu_seconds > 0);
        assert_true(b.cpu_seconds <= 2.2 * b.seconds);
        assert_true(b.hashrate * b.seconds > 0.999 * (double)b.hashes);
        assert_true(b.hashrate * b.seconds < 1.001 * (double)b.hashes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_algorithm_gives_a_rate_that_fits_its_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

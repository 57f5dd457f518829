/* SPDX-License-Identifier: MIT */
/* The effective hash rate and its confidence band. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/effective.h"

static const int64_t BEGIN = 1000 * SECOND_US;

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance * fabs(expected)))
        fail_msg("%.6g is not %.6g", value, expected);
}

/* Garwood (1936): the limits in every table of Poisson confidence intervals. */
static void the_band_is_that_of_the_tables(void **state)
{
    static const struct {
        double n, low, high;
    } rows[] = {{1, 0.0253, 5.5716},     {2, 0.2422, 7.2247},     {5, 1.6235, 11.6683},
                {10, 4.7954, 18.3904},   {20, 12.2165, 30.8884},  {50, 37.1110, 65.9188},
                {99, 80.4637, 120.5285}, {100, 81.3639, 121.6269}};

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        double low, high;
        poisson_band(rows[i].n, &low, &high);
        near(low, rows[i].low, 0.003);
        near(high, rows[i].high, 0.001);
    }
}

static void nothing_seen_is_at_most_3_7(void **state)
{
    double low, high;

    (void)state;
    poisson_band(0, &low, &high);
    assert_true(low == 0);
    near(high, 3.6889, 0.001);
}

static void without_shares_it_is_unknown(void **state)
{
    struct effective e;

    (void)state;
    effective_reset(&e, BEGIN);
    struct effective_rate r = effective_rate(&e, BEGIN + 600 * SECOND_US);
    assert_true(isnan(r.rate) && isnan(r.low) && isnan(r.high));
    assert_int_equal(r.shares, 0);
}

static void equal_shares_give_work_over_time(void **state)
{
    struct effective e;

    (void)state;
    effective_reset(&e, BEGIN);
    for (int i = 0; i < 10; i++)
        effective_add(&e, 5000, BEGIN + i * 10 * SECOND_US);
    struct effective_rate r = effective_rate(&e, BEGIN + 100 * SECOND_US);
    near(r.rate, 500, 1e-9);
    near(r.low, 239.8, 0.001);
    near(r.high, 919.5, 0.001);
    assert_int_equal(r.shares, 10);
    near(r.seconds, 100, 1e-9);
}

/* One share that weighs as much as all others says as little as two. */
static void unequal_shares_widen_the_band(void **state)
{
    struct effective even, odd;

    (void)state;
    effective_reset(&even, BEGIN);
    effective_reset(&odd, BEGIN);
    for (int i = 0; i < 10; i++) {
        effective_add(&even, 100, BEGIN + SECOND_US);
        effective_add(&odd, i ? 10 : 910, BEGIN + SECOND_US);
    }
    struct effective_rate a = effective_rate(&even, BEGIN + 10 * SECOND_US);
    struct effective_rate b = effective_rate(&odd, BEGIN + 10 * SECOND_US);
    near(a.rate, b.rate, 1e-9);
    assert_true(b.low < a.low / 4 && b.high > 2 * a.high);
}

static void what_is_older_than_an_hour_is_forgotten(void **state)
{
    struct effective e;

    (void)state;
    effective_reset(&e, BEGIN);
    effective_add(&e, 1e9, BEGIN);
    effective_add(&e, 3600, BEGIN + 3000 * SECOND_US);
    assert_int_equal(effective_rate(&e, BEGIN + 3599 * SECOND_US).shares, 2);
    struct effective_rate r = effective_rate(&e, BEGIN + 3660 * SECOND_US);
    assert_int_equal(r.shares, 1);
    assert_true(r.seconds > 3500 && r.seconds <= 3600);
    near(r.rate, 3600 / r.seconds, 1e-9);
    assert_int_equal(effective_rate(&e, BEGIN + 10000 * SECOND_US).shares, 0);
}

static void a_clock_that_stands_still_is_no_rate(void **state)
{
    struct effective e;

    (void)state;
    effective_reset(&e, BEGIN);
    effective_add(&e, 5, BEGIN);
    assert_true(isnan(effective_rate(&e, BEGIN).rate));
    effective_add(&e, INFINITY, BEGIN);
    assert_true(isnan(effective_rate(&e, BEGIN + 9 * SECOND_US).rate));
}

/* The true rate lies in the band about 95 times in a hundred. */
static void the_band_holds_the_true_rate(void **state)
{
    unsigned inside = 0;
    uint64_t seed = 1;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct effective e;
        double at = 0;
        effective_reset(&e, BEGIN);
        for (;;) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            at -= log(((double)(seed >> 11) + 1) / 0x1p53) * 30; /* one in 30 s on average */
            if (at >= 600)
                break;
            effective_add(&e, 30, BEGIN + (int64_t)(at * SECOND_US));
        }
        struct effective_rate r = effective_rate(&e, BEGIN + 600 * SECOND_US);
        inside += r.low <= 1 && r.high >= 1;
    }
    assert_in_range(inside, 370, 398);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_band_is_that_of_the_tables),
        cmocka_unit_test(nothing_seen_is_at_most_3_7),
        cmocka_unit_test(without_shares_it_is_unknown),
        cmocka_unit_test(equal_shares_give_work_over_time),
        cmocka_unit_test(unequal_shares_widen_the_band),
        cmocka_unit_test(what_is_older_than_an_hour_is_forgotten),
        cmocka_unit_test(a_clock_that_stands_still_is_no_rate),
        cmocka_unit_test(the_band_holds_the_true_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

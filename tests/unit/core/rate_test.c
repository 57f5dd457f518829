/* SPDX-License-Identifier: MIT */
/* Hash-rate averages: right from the start, following a change, falling to 0. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/rate.h"

/* `hz` for `seconds`, told every 100 ms. Returns the time after. */
static int64_t run(struct rate *rate, double hz, unsigned seconds, int64_t now)
{
    for (unsigned i = 0; i < 10 * seconds; i++) {
        now += SECOND_US / 10;
        rate_add(rate, hz / 10, now);
    }
    return now;
}

static void a_steady_rate_shows_from_the_first_seconds(void **state)
{
    struct rate rate;

    (void)state;
    rate_reset(&rate, 5 * SECOND_US);
    int64_t now = 5 * SECOND_US;
    for (unsigned i = 1; i < 2000; i *= 3) {
        now = run(&rate, 1e6, i, now);
        for (unsigned w = 0; w < RATE_WINDOWS; w++)
            assert_true(fabs(rate_window(&rate, w, now) / 1e6 - 1) < 1e-6);
        assert_true(fabs(rate_average(&rate, now) / 1e6 - 1) < 1e-9);
    }
}

static void nothing_is_known_in_the_first_second(void **state)
{
    struct rate rate;

    (void)state;
    rate_reset(&rate, 0);
    assert_true(isnan(rate_window(&rate, RATE_10S, SECOND_US / 2)));
    assert_true(isnan(rate_average(&rate, SECOND_US / 2)));
    assert_true(rate_window(&rate, RATE_10S, 2 * SECOND_US) == 0);
    assert_true(rate_average(&rate, 2 * SECOND_US) == 0);
}

static void short_windows_follow_a_change_sooner(void **state)
{
    struct rate rate;

    (void)state;
    rate_reset(&rate, 0);
    int64_t now = run(&rate, 1000, 3600, 0);
    now = run(&rate, 2000, 60, now);
    assert_true(rate_window(&rate, RATE_10S, now) > 1990);
    double minute = rate_window(&rate, RATE_1M, now), quarter = rate_window(&rate, RATE_15M, now);
    assert_true(minute > 1600 && minute < 1650);
    assert_true(quarter > 1050 && quarter < 1080);
}

static void a_silent_device_falls_to_zero_without_a_jump(void **state)
{
    struct rate rate;

    (void)state;
    rate_reset(&rate, 0);
    int64_t now = run(&rate, 1000, 3, 0);
    double before = rate_window(&rate, RATE_10S, now);
    for (unsigned i = 1; i <= 600; i++) {
        double v = rate_window(&rate, RATE_10S, now + i * SECOND_US / 10);
        assert_true(v <= before * (1 + 1e-9));
        assert_true(v > before * 0.9); /* no step between two readings */
        before = v;
    }
    assert_true(before < 5);
}

static void reports_at_the_same_instant_do_not_break_the_average(void **state)
{
    struct rate rate;

    (void)state;
    rate_reset(&rate, 0);
    for (unsigned i = 1; i <= 100; i++) {
        rate_add(&rate, 500, i * SECOND_US);
        rate_add(&rate, 500, i * SECOND_US);
    }
    double v = rate_window(&rate, RATE_10S, 100 * SECOND_US);
    assert_true(v > 900 && v < 1110);
    assert_true(rate_average(&rate, 100 * SECOND_US) == 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_rate_shows_from_the_first_seconds),
        cmocka_unit_test(nothing_is_known_in_the_first_second),
        cmocka_unit_test(short_windows_follow_a_change_sooner),
        cmocka_unit_test(a_silent_device_falls_to_zero_without_a_jump),
        cmocka_unit_test(reports_at_the_same_instant_do_not_break_the_average),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

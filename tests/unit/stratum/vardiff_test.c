/* SPDX-License-Identifier: MIT */
/* Variable difficulty against miners of known speed, on a made-up clock. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stratum/vardiff.h"

static const struct vardiff_limits limits = {.min = 0.001, .max = 1e6, .interval_us = 10000000};

static uint64_t noise = 12345;

/* Exponential waiting times: what real shares look like. */
static double waiting(double mean_s)
{
    noise = noise * UINT64_C(6364136223846793005) + 1442695040888963407;
    return -log(((double)(noise >> 11) + 1) * 0x1p-53) * mean_s;
}

/* Mines at `speed` difficulty per second for `span_s`; returns the shares found. */
static unsigned mine(struct vardiff *v, double speed, double span_s, int64_t *now)
{
    int64_t end = *now + (int64_t)(span_s * 1e6), tick = *now + 1000000;
    int64_t share = *now + (int64_t)(waiting(v->difficulty / speed) * 1e6);
    unsigned shares = 0;

    while (*now < end) {
        bool is_share = share <= tick;
        *now = is_share ? share : tick;
        tick += is_share ? 0 : 1000000;
        if (is_share) {
            shares++;
            vardiff_share(v, &limits, v->difficulty, *now);
        }
        if (vardiff_next(v, &limits, *now) > 0 || is_share) /* memoryless: draw again */
            share = *now + (int64_t)(waiting(v->difficulty / speed) * 1e6);
    }
    return shares;
}

static void it_settles_at_one_share_an_interval(void **state)
{
    static const double speeds[] = {0.01, 1, 50, 5000};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct vardiff v;
        int64_t now = 1000000;
        vardiff_init(&v, 16, now);
        (void)mine(&v, speeds[i], 3600, &now);
        unsigned shares = mine(&v, speeds[i], 36000, &now);
        /* 3600 are wanted; the dead band allows a factor of 1.5, noise a little more */
        if (shares < 2000 || shares > 6500)
            fail_msg("speed %g: %u shares in 10 h", speeds[i], shares);
    }
}

static void a_big_miner_is_slowed_within_seconds(void **state)
{
    struct vardiff v;
    int64_t now = 1000000;

    (void)state;
    vardiff_init(&v, 1, now);
    unsigned shares = mine(&v, 1000, 10, &now);
    assert_true(v.difficulty > 1000);
    assert_true(shares < 100); /* of the 10000 it could have sent */
}

static void a_small_miner_comes_down_without_shares(void **state)
{
    struct vardiff v;
    int64_t now = 1000000;

    (void)state;
    vardiff_init(&v, 4096, now);
    (void)mine(&v, 0.01, 1200, &now);
    assert_true(v.difficulty < 1);
}

static void steps_are_bounded(void **state)
{
    struct vardiff v;
    int64_t now = 1000000;

    (void)state;
    vardiff_init(&v, 1, now);
    for (int i = 0; i < 8; i++)
        vardiff_share(&v, &limits, 1, ++now);
    double to = vardiff_next(&v, &limits, now);
    assert_true(to > 8 && to <= 64);
    for (int i = 0; i < 12; i++)
        vardiff_share(&v, &limits, to, now += 4000000);
    double next = vardiff_next(&v, &limits, now);
    assert_true(next > to && next <= 4 * to);
}

static void limits_hold_whatever_happens(void **state)
{
    struct vardiff_limits tight = {.min = 8, .max = 10, .interval_us = 1000000};
    struct vardiff v;
    int64_t now = 1000000;

    (void)state;
    vardiff_init(&v, 100, now);
    assert_true(vardiff_next(&v, &tight, now) == 10);
    for (int i = 0; i < 50; i++) {
        vardiff_share(&v, &tight, 10, ++now);
        (void)vardiff_next(&v, &tight, now);
    }
    assert_true(v.difficulty == 10);
    for (int i = 0; i < 50; i++)
        (void)vardiff_next(&v, &tight, now += 60000000);
    assert_true(v.difficulty == 8);
}

static void values_are_easy_to_read(void **state)
{
    (void)state;
    assert_true(vardiff_clamp(123456, &limits) == 123000);
    assert_true(vardiff_clamp(1024, &limits) == 1020);
    assert_true(vardiff_clamp(0.0625, &limits) == 0.0625);
    assert_true(vardiff_clamp(1e-9, &limits) == limits.min);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_settles_at_one_share_an_interval),
        cmocka_unit_test(a_big_miner_is_slowed_within_seconds),
        cmocka_unit_test(a_small_miner_comes_down_without_shares),
        cmocka_unit_test(steps_are_bounded),
        cmocka_unit_test(limits_hold_whatever_happens),
        cmocka_unit_test(values_are_easy_to_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

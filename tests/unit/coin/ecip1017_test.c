/* SPDX-License-Identifier: MIT */
/* Ethereum Classic's rewards where eras, uncles and amounts end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coin/ecip1017.h"

static uint64_t number_in(uint64_t era)
{
    return era * ECIP1017_ERA + 1;
}

static void eras_begin_after_five_million_blocks(void **state)
{
    (void)state;
    assert_int_equal(ecip1017_era(0), 0);
    assert_int_equal(ecip1017_era(1), 0);
    assert_int_equal(ecip1017_era(5000000), 0);
    assert_int_equal(ecip1017_era(5000001), 1);
    assert_int_equal(ecip1017_era(10000000), 1);
    assert_int_equal(ecip1017_era(UINT64_MAX), (UINT64_MAX - 1) / 5000000);
}

/* floor(5 * 10^18 * 4^era / 5^era) by Python's integers. */
static void rewards_are_exact_in_every_era(void **state)
{
    static const struct {
        uint64_t era, wei;
    } rows[] = {
        {0, 5000000000000000000},
        {5, 1638400000000000000},
        {8, 838860800000000000},
        {19, 72057594037927936},
        {30, 6189700196426901},
        {50, 71362384635297},
        {100, 1018517988},
        {191, 1},
        {192, 1},
        {193, 0},
        {1000000, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(ecip1017_reward(number_in(rows[i].era)), rows[i].wei);
    assert_int_equal(ecip1017_reward(UINT64_MAX), 0);
}

static void uncles_of_the_first_era_lose_an_eighth_each_block(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth <= ECIP1017_UNCLE_DEPTH_MAX; depth++)
        assert_int_equal(ecip1017_uncle(100, depth), UINT64_C(625000000000000000) * (8 - depth));
}

static void uncles_of_later_eras_are_paid_as_their_bonus(void **state)
{
    (void)state;
    for (uint64_t era = 1; era < 200; era++)
        assert_int_equal(ecip1017_uncle(number_in(era), 1), ecip1017_bonus(number_in(era)));
}

static void no_uncle_is_paid_out_of_reach(void **state)
{
    (void)state;
    assert_int_equal(ecip1017_uncle(100, 0), 0);
    assert_int_equal(ecip1017_uncle(100, ECIP1017_UNCLE_DEPTH_MAX + 1), 0);
    assert_int_equal(ecip1017_uncle(2, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eras_begin_after_five_million_blocks),
        cmocka_unit_test(rewards_are_exact_in_every_era),
        cmocka_unit_test(uncles_of_the_first_era_lose_an_eighth_each_block),
        cmocka_unit_test(uncles_of_later_eras_are_paid_as_their_bonus),
        cmocka_unit_test(no_uncle_is_paid_out_of_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

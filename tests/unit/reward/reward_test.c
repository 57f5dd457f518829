/* SPDX-License-Identifier: MIT */
/* Rewards: no unit is ever lost or made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reward/pps.h"
#include "reward/scheme.h"

static uint64_t random_bits(unsigned *seed, unsigned bits)
{
    uint64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v << 15 ^ (uint64_t)rand_r(seed);
    return bits >= 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

static void every_scheme_adds_up_for_10000_random_share_sets(void **state)
{
    struct credit credits[64];
    struct payout out[64];
    unsigned seed = 20240517;

    (void)state;
    for (int round = 0; round < 10000; round++) {
        size_t n = 1 + (size_t)rand_r(&seed) % 64;
        uint64_t atoms = random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 64);
        for (size_t i = 0; i < n; i++)
            credits[i] = (struct credit){
                (uint32_t)rand_r(&seed) % 40,
                1 + random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 58),
            };
        for (size_t s = 0; reward_schemes[s]; s++) {
            uint64_t sum = 0;
            size_t used = reward_schemes[s]->split(credits, n, atoms, out);
            for (size_t i = 0; i < used; i++)
                sum += out[i].atoms;
            assert_true(used >= 1 && used <= n);
            assert_true(sum == atoms);
        }
    }
}

static void window_holds_exactly_its_work_or_everything(void **state)
{
    struct credit shares[64], inside[64];
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 10000; round++) {
        size_t n = (size_t)rand_r(&seed) % 64;
        uint64_t window = random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 40), all = 0, sum = 0;
        for (size_t i = 0; i < n; i++) {
            shares[i] = (struct credit){1, 1 + random_bits(&seed, 35)};
            all += shares[i].work;
        }
        size_t rows = reward_last_work(shares, n, window, inside);
        for (size_t i = 0; i < rows; i++) {
            assert_true(inside[i].work >= 1);
            sum += inside[i].work;
        }
        assert_true(sum == (all < window ? all : window));
    }
}

static void equal_remainders_go_to_the_lower_account(void **state)
{
    const struct credit credits[] = {{9, 1}, {2, 1}, {5, 1}};
    struct payout out[3];

    (void)state;
    assert_int_equal(reward_split(credits, 3, 10, out), 3);
    assert_int_equal(out[0].account, 2);
    assert_int_equal(out[0].atoms, 4);
    assert_int_equal(out[1].atoms + out[2].atoms, 6);
}

static void rows_of_one_account_are_merged(void **state)
{
    const struct credit credits[] = {{1, 1}, {2, 1}, {1, 1}};
    struct payout out[3];

    (void)state;
    assert_int_equal(reward_split(credits, 3, 300, out), 2);
    assert_int_equal(out[0].atoms, 200);
}

static void no_credits_give_no_rows(void **state)
{
    struct payout out[1];

    (void)state;
    for (size_t s = 0; reward_schemes[s]; s++)
        assert_int_equal(reward_schemes[s]->split(NULL, 0, 5, out), 0);
}

static void fee_is_rounded_down_without_overflow(void **state)
{
    (void)state;
    assert_int_equal(reward_fee(9999, 1), 0);
    assert_int_equal(reward_fee(10000, 1), 1);
    assert_true(reward_fee(UINT64_MAX, 10000) == UINT64_MAX);
}

static void unknown_scheme_is_not_found(void **state)
{
    (void)state;
    assert_null(reward_find("pps+"));
    assert_non_null(reward_find("solo"));
}

/* --- shares that are paid at once ------------------------------------------------------------- */

static void a_share_of_a_whole_block_is_worth_the_reward(void **state)
{
    uint64_t got = 0;

    (void)state;
    assert_int_equal(reward_share_value(5000000000, 77, 77, 0, &got), 0);
    assert_int_equal(got, UINT64_C(5000000000000000));
    assert_int_equal(reward_share_value(5000000000, 77, 77, 10000, &got), 0);
    assert_int_equal(got, UINT64_C(4950000000000000));
}

static void a_share_without_work_reward_or_part_is_worth_nothing(void **state)
{
    uint64_t got = 1;

    (void)state;
    assert_int_equal(reward_share_value(0, 1, 1, 0, &got), 0);
    assert_int_equal(got, 0);
    assert_int_equal(reward_share_value(1, 0, 1, 0, &got), 0);
    assert_int_equal(got, 0);
    assert_int_equal(reward_share_value(1, 1, 1, FEE_PPM_MAX, &got), 0);
    assert_int_equal(got, 0);
    assert_int_equal(reward_share_value(1, 1, 1000001, 0, &got),
                     0); /* just less than a millionth */
    assert_int_equal(got, 0);
}

static void a_share_value_is_exact_past_128_bits(void **state)
{
    uint64_t got = 0;

    (void)state;
    assert_int_equal(reward_share_value(UINT64_C(18000000000000), UINT64_MAX, UINT64_MAX, 0, &got),
                     0);
    assert_int_equal(got, UINT64_C(18000000000000000000));
    assert_int_equal(reward_share_value(UINT64_MAX, UINT64_MAX / 2000000, UINT64_MAX, 1, &got), 0);
    assert_int_equal(got, UINT64_C(9223362813481963146));
}

static void a_share_value_that_does_not_fit_is_refused(void **state)
{
    uint64_t got = 42;

    (void)state;
    assert_int_equal(reward_share_value(UINT64_MAX, UINT64_MAX, 1, 0, &got), ERR_FIELD);
    assert_int_equal(reward_share_value(UINT64_MAX, 1, 999999, 0, &got), ERR_FIELD);
    assert_int_equal(reward_share_value(1, 1, 0, 0, &got), ERR_FIELD);
    assert_int_equal(reward_share_value(1, 1, 1, FEE_PPM_MAX + 1, &got), ERR_FIELD);
    assert_int_equal(got, 42);
    assert_int_equal(reward_share_value(UINT64_MAX, 1, 1000000, 0, &got), 0);
    assert_true(got == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_adds_up_for_10000_random_share_sets),
        cmocka_unit_test(window_holds_exactly_its_work_or_everything),
        cmocka_unit_test(equal_remainders_go_to_the_lower_account),
        cmocka_unit_test(rows_of_one_account_are_merged),
        cmocka_unit_test(no_credits_give_no_rows),
        cmocka_unit_test(fee_is_rounded_down_without_overflow),
        cmocka_unit_test(unknown_scheme_is_not_found),
        cmocka_unit_test(a_share_of_a_whole_block_is_worth_the_reward),
        cmocka_unit_test(a_share_without_work_reward_or_part_is_worth_nothing),
        cmocka_unit_test(a_share_value_is_exact_past_128_bits),
        cmocka_unit_test(a_share_value_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Who is paid for a block, to the last unit: by window, by time, solo, and across a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fake/pool_rig.h"

static void closed_pool_pays_the_rig_all_of_it(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:local"), REWARD);
    assert_int_equal(pool_rig_balance(f, "immature", "fee:"), 0);
    assert_int_equal(pool_rig_view(f)->blocks_found, 1);
    pool_rig_assert_ledger(f);
}

static void found_block_is_shared_exactly(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    /* fee 10000; 990003 by 0.5 (cut), 1 and 0.5 of 2: remainders .75, .5, .75 */
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 247501);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 495001);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:c"), 247501);
    assert_int_equal(pool_rig_balance(f, "immature", "fee:"), 10000);
    assert_int_equal(pool_rig_balance(f, "coinbase", ""), -(int64_t)REWARD);
    struct pool_view *v = pool_rig_view(f);
    assert_int_equal(v->balance_immature, REWARD);
    assert_int_equal(v->block_count, 1);
    assert_int_equal(v->block[0].state, BLOCK_FOUND);
    assert_string_equal(v->block[0].finder, "c.y");
    pool_rig_assert_ledger(f);
}

static void finder_without_shares_gets_the_block(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_block("c", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:c"), REWARD - 10000);
}

static void restart_keeps_the_reward_window(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 1, 1);
    fake_front_share("b", 1, 1);
    pool_drain(f->pool);
    pool_rig_close(f);
    pool_rig_open(f);
    pool_rig_serve(f);
    fake_chain_template(51, DIFFICULTY_1, 1000000, true);
    fake_front_block("b", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 495000);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 495000);
    assert_true(pool_rig_view(f)->round_effort < 0.01);
}

static void second_block_shares_the_same_window_again(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_chain_template(51, DIFFICULTY_1, REWARD, true);
    fake_front_block("c.y", 2);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 2 * 247501);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 2 * 495001);
    pool_rig_assert_ledger(f);
}

static void solo_pays_the_finder(void **state)
{
    static char solo[] = "solo";
    struct pool_rig *f = *state;

    pool_rig_close(f);
    f->config.pool.rewards.system = solo;
    pool_rig_open(f);
    pool_rig_found_block(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:c"), REWARD - 10000);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 0);
    assert_int_equal(pool_rig_balance(f, "immature", "fee:"), 10000);
    pool_rig_assert_ledger(f);
}

static void window_by_time_leaves_out_older_shares(void **state)
{
    struct pool_rig *f = *state;
    int64_t now = wall_ms();

    pool_rig_close(f);
    f->config.pool.rewards.window_us = 600 * SECOND_US;
    pool_rig_open(f);
    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, 1000000, true);
    fake_front_share_at("old", 5, 1, now - 700000);
    fake_front_share_at("a", 1, 1, now - 300000);
    fake_front_share_at("b", 3, 1, now);
    fake_front_block("b", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:old"), 0);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 247500);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 742500);
    pool_rig_assert_ledger(f);
}

static void solo_shares_of_the_closed_pool_are_not_in_the_window(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    pool_credit(f->pool, f->pool->local, 100, 1, wall_ms());
    pool_rig_found_block(f);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:local"), 0);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 495001);
}

static void effort_survives_a_restart(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 0.25, 2);
    pool_drain(f->pool);
    assert_true(pool_rig_view(f)->round_effort > 0.49 && pool_rig_view(f)->round_effort < 0.51);
    pool_rig_close(f);
    pool_rig_open(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    assert_true(pool_rig_view(f)->round_effort > 0.49 && pool_rig_view(f)->round_effort < 0.51);
}

#define T(name) cmocka_unit_test_setup_teardown(name, pool_rig_setup, pool_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(closed_pool_pays_the_rig_all_of_it),
        T(found_block_is_shared_exactly),
        T(finder_without_shares_gets_the_block),
        T(restart_keeps_the_reward_window),
        T(second_block_shares_the_same_window_again),
        T(solo_pays_the_finder),
        T(window_by_time_leaves_out_older_shares),
        T(solo_shares_of_the_closed_pool_are_not_in_the_window),
        T(effort_survives_a_restart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Opening a pool and its server: what is refused, and what a closing front still says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pool_rig.h"

static void busy_port_changes_nothing(void **state)
{
    struct pool_rig *f = *state;
    struct fault why = {0};

    fake_front.refuse = UV_EADDRINUSE;
    assert_int_equal(pool_serve(f->pool, true, &why), UV_EADDRINUSE);
    assert_string_equal(why.text, "the port is busy");
    assert_false(pool_serving(f->pool));
    fake_front.refuse = 0;
}

static void opening_hands_the_present_job_to_the_front(void **state)
{
    struct pool_rig *f = *state;
    static const uint8_t zero[4] = {0};

    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    pool_rig_serve(f);
    assert_non_null(fake_front.job);
    assert_int_equal(fake_front.job->height, 50);
    assert_memory_equal(fake_front.job->plan.extranonce1, zero, 4);
    assert_string_equal(pool_rig_view(f)->scheme, "pplns");
}

static void closing_credits_what_was_on_its_way(void **state)
{
    struct pool_rig *f = *state;
    struct fault why = {0};

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    fake_front.count = fake_front.next = 0;
    fake_front_share("late", 1, 1); /* still comes, before the front says that it has stopped */
    fake_front.events[fake_front.count++] = (struct event){.type = EV_FRONT_STOPPED};
    pool_drain(f->pool);
    assert_int_equal(pool_rig_view(f)->shares_accepted, 1);
    assert_string_equal(pool_rig_view(f)->scheme, "solo");
    assert_false(fake_front.running);
}

static void last_words_of_a_closing_front_are_the_pools(void **state)
{
    struct pool_rig *f = *state;
    struct fault why = {0};

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 1, 1);
    pool_drain(f->pool);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    fake_front.count = fake_front.next = 0;
    fake_front_share("late", 1, 1);
    fake_front_block("late", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_true(pool_rig_balance(f, "immature", "fee:") > 0);
    assert_true(pool_rig_balance(f, "immature", "miner:a") > 0);
    assert_true(pool_rig_balance(f, "immature", "miner:late") > 0);
    pool_rig_assert_ledger(f);
}

static void reopening_waits_for_the_old_front(void **state)
{
    struct pool_rig *f = *state;
    struct fault why = {0};

    pool_rig_serve(f);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    pool_rig_serve(f);
    assert_true(pool_serving(f->pool));
    assert_true(fake_front.running);
}

static void refuses(struct pool_rig *f, const char *word)
{
    const struct pool_setup setup = pool_rig_options(f, (struct pool_callbacks){0});
    struct pool *pool;
    struct fault why = {0};

    assert_true(pool_new_on(&fake_parts, &setup, &pool, &why) < 0);
    assert_non_null(strstr(why.text, word));
}

static void real_coin_needs_a_payout_address(void **state)
{
    static char litecoin[] = "litecoin";
    struct pool_rig *f = *state;

    f->config.pool.coin = litecoin;
    refuses(f, "pool.payout_address");
}

static void unknown_coin_is_named(void **state)
{
    static char coin[] = "nocoin";
    struct pool_rig *f = *state;

    f->config.pool.coin = coin;
    refuses(f, "nocoin");
}

#define T(name) cmocka_unit_test_setup_teardown(name, pool_rig_setup, pool_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(busy_port_changes_nothing),
        T(opening_hands_the_present_job_to_the_front),
        T(closing_credits_what_was_on_its_way),
        T(last_words_of_a_closing_front_are_the_pools),
        T(reopening_waits_for_the_old_front),
        T(real_coin_needs_a_payout_address),
        T(unknown_coin_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

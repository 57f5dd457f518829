/* SPDX-License-Identifier: MIT */
/* The fate of blocks that were found: sent once they are on disk, repeated until they are answered,
 * mature, orphaned, back again, and all of that across a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/pool_rig.h"

static void count_row(void *arg, const struct value *c, unsigned n)
{
    (void)c;
    (void)n;
    ++*(unsigned *)arg;
}

static unsigned rows(struct pool_rig *f, enum statement statement, struct value arg)
{
    unsigned count = 0;

    assert_int_equal(store_query(f->store, statement, &arg, 1, count_row, &count), 0);
    return count;
}

static void block_is_sent_and_shown_once_it_is_on_disk(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_block("c", 1);
    pool_drain(f->pool);
    assert_int_equal(fake_chain.submit_count, 0);
    assert_int_equal(pool_rig_view(f)->block_count, 0);
    assert_true(pool_settling(f->pool));
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(pool_rig_view(f)->block_count, 1);
}

static void block_matures_with_the_same_amounts(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_chain_answer(0, SUBMIT_ACCEPTED, "");
    pool_rig_new_tip(f, 50, 1);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
    pool_rig_new_tip(f, 149, 100);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
    pool_rig_new_tip(f, 150, 101);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_MATURE);
    assert_int_equal(pool_rig_view(f)->blocks_mature, 1);
    assert_int_equal(pool_rig_balance(f, "miner", "a"), 247501);
    assert_int_equal(pool_rig_balance(f, "miner", "b"), 495001);
    assert_int_equal(pool_rig_balance(f, "miner", "c"), 247501);
    assert_int_equal(pool_rig_balance(f, "fee", ""), 10000);
    assert_int_equal(pool_rig_balance(f, "wallet", ""), -(int64_t)REWARD);
    assert_int_equal(pool_rig_view(f)->balance_immature, 0);
    assert_int_equal(pool_rig_view(f)->balance_owed, REWARD - 10000);
    assert_int_equal(pool_rig_view(f)->balance_fee, 10000);
    pool_rig_assert_ledger(f);
}

static void raw_block_is_dropped_when_it_is_settled(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    struct value hash = value_blob(pool_rig_block_hash(0), 32);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 1);
    pool_rig_new_tip(f, 150, 101);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 1);
    pool_rig_new_tip(f, 180, 131);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 0);
}

static void orphan_is_reversed_only_after_three_blocks_say_so(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    pool_rig_new_tip(f, 50, 1);
    pool_rig_new_tip(f, 51, 0);
    pool_rig_new_tip(f, 52, 0);
    pool_rig_new_tip(f, 53, 0);
    pool_rig_new_tip(f, 54, 0);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
    pool_rig_new_tip(f, 55, 0);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_ORPHANED);
    assert_int_equal(pool_rig_view(f)->blocks_orphaned, 1);
    assert_int_equal(pool_rig_view(f)->balance_immature, 0);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:a"), 0);
    assert_int_equal(pool_rig_balance(f, "coinbase", ""), 0);
    pool_rig_assert_ledger(f);
}

static void orphan_that_comes_back_is_credited_again(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    for (uint64_t tip = 53; tip < 56; tip++)
        pool_rig_new_tip(f, tip, 0);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_ORPHANED);
    pool_rig_new_tip(f, 57, 8);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
    assert_int_equal(pool_rig_view(f)->blocks_orphaned, 0);
    assert_int_equal(pool_rig_balance(f, "immature", "miner:b"), 495001);
    pool_rig_new_tip(f, 150, 101);
    assert_int_equal(pool_rig_balance(f, "miner", "b"), 495001);
    pool_rig_assert_ledger(f);
}

static void mature_block_that_is_thrown_out_is_reversed_too(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    pool_rig_new_tip(f, 150, 101);
    for (uint64_t tip = 151; tip < 154; tip++)
        pool_rig_new_tip(f, tip, 0);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_ORPHANED);
    assert_int_equal(pool_rig_view(f)->balance_owed, 0);
    assert_int_equal(pool_rig_balance(f, "wallet", ""), 0);
    pool_rig_assert_ledger(f);
}

static void unanswered_status_changes_nothing(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    pool_rig_new_tip(f, 50, 1);
    for (uint64_t tip = 53; tip < 60; tip++)
        pool_rig_new_tip(f, tip, -2);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
}

static void rejected_block_is_reversed_with_its_reason(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_chain_answer(0, SUBMIT_REJECTED, "bad-txnmrklroot");
    pool_rig_settle(f);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_REJECTED);
    assert_string_equal(pool_rig_view(f)->block[0].detail, "bad-txnmrklroot");
    assert_int_equal(pool_rig_view(f)->balance_immature, 0);
    pool_rig_assert_ledger(f);
}

static void rejected_block_that_the_chain_has_is_credited_again(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_chain_answer(0, SUBMIT_REJECTED, "duplicate");
    pool_rig_settle(f);
    pool_rig_new_tip(f, 50, 1);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_IMMATURE);
    assert_int_equal(pool_rig_view(f)->balance_immature, REWARD);
    pool_rig_assert_ledger(f);
}

static void answer_from_inside_the_submission_is_taken(void **state)
{
    struct pool_rig *f = *state;

    fake_chain.answer_at_once = true;
    pool_rig_found_block(f);
    assert_int_equal(fake_chain.asked, 1);
    assert_int_equal(pool_rig_view(f)->block_count, 1);
    pool_rig_assert_ledger(f);
}

static void unanswered_submission_is_repeated_with_the_same_bytes(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_chain_answer(0, SUBMIT_UNKNOWN, "no daemon answers");
    blocks_tick(f->pool);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1); /* not yet */
    f->pool->blocks->retry_us = 1;
    blocks_tick(f->pool);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 2);
    assert_int_equal(fake_chain.submits[1].len, fake_chain.submits[0].len);
    assert_memory_equal(fake_chain.submits[1].block, fake_chain.submits[0].block,
                        fake_chain.submits[0].len);
}

static void same_block_twice_is_one_block(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    fake_front_block("c.y", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(pool_rig_view(f)->blocks_found, 1);
    assert_int_equal(pool_rig_view(f)->balance_immature, REWARD);
}

static void block_that_only_the_database_knows_is_not_credited_again(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_found_block(f);
    blocks_fini(f->pool); /* memory has forgotten it */
    f->pool->blocks = NULL;
    fake_front_block("c.y", 1);
    pool_drain(f->pool);
    pool_rig_settle(f);
    assert_int_equal(pool_rig_balance(f, "coinbase", ""), -(int64_t)REWARD);
    assert_int_equal(fake_chain.submit_count, 2); /* refused by the database, not by us */
    pool_rig_assert_ledger(f);
}

static void restart_submits_again_and_goes_on(void **state)
{
    struct pool_rig *f = *state;
    uint8_t hash[32];

    pool_rig_found_block(f);
    memcpy(hash, pool_rig_block_hash(0), 32);
    pool_rig_close(f);
    pool_rig_open(f);
    struct pool_view *v = pool_rig_view(f);
    assert_int_equal(v->block_count, 1);
    assert_int_equal(v->block[0].state, BLOCK_FOUND);
    assert_int_equal(v->balance_immature, REWARD);
    assert_true(v->ledger_ok);
    blocks_tick(f->pool);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_memory_equal(pool_rig_block_hash(0), hash, 32);
    pool_rig_new_tip(f, 150, 101);
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_MATURE);
    assert_int_equal(pool_rig_balance(f, "miner", "b"), 495001);
    pool_rig_assert_ledger(f);
}

static void restart_after_downtime_sees_the_orphan(void **state)
{
    struct pool_rig *f = *state;
    uint8_t hash[32];

    pool_rig_found_block(f);
    pool_rig_new_tip(f, 50, 1);
    memcpy(hash, pool_rig_block_hash(0), 32);
    pool_rig_close(f);
    pool_rig_open(f);
    for (uint64_t tip = 60; tip < 63; tip++) {
        fake_chain_status(hash, 0);
        fake_chain_template(tip + 1, DIFFICULTY_1, REWARD, true);
        pool_rig_settle(f);
    }
    assert_int_equal(pool_rig_view(f)->block[0].state, BLOCK_ORPHANED);
    pool_rig_assert_ledger(f);
}

#define T(name) cmocka_unit_test_setup_teardown(name, pool_rig_setup, pool_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(block_is_sent_and_shown_once_it_is_on_disk),
        T(block_matures_with_the_same_amounts),
        T(raw_block_is_dropped_when_it_is_settled),
        T(orphan_is_reversed_only_after_three_blocks_say_so),
        T(orphan_that_comes_back_is_credited_again),
        T(mature_block_that_is_thrown_out_is_reversed_too),
        T(unanswered_status_changes_nothing),
        T(rejected_block_is_reversed_with_its_reason),
        T(rejected_block_that_the_chain_has_is_credited_again),
        T(answer_from_inside_the_submission_is_taken),
        T(unanswered_submission_is_repeated_with_the_same_bytes),
        T(same_block_twice_is_one_block),
        T(block_that_only_the_database_knows_is_not_credited_again),
        T(restart_submits_again_and_goes_on),
        T(restart_after_downtime_sees_the_orphan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Which shares a pool credits, and to whom: the rig's own and those of its miners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "core/target.h"
#include "tests/fake/pool_rig.h"

static void template_becomes_the_rigs_job(void **state)
{
    struct pool_rig *f = *state;
    static const uint8_t extranonce1[FRONT_TOLD1] = {7};

    fake_chain_template(5, EASY, REWARD, true);
    assert_int_equal(f->jobs, 1);
    assert_ptr_equal(pool_job(f->pool), f->job);
    assert_true(f->job->clean);
    assert_int_equal(f->job->height, 5);
    assert_int_equal(f->job->plan.extranonce1_len, FRONT_EXTRANONCE1);
    assert_memory_equal(f->job->plan.extranonce1 + FRONT_SALT, extranonce1, sizeof extranonce1);
    assert_int_equal(f->job->plan.extranonce2_len, 8);
}

static void share_target_keeps_the_floor_on_an_easier_chain(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct u256 floor = target_from_difficulty(&f->job->algo->diff1, f->config.pool.difficulty.min);
    assert_true(u256_cmp(&f->job->share_target, &floor) <= 0);
}

static void easier_share_target_than_the_networks_comes_from_the_configuration(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    assert_true(u256_cmp(&f->job->share_target, &f->job->block_target) > 0);
    double d = target_difficulty(&f->job->algo->diff1, &f->job->share_target);
    assert_true(d > 0.0019 && d < 0.0021);
}

static void second_template_of_a_tip_does_not_void_the_first(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    (void)job_ref(s.job);
    fake_chain_template(5, EASY, REWARD + 1, false);
    assert_false(f->job->clean);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    job_unref(s.job);
}

static void local_share_is_credited(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    struct pool_view *v = pool_rig_view(f);
    assert_int_equal(v->shares_accepted, 1);
    assert_int_equal(v->worker_count, 1);
    assert_true(v->worker[0].local);
    assert_int_equal(v->worker[0].accepted, 1);
}

static void copied_job_is_recognised_by_its_id(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    s.job = job_copy(f->job);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    job_unref(s.job);
}

static void duplicate_local_share_is_refused(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_DUPLICATE);
    assert_int_equal(pool_rig_view(f)->reject_reasons[REJECT_DUPLICATE], 1);
}

static void same_work_of_two_local_jobs_is_credited_once(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    fake_chain_template(5, EASY, REWARD, false);
    assert_ptr_not_equal(f->job, s.job);
    s.job = f->job;
    assert_int_equal(pool_local_share(f->pool, &s), ERR_DUPLICATE);
}

static void weak_local_share_is_refused(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, false);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_LOW_DIFF);
    assert_int_equal(pool_rig_view(f)->shares_accepted, 0);
}

static void local_share_of_an_earlier_tip_is_stale(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    s.is_block = false;
    (void)job_ref(s.job);
    fake_chain_template(6, EASY, REWARD, true);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_STALE);
    assert_int_equal(pool_rig_view(f)->shares_stale, 1);
    job_unref(s.job);
}

static void late_block_is_submitted_all_the_same(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    (void)job_ref(s.job);
    fake_chain_template(6, EASY, REWARD, true);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_STALE);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    job_unref(s.job);
}

static void second_solution_on_a_parent_is_a_share(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true), second = s;
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    do
        second.nonce++;
    while (share_check(&second, &s.job->share_target, NULL) < 0 || !second.is_block);
    assert_int_equal(pool_local_share(f->pool, &second), 0);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
}

static void late_block_does_not_compete_with_our_own(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true), late = s;
    (void)job_ref(s.job);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    pool_rig_settle(f);
    fake_chain_status(fake_chain.submits[0].hash, 1);
    fake_chain_template(6, EASY, REWARD, true);
    do
        late.nonce++;
    while (share_check(&late, &s.job->block_target, NULL) < 0);
    assert_int_equal(pool_local_share(f->pool, &late), ERR_STALE);
    assert_int_equal(fake_chain.submit_count, 1);
    job_unref(s.job);
}

static void block_that_was_thrown_out_does_not_stand_in_the_way(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = pool_rig_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    pool_rig_settle(f);
    fake_chain_status(pool_rig_block_hash(0), 1);
    fake_chain_template(6, EASY, REWARD, true);
    pool_rig_settle(f);
    fake_chain_status(pool_rig_block_hash(0), 0); /* back to its parent, as by invalidateblock */
    fake_chain_template(5, EASY, REWARD, true);
    pool_rig_settle(f);
    uint64_t nonce = s.nonce;
    s = pool_rig_share(f, true);
    s.nonce = nonce;
    do
        s.nonce++;
    while (share_check(&s, &f->job->share_target, NULL) < 0 || !s.is_block);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    pool_rig_settle(f);
    assert_int_equal(fake_chain.submit_count, 2);
    pool_rig_assert_ledger(f);
}

static void silent_rig_gets_an_easier_target(void **state)
{
    struct pool_rig *f = *state;

    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    struct u256 before = f->job->share_target;
    f->pool->vardiff.start_us -= 600 * SECOND_US; /* ten minutes without a share */
    f->pool->vardiff.changed_us -= 600 * SECOND_US;
    jobs_retarget(f->pool);
    assert_int_equal(f->jobs, 2);
    assert_false(f->job->clean);
    assert_true(u256_cmp(&f->job->share_target, &before) > 0);
}

static void miners_shares_are_credited_by_worker(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    fake_front_share("addr.rig1", 2, 3);
    fake_front_stats("addr.rig1", 1, 4);
    pool_drain(f->pool);
    struct pool_view *v = pool_rig_view(f);
    assert_int_equal(v->shares_accepted, 3);
    assert_int_equal(v->connections, 1);
    assert_int_equal(v->shares_stale, 4);
    assert_int_equal(v->worker_count, 2); /* the rig itself is always there */
    assert_string_equal(v->worker[1].name, "rig1");
    assert_string_equal(v->worker[1].address, "addr");
    assert_int_equal(v->worker[1].accepted, 3);
    assert_int_equal(v->worker[1].stale, 4);
}

static void shares_are_worth_their_part_of_a_block(void **state)
{
    enum { DIFFICULTY_16 = 0x1c0ffff0 };
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_front_stats("addr.rig1", 1, 0); /* at difficulty 8 */
    pool_drain(f->pool);
    assert_false(pool_rig_view(f)->worker[1].valued);
    fake_chain_template(5, DIFFICULTY_16, REWARD, true);
    assert_true(pool_rig_view(f)->worker[1].valued);
    /* half of 1000003, less 1 % */
    assert_int_equal(pool_rig_view(f)->worker[1].share_value, 495001485000);
}

static void hostile_user_name_is_made_printable(void **state)
{
    struct pool_rig *f = *state;

    pool_rig_serve(f);
    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    fake_front_share("a\x1b[2J\xff.r\n", 1, 1);
    pool_drain(f->pool);
    assert_string_equal(pool_rig_view(f)->worker[1].address, "a?[2J?");
    assert_string_equal(pool_rig_view(f)->worker[1].name, "r?");
}

#define T(name) cmocka_unit_test_setup_teardown(name, pool_rig_setup, pool_rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(template_becomes_the_rigs_job),
        T(share_target_keeps_the_floor_on_an_easier_chain),
        T(easier_share_target_than_the_networks_comes_from_the_configuration),
        T(second_template_of_a_tip_does_not_void_the_first),
        T(local_share_is_credited),
        T(copied_job_is_recognised_by_its_id),
        T(duplicate_local_share_is_refused),
        T(same_work_of_two_local_jobs_is_credited_once),
        T(weak_local_share_is_refused),
        T(local_share_of_an_earlier_tip_is_stale),
        T(late_block_is_submitted_all_the_same),
        T(late_block_does_not_compete_with_our_own),
        T(block_that_was_thrown_out_does_not_stand_in_the_way),
        T(second_solution_on_a_parent_is_a_share),
        T(silent_rig_gets_an_easier_target),
        T(miners_shares_are_credited_by_worker),
        T(shares_are_worth_their_part_of_a_block),
        T(hostile_user_name_is_made_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The pool on a chain and a front that do what the test says: shares, blocks, money, restarts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "core/target.h"
#include "tests/fake/pool_parts.h"

enum { EASY = 0x207fffff, DIFFICULTY_1 = 0x1d00ffff };
static const uint64_t REWARD = 1000003;

struct fixture {
    char dir[64], path[96];
    struct config config;
    uv_loop_t loop;
    uv_async_t bell;
    struct store *store;
    struct pool *pool;
    struct job *job; /* what the pool last gave out */
    unsigned jobs;
};

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

static void on_job(void *arg, struct job *job)
{
    struct fixture *f = arg;

    job_unref(f->job);
    f->job = job_ref(job);
    f->jobs++;
}

static struct pool_setup setup_of(struct fixture *f, struct pool_callbacks callbacks)
{
    return (struct pool_setup){
        .config = &f->config,
        .store = f->store,
        .loop = &f->loop,
        .bell = &f->bell,
        .callbacks = callbacks,
    };
}

static void open_pool(struct fixture *f)
{
    struct fault why = {0};

    if (store_open(f->path, &f->bell, &f->store, &why) < 0)
        fail_msg("%s", why.text);
    const struct pool_setup setup = setup_of(f, (struct pool_callbacks){.job = on_job, .arg = f});
    if (pool_new_on(&fake_parts, &setup, &f->pool, &why) < 0)
        fail_msg("%s", why.text);
}

static void close_pool(struct fixture *f)
{
    pool_free(f->pool);
    f->pool = NULL;
    store_close(f->store);
    f->store = NULL;
}

static int setup(void **state)
{
    static char empty[] = "", address[] = "127.0.0.1:1", coin[] = "devnet", network[] = "regtest";
    static char algorithm[] = "sha256d", pplns[] = "pplns";
    struct fixture *f = xcalloc(1, sizeof *f);

    fake_chain = (struct fake_chain){0};
    (void)snprintf(f->dir, sizeof f->dir, "/tmp/otedama-pool-XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    (void)snprintf(f->path, sizeof f->path, "%s/pool.db", f->dir);
    f->config.mining.algorithm = algorithm;
    f->config.pool.address = address;
    f->config.pool.coin = coin;
    f->config.pool.network = network;
    f->config.pool.payout_address = empty;
    f->config.pool.coinbase_text = empty;
    f->config.pool.fee_bp = 100;
    f->config.pool.node_id = 7;
    f->config.pool.rewards.system = pplns;
    f->config.pool.rewards.factor = 2;
    f->config.pool.difficulty.start = 0.002;
    f->config.pool.difficulty.min = 2e-6;
    assert_int_equal(uv_loop_init(&f->loop), 0);
    assert_int_equal(uv_async_init(&f->loop, &f->bell, on_bell), 0);
    open_pool(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
    struct fixture *f = *state;

    close_pool(f);
    job_unref(f->job);
    uv_close((uv_handle_t *)&f->bell, NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", f->path, endings[i]);
        (void)unlink(name);
    }
    (void)rmdir(f->dir);
    free(f);
    return 0;
}

/* Lets the store write all, and the pool hear of it. */
static void settle(struct fixture *f)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_query(f->store, ST_schema_version, NULL, 0, NULL, NULL), 0);
        store_drain(f->store);
    }
}

static struct pool_view *view(struct fixture *f)
{
    static struct pool_view v;

    pool_view(f->pool, &v);
    return &v;
}

struct wanted {
    const char *kind, *owner;
    int64_t balance;
};

static void on_balance(void *arg, const struct value *c, unsigned n)
{
    struct wanted *w = arg;

    (void)n;
    if (!strcmp(c[1].p, w->kind) && !strcmp(c[2].p, w->owner))
        w->balance = c[3].i;
}

static int64_t balance(struct fixture *f, const char *kind, const char *owner)
{
    struct wanted w = {kind, owner, 0};

    assert_int_equal(store_query(f->store, ST_balance_list, NULL, 0, on_balance, &w), 0);
    return w.balance;
}

static void count_row(void *arg, const struct value *c, unsigned n)
{
    (void)c;
    (void)n;
    ++*(unsigned *)arg;
}

static unsigned rows(struct fixture *f, enum statement statement, struct value arg)
{
    unsigned count = 0;

    assert_int_equal(store_query(f->store, statement, &arg, 1, count_row, &count), 0);
    return count;
}

static void print_fault(void *arg, const char *text)
{
    (void)arg;
    print_message("%s\n", text);
}

static void assert_ledger_ok(struct fixture *f)
{
    assert_int_equal(ledger_check(f->store, print_fault, NULL), 0);
}

static void serve(struct fixture *f)
{
    struct fault why = {0};

    assert_int_equal(pool_serve(f->pool, true, &why), 0);
}

/* A share of the rig on the newest job; skips `skip` good nonces, or finds a bad one. */
static struct share local_share(struct fixture *f, bool good)
{
    struct share s = {
        .job = f->job,
        .extranonce1_len = f->job->plan.extranonce1_len,
        .extranonce2_len = f->job->plan.extranonce2_len,
        .version = f->job->plan.version,
        .ntime = f->job->plan.ntime,
    };

    memcpy(s.extranonce1, f->job->plan.extranonce1, s.extranonce1_len);
    while ((share_check(&s, &f->job->share_target, NULL) == 0) != good)
        s.nonce++;
    return s;
}

/* Shares of a, b and c that fill two network difficulties, then a block of c: the amounts are
 * worked out by hand. */
static void found_block(struct fixture *f)
{
    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a.x", 1, 1);
    fake_front_share("b", 0.5, 2);
    fake_front_share("c.y", 0.5, 1);
    fake_front_block("c.y", 1);
    pool_drain(f->pool);
    settle(f);
}

static const uint8_t *block_hash(unsigned submit)
{
    return fake_chain.submits[submit].hash;
}

/* A new tip at which the block has so many confirmations. */
static void new_tip(struct fixture *f, uint64_t tip, int64_t confirmations)
{
    fake_chain_status(block_hash(0), confirmations);
    fake_chain_template(tip + 1, DIFFICULTY_1, REWARD, true);
    settle(f);
}

/* --- shares ------------------------------------------------------------------------------------
 */

static void template_becomes_the_rigs_job(void **state)
{
    struct fixture *f = *state;
    static const uint8_t extranonce1[FRONT_EXTRANONCE1] = {[FRONT_SALT] = 7};

    fake_chain_template(5, EASY, REWARD, true);
    assert_int_equal(f->jobs, 1);
    assert_ptr_equal(pool_job(f->pool), f->job);
    assert_true(f->job->clean);
    assert_int_equal(f->job->height, 5);
    assert_int_equal(f->job->plan.extranonce1_len, FRONT_EXTRANONCE1);
    assert_memory_equal(f->job->plan.extranonce1, extranonce1, sizeof extranonce1);
    assert_int_equal(f->job->plan.extranonce2_len, 8);
}

static void share_target_keeps_the_floor_on_an_easier_chain(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct u256 floor = target_from_difficulty(&f->job->algo->diff1, f->config.pool.difficulty.min);
    assert_true(u256_cmp(&f->job->share_target, &floor) <= 0);
}

static void easier_share_target_than_the_networks_comes_from_the_configuration(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    assert_true(u256_cmp(&f->job->share_target, &f->job->block_target) > 0);
    double d = target_difficulty(&f->job->algo->diff1, &f->job->share_target);
    assert_true(d > 0.0019 && d < 0.0021);
}

static void second_template_of_a_tip_does_not_void_the_first(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    (void)job_ref(s.job);
    fake_chain_template(5, EASY, REWARD + 1, false);
    assert_false(f->job->clean);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    job_unref(s.job);
}

static void local_share_is_credited(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    struct pool_view *v = view(f);
    assert_int_equal(v->shares_accepted, 1);
    assert_int_equal(v->worker_count, 1);
    assert_true(v->worker[0].local);
    assert_int_equal(v->worker[0].accepted, 1);
}

static void copied_job_is_recognised_by_its_id(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    s.job = job_copy(f->job);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    job_unref(s.job);
}

static void duplicate_local_share_is_refused(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_DUPLICATE);
    assert_int_equal(view(f)->reject_reasons[REJECT_DUPLICATE], 1);
}

static void same_work_of_two_local_jobs_is_credited_once(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    fake_chain_template(5, EASY, REWARD, false);
    assert_ptr_not_equal(f->job, s.job);
    s.job = f->job;
    assert_int_equal(pool_local_share(f->pool, &s), ERR_DUPLICATE);
}

static void weak_local_share_is_refused(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, false);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_LOW_DIFF);
    assert_int_equal(view(f)->shares_accepted, 0);
}

static void local_share_of_an_earlier_tip_is_stale(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    s.is_block = false;
    (void)job_ref(s.job);
    fake_chain_template(6, EASY, REWARD, true);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_STALE);
    assert_int_equal(view(f)->shares_stale, 1);
    job_unref(s.job);
}

static void late_block_is_submitted_all_the_same(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    (void)job_ref(s.job);
    fake_chain_template(6, EASY, REWARD, true);
    assert_int_equal(pool_local_share(f->pool, &s), ERR_STALE);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    job_unref(s.job);
}

static void second_solution_on_a_parent_is_a_share(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true), second = s;
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    do
        second.nonce++;
    while (share_check(&second, &s.job->share_target, NULL) < 0 || !second.is_block);
    assert_int_equal(pool_local_share(f->pool, &second), 0);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
}

static void late_block_does_not_compete_with_our_own(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true), late = s;
    (void)job_ref(s.job);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    settle(f);
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
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    settle(f);
    fake_chain_status(block_hash(0), 1);
    fake_chain_template(6, EASY, REWARD, true);
    settle(f);
    fake_chain_status(block_hash(0), 0); /* back to its parent, as by invalidateblock */
    fake_chain_template(5, EASY, REWARD, true);
    settle(f);
    uint64_t nonce = s.nonce;
    s = local_share(f, true);
    s.nonce = nonce;
    do
        s.nonce++;
    while (share_check(&s, &f->job->share_target, NULL) < 0 || !s.is_block);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 2);
    assert_ledger_ok(f);
}

static void silent_rig_gets_an_easier_target(void **state)
{
    struct fixture *f = *state;

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
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    fake_front_share("addr.rig1", 2, 3);
    fake_front_stats("addr.rig1", 1, 4);
    pool_drain(f->pool);
    struct pool_view *v = view(f);
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
    struct fixture *f = *state;

    serve(f);
    fake_front_stats("addr.rig1", 1, 0); /* at difficulty 8 */
    pool_drain(f->pool);
    assert_false(view(f)->worker[1].valued);
    fake_chain_template(5, DIFFICULTY_16, REWARD, true);
    assert_true(view(f)->worker[1].valued);
    /* half of 1000003, less 1 % */
    assert_int_equal(view(f)->worker[1].share_value, 495001485000);
}

static void hostile_user_name_is_made_printable(void **state)
{
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(5, DIFFICULTY_1, REWARD, true);
    fake_front_share("a\x1b[2J\xff.r\n", 1, 1);
    pool_drain(f->pool);
    assert_string_equal(view(f)->worker[1].address, "a?[2J?");
    assert_string_equal(view(f)->worker[1].name, "r?");
}

/* --- blocks and money --------------------------------------------------------------------------
 */

static void closed_pool_pays_the_rig_all_of_it(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(5, EASY, REWARD, true);
    struct share s = local_share(f, true);
    assert_int_equal(pool_local_share(f->pool, &s), 0);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(balance(f, "immature", "miner:local"), REWARD);
    assert_int_equal(balance(f, "immature", "fee:"), 0);
    assert_int_equal(view(f)->blocks_found, 1);
    assert_ledger_ok(f);
}

static void found_block_is_shared_exactly(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    /* fee 10000; 990003 by 0.5 (cut), 1 and 0.5 of 2: remainders .75, .5, .75 */
    assert_int_equal(balance(f, "immature", "miner:a"), 247501);
    assert_int_equal(balance(f, "immature", "miner:b"), 495001);
    assert_int_equal(balance(f, "immature", "miner:c"), 247501);
    assert_int_equal(balance(f, "immature", "fee:"), 10000);
    assert_int_equal(balance(f, "coinbase", ""), -(int64_t)REWARD);
    struct pool_view *v = view(f);
    assert_int_equal(v->balance_immature, REWARD);
    assert_int_equal(v->block_count, 1);
    assert_int_equal(v->block[0].state, BLOCK_FOUND);
    assert_string_equal(v->block[0].finder, "c.y");
    assert_ledger_ok(f);
}

static void block_is_sent_and_shown_once_it_is_on_disk(void **state)
{
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_block("c", 1);
    pool_drain(f->pool);
    assert_int_equal(fake_chain.submit_count, 0);
    assert_int_equal(view(f)->block_count, 0);
    assert_true(pool_settling(f->pool));
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(view(f)->block_count, 1);
}

static void finder_without_shares_gets_the_block(void **state)
{
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_block("c", 1);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(balance(f, "immature", "miner:c"), REWARD - 10000);
}

static void block_matures_with_the_same_amounts(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_chain_answer(0, SUBMIT_ACCEPTED, "");
    new_tip(f, 50, 1);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
    new_tip(f, 149, 100);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
    new_tip(f, 150, 101);
    assert_int_equal(view(f)->block[0].state, BLOCK_MATURE);
    assert_int_equal(view(f)->blocks_mature, 1);
    assert_int_equal(balance(f, "miner", "a"), 247501);
    assert_int_equal(balance(f, "miner", "b"), 495001);
    assert_int_equal(balance(f, "miner", "c"), 247501);
    assert_int_equal(balance(f, "fee", ""), 10000);
    assert_int_equal(balance(f, "wallet", ""), -(int64_t)REWARD);
    assert_int_equal(view(f)->balance_immature, 0);
    assert_int_equal(view(f)->balance_owed, REWARD - 10000);
    assert_int_equal(view(f)->balance_fee, 10000);
    assert_ledger_ok(f);
}

static void raw_block_is_dropped_when_it_is_settled(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    struct value hash = value_blob(block_hash(0), 32);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 1);
    new_tip(f, 150, 101);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 1);
    new_tip(f, 180, 131);
    assert_int_equal(rows(f, ST_block_raw_get, hash), 0);
}

static void orphan_is_reversed_only_after_three_blocks_say_so(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    new_tip(f, 50, 1);
    new_tip(f, 51, 0);
    new_tip(f, 52, 0);
    new_tip(f, 53, 0);
    new_tip(f, 54, 0);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
    new_tip(f, 55, 0);
    assert_int_equal(view(f)->block[0].state, BLOCK_ORPHANED);
    assert_int_equal(view(f)->blocks_orphaned, 1);
    assert_int_equal(view(f)->balance_immature, 0);
    assert_int_equal(balance(f, "immature", "miner:a"), 0);
    assert_int_equal(balance(f, "coinbase", ""), 0);
    assert_ledger_ok(f);
}

static void orphan_that_comes_back_is_credited_again(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    for (uint64_t tip = 53; tip < 56; tip++)
        new_tip(f, tip, 0);
    assert_int_equal(view(f)->block[0].state, BLOCK_ORPHANED);
    new_tip(f, 57, 8);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
    assert_int_equal(view(f)->blocks_orphaned, 0);
    assert_int_equal(balance(f, "immature", "miner:b"), 495001);
    new_tip(f, 150, 101);
    assert_int_equal(balance(f, "miner", "b"), 495001);
    assert_ledger_ok(f);
}

static void mature_block_that_is_thrown_out_is_reversed_too(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    new_tip(f, 150, 101);
    for (uint64_t tip = 151; tip < 154; tip++)
        new_tip(f, tip, 0);
    assert_int_equal(view(f)->block[0].state, BLOCK_ORPHANED);
    assert_int_equal(view(f)->balance_owed, 0);
    assert_int_equal(balance(f, "wallet", ""), 0);
    assert_ledger_ok(f);
}

static void unanswered_status_changes_nothing(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    new_tip(f, 50, 1);
    for (uint64_t tip = 53; tip < 60; tip++)
        new_tip(f, tip, -2);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
}

static void rejected_block_is_reversed_with_its_reason(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_chain_answer(0, SUBMIT_REJECTED, "bad-txnmrklroot");
    settle(f);
    assert_int_equal(view(f)->block[0].state, BLOCK_REJECTED);
    assert_string_equal(view(f)->block[0].detail, "bad-txnmrklroot");
    assert_int_equal(view(f)->balance_immature, 0);
    assert_ledger_ok(f);
}

static void rejected_block_that_the_chain_has_is_credited_again(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_chain_answer(0, SUBMIT_REJECTED, "duplicate");
    settle(f);
    new_tip(f, 50, 1);
    assert_int_equal(view(f)->block[0].state, BLOCK_IMMATURE);
    assert_int_equal(view(f)->balance_immature, REWARD);
    assert_ledger_ok(f);
}

static void answer_from_inside_the_submission_is_taken(void **state)
{
    struct fixture *f = *state;

    fake_chain.answer_at_once = true;
    found_block(f);
    assert_int_equal(fake_chain.asked, 1);
    assert_int_equal(view(f)->block_count, 1);
    assert_ledger_ok(f);
}

static void unanswered_submission_is_repeated_with_the_same_bytes(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_chain_answer(0, SUBMIT_UNKNOWN, "no daemon answers");
    blocks_tick(f->pool);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1); /* not yet */
    f->pool->blocks->retry_us = 1;
    blocks_tick(f->pool);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 2);
    assert_int_equal(fake_chain.submits[1].len, fake_chain.submits[0].len);
    assert_memory_equal(fake_chain.submits[1].block, fake_chain.submits[0].block,
                        fake_chain.submits[0].len);
}

static void same_block_twice_is_one_block(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_front_block("c.y", 1);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_int_equal(view(f)->blocks_found, 1);
    assert_int_equal(view(f)->balance_immature, REWARD);
}

static void block_that_only_the_database_knows_is_not_credited_again(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    blocks_fini(f->pool); /* memory has forgotten it */
    f->pool->blocks = NULL;
    fake_front_block("c.y", 1);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(balance(f, "coinbase", ""), -(int64_t)REWARD);
    assert_int_equal(fake_chain.submit_count, 2); /* refused by the database, not by us */
    assert_ledger_ok(f);
}

static void restart_submits_again_and_goes_on(void **state)
{
    struct fixture *f = *state;
    uint8_t hash[32];

    found_block(f);
    memcpy(hash, block_hash(0), 32);
    close_pool(f);
    open_pool(f);
    struct pool_view *v = view(f);
    assert_int_equal(v->block_count, 1);
    assert_int_equal(v->block[0].state, BLOCK_FOUND);
    assert_int_equal(v->balance_immature, REWARD);
    assert_true(v->ledger_ok);
    blocks_tick(f->pool);
    settle(f);
    assert_int_equal(fake_chain.submit_count, 1);
    assert_memory_equal(block_hash(0), hash, 32);
    new_tip(f, 150, 101);
    assert_int_equal(view(f)->block[0].state, BLOCK_MATURE);
    assert_int_equal(balance(f, "miner", "b"), 495001);
    assert_ledger_ok(f);
}

static void restart_after_downtime_sees_the_orphan(void **state)
{
    struct fixture *f = *state;
    uint8_t hash[32];

    found_block(f);
    new_tip(f, 50, 1);
    memcpy(hash, block_hash(0), 32);
    close_pool(f);
    open_pool(f);
    for (uint64_t tip = 60; tip < 63; tip++) {
        fake_chain_status(hash, 0);
        fake_chain_template(tip + 1, DIFFICULTY_1, REWARD, true);
        settle(f);
    }
    assert_int_equal(view(f)->block[0].state, BLOCK_ORPHANED);
    assert_ledger_ok(f);
}

static void restart_keeps_the_reward_window(void **state)
{
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 1, 1);
    fake_front_share("b", 1, 1);
    pool_drain(f->pool);
    close_pool(f);
    open_pool(f);
    serve(f);
    fake_chain_template(51, DIFFICULTY_1, 1000000, true);
    fake_front_block("b", 1);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(balance(f, "immature", "miner:a"), 495000);
    assert_int_equal(balance(f, "immature", "miner:b"), 495000);
    assert_true(view(f)->round_effort < 0.01);
}

static void second_block_shares_the_same_window_again(void **state)
{
    struct fixture *f = *state;

    found_block(f);
    fake_chain_template(51, DIFFICULTY_1, REWARD, true);
    fake_front_block("c.y", 2);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(balance(f, "immature", "miner:a"), 2 * 247501);
    assert_int_equal(balance(f, "immature", "miner:b"), 2 * 495001);
    assert_ledger_ok(f);
}

static void solo_pays_the_finder(void **state)
{
    static char solo[] = "solo";
    struct fixture *f = *state;

    close_pool(f);
    f->config.pool.rewards.system = solo;
    open_pool(f);
    found_block(f);
    assert_int_equal(balance(f, "immature", "miner:c"), REWARD - 10000);
    assert_int_equal(balance(f, "immature", "miner:a"), 0);
    assert_int_equal(balance(f, "immature", "fee:"), 10000);
    assert_ledger_ok(f);
}

static void window_by_time_leaves_out_older_shares(void **state)
{
    struct fixture *f = *state;
    int64_t now = wall_ms();

    close_pool(f);
    f->config.pool.rewards.window_us = 600 * SECOND_US;
    open_pool(f);
    serve(f);
    fake_chain_template(50, DIFFICULTY_1, 1000000, true);
    fake_front_share_at("old", 5, 1, now - 700000);
    fake_front_share_at("a", 1, 1, now - 300000);
    fake_front_share_at("b", 3, 1, now);
    fake_front_block("b", 1);
    pool_drain(f->pool);
    settle(f);
    assert_int_equal(balance(f, "immature", "miner:old"), 0);
    assert_int_equal(balance(f, "immature", "miner:a"), 247500);
    assert_int_equal(balance(f, "immature", "miner:b"), 742500);
    assert_ledger_ok(f);
}

static void solo_shares_of_the_closed_pool_are_not_in_the_window(void **state)
{
    struct fixture *f = *state;

    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    pool_credit(f->pool, f->pool->local, 100, 1, wall_ms());
    found_block(f);
    assert_int_equal(balance(f, "immature", "miner:local"), 0);
    assert_int_equal(balance(f, "immature", "miner:b"), 495001);
}

static void effort_survives_a_restart(void **state)
{
    struct fixture *f = *state;

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 0.25, 2);
    pool_drain(f->pool);
    assert_true(view(f)->round_effort > 0.49 && view(f)->round_effort < 0.51);
    close_pool(f);
    open_pool(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    assert_true(view(f)->round_effort > 0.49 && view(f)->round_effort < 0.51);
}

/* --- the server --------------------------------------------------------------------------------
 */

static void busy_port_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};

    fake_front.refuse = UV_EADDRINUSE;
    assert_int_equal(pool_serve(f->pool, true, &why), UV_EADDRINUSE);
    assert_string_equal(why.text, "the port is busy");
    assert_false(pool_serving(f->pool));
    fake_front.refuse = 0;
}

static void opening_hands_the_present_job_to_the_front(void **state)
{
    struct fixture *f = *state;
    static const uint8_t zero[4] = {0};

    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    serve(f);
    assert_non_null(fake_front.job);
    assert_int_equal(fake_front.job->height, 50);
    assert_memory_equal(fake_front.job->plan.extranonce1, zero, 4);
    assert_string_equal(view(f)->scheme, "pplns");
}

static void closing_credits_what_was_on_its_way(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    fake_front.count = fake_front.next = 0;
    fake_front_share("late", 1, 1); /* still comes, before the front says that it has stopped */
    fake_front.events[fake_front.count++] = (struct event){.type = EV_FRONT_STOPPED};
    pool_drain(f->pool);
    assert_int_equal(view(f)->shares_accepted, 1);
    assert_string_equal(view(f)->scheme, "solo");
    assert_false(fake_front.running);
}

static void last_words_of_a_closing_front_are_the_pools(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};

    serve(f);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a", 1, 1);
    pool_drain(f->pool);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    fake_front.count = fake_front.next = 0;
    fake_front_share("late", 1, 1);
    fake_front_block("late", 1);
    pool_drain(f->pool);
    settle(f);
    assert_true(balance(f, "immature", "fee:") > 0);
    assert_true(balance(f, "immature", "miner:a") > 0);
    assert_true(balance(f, "immature", "miner:late") > 0);
    assert_ledger_ok(f);
}

static void reopening_waits_for_the_old_front(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};

    serve(f);
    assert_int_equal(pool_serve(f->pool, false, &why), 0);
    serve(f);
    assert_true(pool_serving(f->pool));
    assert_true(fake_front.running);
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void refuses(struct fixture *f, const char *word)
{
    const struct pool_setup setup = setup_of(f, (struct pool_callbacks){0});
    struct pool *pool;
    struct fault why = {0};

    assert_true(pool_new_on(&fake_parts, &setup, &pool, &why) < 0);
    assert_non_null(strstr(why.text, word));
}

static void real_coin_needs_a_payout_address(void **state)
{
    static char litecoin[] = "litecoin";
    struct fixture *f = *state;

    f->config.pool.coin = litecoin;
    refuses(f, "pool.payout_address");
}

static void unknown_coin_is_named(void **state)
{
    static char coin[] = "nocoin";
    struct fixture *f = *state;

    f->config.pool.coin = coin;
    refuses(f, "nocoin");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
        T(closed_pool_pays_the_rig_all_of_it),
        T(found_block_is_shared_exactly),
        T(block_is_sent_and_shown_once_it_is_on_disk),
        T(finder_without_shares_gets_the_block),
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
        T(restart_keeps_the_reward_window),
        T(second_block_shares_the_same_window_again),
        T(solo_pays_the_finder),
        T(window_by_time_leaves_out_older_shares),
        T(solo_shares_of_the_closed_pool_are_not_in_the_window),
        T(effort_survives_a_restart),
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

/* SPDX-License-Identifier: MIT */
/* The pool of algorithms with datasets: what its jobs carry, what it says when a dataset cannot be
 * had, shares that are not hashed twice, and several pools on one store. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/hasher.h"
#include "base/clock.h"
#include "core/target.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/pool_parts.h"

enum { EASY = 0x2003ffff, /* 64 hashes */ HARD = 0x1d00ffff };
static const uint64_t REWARD = 1000003;

struct rig { /* a pool and the job its devices have */
    struct pool *pool;
    struct job *job;
};

struct fixture {
    struct config config;
    uv_loop_t loop;
    uv_async_t bell;
    struct store *store;
    struct datasets *datasets;
    struct hasher hasher; /* the devices' */
    struct rig a, b;
};

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

static void on_job(void *arg, struct job *job)
{
    struct rig *r = arg;

    job_unref(r->job);
    r->job = job_ref(job);
}

static struct pool_setup setup_of(struct fixture *f, const struct algo *algo, struct rig *r)
{
    return (struct pool_setup){
        .config = &f->config,
        .algo = algo,
        .datasets = f->datasets,
        .store = f->store,
        .loop = &f->loop,
        .bell = &f->bell,
        .callbacks = {.job = on_job, .arg = r},
    };
}

/* On the chain that the test drives. */
static void open_pool(struct fixture *f, const struct algo *algo)
{
    struct fault why = {.text = ""};
    const struct pool_setup setup = setup_of(f, algo, &f->a);

    hasher_fini(&f->hasher);
    hasher_init(&f->hasher, algo, f->datasets);
    if (pool_new_on(&fake_parts, &setup, &f->a.pool, &why) < 0)
        fail_msg("%s", why.text);
}

static void serve(struct fixture *f)
{
    assert_int_equal(pool_serve(f->a.pool, true, NULL), 0);
}

/* On a devnet. */
static void open_devnet(struct fixture *f, const struct algo *algo, struct rig *r)
{
    struct fault why = {.text = ""};
    const struct pool_setup setup = setup_of(f, algo, r);

    if (pool_new(&setup, &r->pool, &why) < 0)
        fail_msg("%s", why.text);
}

static void close_rig(struct rig *r)
{
    pool_free(r->pool);
    job_unref(r->job);
    *r = (struct rig){0};
}

static int setup(void **state)
{
    static char empty[] = "", address[] = "127.0.0.1:0", coin[] = "devnet", network[] = "regtest";
    static char algorithm[] = "sha256d", pplns[] = "pplns";
    struct fixture *f = xcalloc(1, sizeof *f);
    const struct datasets_options datasets = {.memory_max = 1 << 20};

    fake_chain = (struct fake_chain){0};
    f->config.mining.algorithm = algorithm;
    f->config.pool.address = address;
    f->config.pool.coin = coin;
    f->config.pool.network = network;
    f->config.pool.payout_address = f->config.pool.coinbase_text = empty;
    f->config.pool.fee_bp = 100;
    f->config.pool.max_connections = 8;
    f->config.pool.rewards.system = pplns;
    f->config.pool.rewards.factor = 2;
    f->config.pool.devnet.block_interval_us = 10 * SECOND_US;
    assert_int_equal(uv_loop_init(&f->loop), 0);
    assert_int_equal(uv_async_init(&f->loop, &f->bell, on_bell), 0);
    f->datasets = datasets_new(&datasets);
    *state = f;
    return store_open(":memory:", &f->bell, &f->store, NULL);
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    atomic_store(&fake_dataset_held, false);
    atomic_store(&fake_dataset_broken, false);
    close_rig(&f->a);
    close_rig(&f->b);
    store_close(f->store);
    hasher_fini(&f->hasher);
    datasets_free(f->datasets);
    uv_close((uv_handle_t *)&f->bell, NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&f->loop), 0);
    free(f);
    return 0;
}

static struct pool_view *view(struct pool *pool)
{
    static struct pool_view v;

    pool_view(pool, &v);
    return &v;
}

static void settle(struct fixture *f)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_query(f->store, ST_schema_version, NULL, 0, NULL, NULL), 0);
        store_drain(f->store);
    }
}

/* A share as a device makes it: checked, with its hash. */
static struct share find_share(struct hasher *h, struct job *job, uint64_t first)
{
    struct share s = {
        .job = job,
        .extranonce1_len = job->plan.extranonce1_len,
        .extranonce2_len = job->plan.extranonce2_len,
        .version = job->plan.version,
        .ntime = job->plan.ntime,
        .nonce = first,
    };

    memcpy(s.extranonce1, job->plan.extranonce1, s.extranonce1_len);
    while (hasher_ready(h, &job->key, NULL) == -EAGAIN)
        sleep_us(500);
    while (share_check(&s, &job->share_target, h->ctx) != 0)
        s.nonce++;
    return s;
}

static void print_fault(void *arg, const char *text)
{
    (void)arg;
    print_message("%s\n", text);
}

/* --- datasets ----------------------------------------------------------------------------------
 */

static unsigned users_of(struct fixture *f, const char *title)
{
    struct dataset_view v[8];
    unsigned n = datasets_view(f->datasets, v, 8), users = 0;

    for (unsigned i = 0; i < n; i++)
        if (!strcmp(v[i].title, title))
            users = v[i].users;
    return users;
}

/* So many, once the thread that makes it has let it go. */
static void assert_users(struct fixture *f, const char *title, unsigned users)
{
    for (int i = 0; i < 5000 && users_of(f, title) != users; i++)
        sleep_us(1000);
    assert_int_equal(users_of(f, title), users);
}

static void jobs_carry_their_key_and_its_dataset(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    serve(f);
    fake_chain_template(7, EASY, REWARD, true);
    assert_ptr_equal(f->a.job->form, &form_sealed);
    assert_int_equal(f->a.job->key.height, 7);
    assert_true(dataset_fits(f->a.job->dataset, &fake_sealer, &f->a.job->key));
}

static void dataset_of_the_next_epoch_is_made_ahead(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    serve(f);
    fake_chain_template(FAKE_EPOCH - 101, EASY, REWARD, true);
    assert_int_equal(users_of(f, "fake 1"), 0);
    fake_chain_template(FAKE_EPOCH - 100, EASY, REWARD, true);
    assert_users(f, "fake 1", 2); /* the list and the pool */
    fake_chain_template(FAKE_EPOCH, EASY, REWARD, true);
    assert_true(dataset_fits(f->a.job->dataset, &fake_sealer, &f->a.job->key));
}

static void dataset_that_cannot_be_made_is_told_until_it_is_there(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    serve(f);
    atomic_store(&fake_dataset_broken, true);
    fake_chain_template(7, EASY, REWARD, true);
    while (dataset_state(f->a.job->dataset) == DATASET_PREPARING)
        sleep_us(500);
    datasets_look(f->a.pool);
    assert_string_equal(view(f->a.pool)->problem, "the fake dataset is broken");
    atomic_store(&fake_dataset_broken, false);
    fake_chain_template(7, EASY, REWARD, false);
    while (dataset_state(f->a.job->dataset) == DATASET_PREPARING)
        sleep_us(500);
    datasets_look(f->a.pool);
    assert_non_null(strstr(view(f->a.pool)->problem, "no Stratum dialect"));
}

static void height_without_a_dataset_is_told(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    serve(f);
    fake_chain_template(UINT64_C(1) << 33, EASY, REWARD, true);
    assert_null(f->a.job->dataset);
    assert_non_null(strstr(view(f->a.pool)->problem, "past the last epoch"));
}

static void missing_datasets_are_told(void **state)
{
    struct fixture *f = *state;
    struct pool_setup setup = setup_of(f, &fake_sealer, &f->a);

    setup.datasets = NULL;
    assert_int_equal(pool_new_on(&fake_parts, &setup, &f->a.pool, NULL), 0);
    serve(f);
    fake_chain_template(7, EASY, REWARD, true);
    assert_non_null(strstr(view(f->a.pool)->problem, "keeps no datasets"));
}

static void closed_pool_holds_no_dataset(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD, true);
    assert_null(f->a.job->dataset);
    serve(f);
    assert_users(f, "fake 0", 2);
    assert_int_equal(pool_serve(f->a.pool, false, NULL), 0);
    assert_users(f, "fake 0", 1); /* the list's own */
}

/* --- shares ------------------------------------------------------------------------------------
 */

static void local_share_is_credited_without_another_hash(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD, true);
    struct share s = find_share(&f->hasher, f->a.job, 0);
    unsigned before = atomic_load(&fake_dataset_hashes);
    assert_int_equal(pool_local_share(f->a.pool, &s), 0);
    assert_int_equal(pool_local_share(f->a.pool, &s), ERR_DUPLICATE);
    settle(f);
    assert_int_equal(atomic_load(&fake_dataset_hashes), before);
    assert_int_equal(view(f->a.pool)->shares_accepted, 1);
    assert_int_equal(fake_chain.submit_count, 1); /* it was a block */
}

static void share_whose_header_is_not_the_jobs_is_refused(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD, true);
    struct share s = find_share(&f->hasher, f->a.job, 0), other = s;
    other.nonce++;
    assert_int_equal(pool_local_share(f->a.pool, &other), ERR_FIELD);
    other = s;
    other.mix[5] ^= 1;
    assert_int_equal(pool_local_share(f->a.pool, &other), ERR_FIELD);
    assert_int_equal(view(f->a.pool)->shares_accepted, 0);
}

static void share_of_a_pool_that_was_closed_is_not_taken_for_a_new_ones(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD, true);
    struct share s = find_share(&f->hasher, f->a.job, 0);
    (void)job_ref(s.job);
    close_rig(&f->a);
    settle(f);
    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD + 1, true); /* the ids begin anew */
    assert_string_equal(f->a.job->id, s.job->id);
    assert_int_equal(pool_local_share(f->a.pool, &s), ERR_FIELD);
    job_unref(s.job);
}

static void first_share_takes_a_slow_core_seconds(void **state)
{
    struct fixture *f = *state;
    static const struct algo *const both[] = {&fake_sealer, &fake_blobber};

    for (unsigned i = 0; i < 2; i++) {
        open_pool(f, both[i]);
        fake_chain_template(7, HARD, REWARD, true);
        assert_true(fabs(target_hashes(&f->a.job->share_target) - 64) < 1);
        close_rig(&f->a);
    }
}

static void configured_difficulty_goes_before(void **state)
{
    struct fixture *f = *state;

    f->config.pool.difficulty.start = 4000;
    f->config.pool.difficulty.min = 512;
    open_pool(f, &fake_blobber);
    fake_chain_template(7, HARD, REWARD, true);
    assert_true(fabs(target_hashes(&f->a.job->share_target) - 4000) < 1);
}

static void small_shares_weigh_what_they_cost(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    double one = target_hashes(&fake_sealer.diff1);
    assert_int_equal(pool_work(f->a.pool, 64 / one), 64);
    assert_int_equal(pool_work(f->a.pool, 65536 / one), 65536);
    close_rig(&f->a);
    open_pool(f, NULL); /* sha256d: millionths */
    assert_int_equal(pool_work(f->a.pool, 0.002), 2000);
}

/* --- without a dialect -------------------------------------------------------------------------
 */

static void pool_without_a_dialect_serves_the_rig_under_its_scheme(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, EASY, REWARD, true);
    serve(f);
    struct pool_view *v = view(f->a.pool);
    assert_true(v->serving);
    assert_false(fake_front.running);
    assert_string_equal(v->address, "");
    assert_non_null(strstr(v->problem, "no Stratum dialect for sealer"));
    assert_string_equal(v->scheme, "pplns");
    struct share s = find_share(&f->hasher, f->a.job, 0);
    assert_int_equal(pool_local_share(f->a.pool, &s), 0);
    settle(f);
    assert_int_equal(view(f->a.pool)->blocks_found, 1);
    assert_int_equal(ledger_check(f->store, print_fault, NULL), 0);
    assert_int_equal(pool_serve(f->a.pool, false, NULL), 0);
    assert_string_equal(view(f->a.pool)->problem, "");
    assert_string_equal(view(f->a.pool)->scheme, "solo");
}

/* --- several pools -----------------------------------------------------------------------------
 */

static void run(struct fixture *f)
{
    (void)uv_run(&f->loop, UV_RUN_NOWAIT);
    store_drain(f->store);
}

static void wait_job(struct fixture *f, struct rig *r)
{
    while (!r->job)
        run(f);
}

/* Mines a block and waits until the chain has taken it. */
static void mine_block(struct fixture *f, struct rig *r, struct hasher *h)
{
    uint64_t height = r->job->height;
    struct job *job = job_ref(r->job);
    struct share s = find_share(h, job, 0);

    while (!s.is_block)
        s = find_share(h, job, s.nonce + 1);
    assert_int_equal(pool_local_share(r->pool, &s), 0);
    for (int i = 0; i < 5000 && r->job->height == height; i++, sleep_us(500))
        run(f);
    assert_int_equal(r->job->height, height + 1);
    job_unref(job);
}

static void mine_both(struct fixture *f, unsigned blocks)
{
    struct hasher a, b;

    hasher_init(&a, &fake_sealer, f->datasets);
    hasher_init(&b, &fake_blobber, f->datasets);
    wait_job(f, &f->a);
    wait_job(f, &f->b);
    for (unsigned i = 0; i < blocks; i++) {
        mine_block(f, &f->a, &a);
        mine_block(f, &f->b, &b);
    }
    settle(f);
    hasher_fini(&a);
    hasher_fini(&b);
}

static void two_pools_share_a_store_without_a_clash(void **state)
{
    struct fixture *f = *state;

    open_devnet(f, &fake_sealer, &f->a);
    open_devnet(f, &fake_blobber, &f->b);
    serve(f);
    mine_both(f, 3);
    assert_int_equal(view(f->a.pool)->blocks_found, 3);
    assert_int_equal(view(f->b.pool)->blocks_found, 3);
    assert_true(view(f->a.pool)->ledger_ok && view(f->b.pool)->ledger_ok);
    assert_int_equal(ledger_check(f->store, print_fault, NULL), 0);
}

static void pools_close_and_open_again_beside_each_other(void **state)
{
    struct fixture *f = *state;

    open_devnet(f, &fake_sealer, &f->a);
    open_devnet(f, &fake_blobber, &f->b);
    mine_both(f, 2);
    close_rig(&f->a); /* the other goes on */
    open_devnet(f, &fake_sealer, &f->a);
    mine_both(f, 2);
    close_rig(&f->b);
    close_rig(&f->a);
    open_devnet(f, &fake_blobber, &f->b);
    open_devnet(f, &fake_sealer, &f->a);
    mine_both(f, 1);
    assert_int_equal(view(f->a.pool)->blocks_found, 5);
    assert_int_equal(view(f->b.pool)->blocks_found, 5);
    assert_int_equal(f->a.job->height, 6);
    assert_int_equal(f->b.job->height, 6);
    assert_int_equal(ledger_check(f->store, print_fault, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(jobs_carry_their_key_and_its_dataset),
        TEST(dataset_of_the_next_epoch_is_made_ahead),
        TEST(dataset_that_cannot_be_made_is_told_until_it_is_there),
        TEST(height_without_a_dataset_is_told),
        TEST(missing_datasets_are_told),
        TEST(closed_pool_holds_no_dataset),
        TEST(local_share_is_credited_without_another_hash),
        TEST(share_whose_header_is_not_the_jobs_is_refused),
        TEST(share_of_a_pool_that_was_closed_is_not_taken_for_a_new_ones),
        TEST(first_share_takes_a_slow_core_seconds),
        TEST(configured_difficulty_goes_before),
        TEST(small_shares_weigh_what_they_cost),
        TEST(pool_without_a_dialect_serves_the_rig_under_its_scheme),
        TEST(two_pools_share_a_store_without_a_clash),
        TEST(pools_close_and_open_again_beside_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The pool of algorithms with datasets: what its jobs carry, what it says when a dataset cannot be
 * had, and shares that are not hashed twice. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/hasher.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "core/target.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/pool_rig.h"

enum { SOME = 0x2003ffff /* a target that 64 hashes meet */ };

struct fixture {
    struct pool_rig *rig;
    struct hasher hasher; /* the devices' */
};

static void open_pool(struct fixture *f, const struct algo *algo)
{
    f->rig->algo = algo;
    hasher_fini(&f->hasher);
    hasher_init(&f->hasher, algo, f->rig->datasets);
    pool_rig_open(f->rig);
}

/* The pool alone: the store stays open. */
static void close_pool(struct fixture *f)
{
    pool_free(f->rig->pool);
    job_unref(f->rig->job);
    f->rig->pool = NULL;
    f->rig->job = NULL;
}

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);

    f->rig = pool_rig_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    atomic_store(&fake_dataset_held, false);
    atomic_store(&fake_dataset_broken, false);
    hasher_fini(&f->hasher);
    pool_rig_free(f->rig);
    free(f);
    return 0;
}

/* --- datasets ----------------------------------------------------------------------------------
 */

static unsigned users_of(struct fixture *f, const char *title)
{
    struct dataset_view v[8];
    unsigned n = datasets_view(f->rig->datasets, v, 8), users = 0;

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
    pool_rig_serve(f->rig);
    fake_chain_template(7, SOME, REWARD, true);
    assert_ptr_equal(f->rig->job->form, &form_sealed);
    assert_int_equal(f->rig->job->key.height, 7);
    assert_true(dataset_fits(f->rig->job->dataset, &fake_sealer, &f->rig->job->key));
}

static void dataset_of_the_next_epoch_is_made_ahead(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    pool_rig_serve(f->rig);
    fake_chain_template(FAKE_EPOCH - 101, SOME, REWARD, true);
    assert_int_equal(users_of(f, "fake 1"), 0);
    fake_chain_template(FAKE_EPOCH - 100, SOME, REWARD, true);
    assert_users(f, "fake 1", 2); /* the list and the pool */
    fake_chain_template(FAKE_EPOCH, SOME, REWARD, true);
    assert_true(dataset_fits(f->rig->job->dataset, &fake_sealer, &f->rig->job->key));
}

static void dataset_that_cannot_be_made_is_told_until_it_is_there(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    pool_rig_serve(f->rig);
    atomic_store(&fake_dataset_broken, true);
    fake_chain_template(7, SOME, REWARD, true);
    while (dataset_state(f->rig->job->dataset) == DATASET_PREPARING)
        sleep_us(500);
    datasets_look(f->rig->pool);
    assert_string_equal(pool_rig_view(f->rig)->problem, "the fake dataset is broken");
    atomic_store(&fake_dataset_broken, false);
    fake_chain_template(7, SOME, REWARD, false);
    while (dataset_state(f->rig->job->dataset) == DATASET_PREPARING)
        sleep_us(500);
    datasets_look(f->rig->pool);
    assert_non_null(strstr(pool_rig_view(f->rig)->problem, "no Stratum dialect"));
}

static void height_without_a_dataset_is_told(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    pool_rig_serve(f->rig);
    fake_chain_template(UINT64_C(1) << 33, SOME, REWARD, true);
    assert_null(f->rig->job->dataset);
    assert_non_null(strstr(pool_rig_view(f->rig)->problem, "past the last epoch"));
}

static void missing_datasets_are_told(void **state)
{
    struct fixture *f = *state;
    struct datasets *kept = f->rig->datasets;

    f->rig->datasets = NULL;
    open_pool(f, &fake_sealer);
    f->rig->datasets = kept;
    pool_rig_serve(f->rig);
    fake_chain_template(7, SOME, REWARD, true);
    assert_non_null(strstr(pool_rig_view(f->rig)->problem, "keeps no datasets"));
}

static void closed_pool_holds_no_dataset(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD, true);
    assert_null(f->rig->job->dataset);
    pool_rig_serve(f->rig);
    assert_users(f, "fake 0", 2);
    assert_int_equal(pool_serve(f->rig->pool, false, NULL), 0);
    assert_users(f, "fake 0", 1); /* the list's own */
}

/* --- shares ------------------------------------------------------------------------------------
 */

static void local_share_is_credited_without_another_hash(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD, true);
    struct share s = pool_rig_hash_share(&f->hasher, f->rig->job, 0);
    unsigned before = atomic_load(&fake_dataset_hashes);
    assert_int_equal(pool_local_share(f->rig->pool, &s), 0);
    assert_int_equal(pool_local_share(f->rig->pool, &s), ERR_DUPLICATE);
    pool_rig_settle(f->rig);
    assert_int_equal(atomic_load(&fake_dataset_hashes), before);
    assert_int_equal(pool_rig_view(f->rig)->shares_accepted, 1);
    assert_int_equal(fake_chain.submit_count, 1); /* it was a block */
}

static void share_whose_header_is_not_the_jobs_is_refused(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD, true);
    struct share s = pool_rig_hash_share(&f->hasher, f->rig->job, 0), other = s;
    other.nonce++;
    assert_int_equal(pool_local_share(f->rig->pool, &other), ERR_FIELD);
    other = s;
    other.mix[5] ^= 1;
    assert_int_equal(pool_local_share(f->rig->pool, &other), ERR_FIELD);
    assert_int_equal(pool_rig_view(f->rig)->shares_accepted, 0);
}

static void share_of_a_pool_that_was_closed_is_not_taken_for_a_new_ones(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD, true);
    struct share s = pool_rig_hash_share(&f->hasher, f->rig->job, 0);
    (void)job_ref(s.job);
    close_pool(f);
    pool_rig_settle(f->rig);
    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD + 1, true); /* the ids begin anew */
    assert_string_equal(f->rig->job->id, s.job->id);
    assert_int_equal(pool_local_share(f->rig->pool, &s), ERR_FIELD);
    job_unref(s.job);
}

static void first_share_takes_a_slow_core_seconds(void **state)
{
    struct fixture *f = *state;
    static const struct algo *const both[] = {&fake_sealer, &fake_blobber};

    for (unsigned i = 0; i < 2; i++) {
        open_pool(f, both[i]);
        fake_chain_template(7, DIFFICULTY_1, REWARD, true);
        assert_true(fabs(target_hashes(&f->rig->job->share_target) - 64) < 1);
        close_pool(f);
    }
}

static void configured_difficulty_goes_before(void **state)
{
    struct fixture *f = *state;

    f->rig->config.pool.difficulty.start = 4000;
    f->rig->config.pool.difficulty.min = 512;
    open_pool(f, &fake_blobber);
    fake_chain_template(7, DIFFICULTY_1, REWARD, true);
    assert_true(fabs(target_hashes(&f->rig->job->share_target) - 4000) < 1);
}

static void small_shares_weigh_what_they_cost(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    double one = target_hashes(&fake_sealer.diff1);
    assert_int_equal(pool_work(f->rig->pool, 64 / one), 64);
    assert_int_equal(pool_work(f->rig->pool, 65536 / one), 65536);
    close_pool(f);
    open_pool(f, NULL); /* sha256d: millionths */
    assert_int_equal(pool_work(f->rig->pool, 0.002), 2000);
}

/* --- without a dialect -------------------------------------------------------------------------
 */

static void pool_without_a_dialect_serves_the_rig_under_its_scheme(void **state)
{
    struct fixture *f = *state;

    open_pool(f, &fake_sealer);
    fake_chain_template(7, SOME, REWARD, true);
    pool_rig_serve(f->rig);
    struct pool_view *v = pool_rig_view(f->rig);
    assert_true(v->serving);
    assert_false(fake_front.running);
    assert_string_equal(v->address, "");
    assert_non_null(strstr(v->problem, "no Stratum dialect for sealer"));
    assert_string_equal(v->scheme, "pplns");
    struct share s = pool_rig_hash_share(&f->hasher, f->rig->job, 0);
    assert_int_equal(pool_local_share(f->rig->pool, &s), 0);
    pool_rig_settle(f->rig);
    assert_int_equal(pool_rig_view(f->rig)->blocks_found, 1);
    pool_rig_assert_ledger(f->rig);
    assert_int_equal(pool_serve(f->rig->pool, false, NULL), 0);
    assert_string_equal(pool_rig_view(f->rig)->problem, "");
    assert_string_equal(pool_rig_view(f->rig)->scheme, "solo");
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

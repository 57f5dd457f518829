/* SPDX-License-Identifier: MIT */
/* Several pools on one store, each on a devnet of its own: none is in another's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/pool_rig.h"

struct seat { /* a pool and the job its devices have */
    struct pool *pool;
    struct job *job;
};

struct fixture {
    struct pool_rig *rig; /* what the pools share */
    struct seat a, b;
};

static void on_job(void *arg, struct job *job)
{
    struct seat *seat = arg;

    job_unref(seat->job);
    seat->job = job_ref(job);
}

static void open_devnet(struct fixture *f, const struct algo *algo, struct seat *seat)
{
    struct fault why = {.text = ""};

    f->rig->algo = algo;
    const struct pool_setup setup =
        pool_rig_options(f->rig, (struct pool_callbacks){.job = on_job, .arg = seat});
    if (pool_new(&setup, &seat->pool, &why) < 0)
        fail_msg("%s", why.text);
}

static void close_seat(struct seat *seat)
{
    pool_free(seat->pool);
    job_unref(seat->job);
    *seat = (struct seat){0};
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

    close_seat(&f->a);
    close_seat(&f->b);
    pool_rig_free(f->rig);
    free(f);
    return 0;
}

static struct pool_view *view(const struct seat *seat)
{
    static struct pool_view v;

    pool_view(seat->pool, &v);
    return &v;
}

static void run(struct fixture *f)
{
    (void)uv_run(&f->rig->loop, UV_RUN_NOWAIT);
    store_drain(f->rig->store);
}

static void wait_job(struct fixture *f, const struct seat *seat)
{
    while (!seat->job)
        run(f);
}

/* Mines a block and waits until the chain has taken it. */
static void mine_block(struct fixture *f, struct seat *seat, struct hasher *h)
{
    uint64_t height = seat->job->height;
    struct job *job = job_ref(seat->job);
    struct share s = pool_rig_hash_share(h, job, 0);

    while (!s.is_block)
        s = pool_rig_hash_share(h, job, s.nonce + 1);
    assert_int_equal(pool_local_share(seat->pool, &s), 0);
    for (int i = 0; i < 5000 && seat->job->height == height; i++, sleep_us(500))
        run(f);
    assert_int_equal(seat->job->height, height + 1);
    job_unref(job);
}

static void mine_both(struct fixture *f, unsigned blocks)
{
    struct hasher a, b;

    hasher_init(&a, &fake_sealer, f->rig->datasets);
    hasher_init(&b, &fake_blobber, f->rig->datasets);
    wait_job(f, &f->a);
    wait_job(f, &f->b);
    for (unsigned i = 0; i < blocks; i++) {
        mine_block(f, &f->a, &a);
        mine_block(f, &f->b, &b);
    }
    pool_rig_settle(f->rig);
    hasher_fini(&a);
    hasher_fini(&b);
}

static void two_pools_share_a_store_without_a_clash(void **state)
{
    struct fixture *f = *state;

    open_devnet(f, &fake_sealer, &f->a);
    open_devnet(f, &fake_blobber, &f->b);
    assert_int_equal(pool_serve(f->a.pool, true, NULL), 0);
    mine_both(f, 3);
    assert_int_equal(view(&f->a)->blocks_found, 3);
    assert_int_equal(view(&f->b)->blocks_found, 3);
    assert_true(view(&f->a)->ledger_ok && view(&f->b)->ledger_ok);
    pool_rig_assert_ledger(f->rig);
}

static void pools_close_and_open_again_beside_each_other(void **state)
{
    struct fixture *f = *state;

    open_devnet(f, &fake_sealer, &f->a);
    open_devnet(f, &fake_blobber, &f->b);
    mine_both(f, 2);
    close_seat(&f->a); /* the other goes on */
    open_devnet(f, &fake_sealer, &f->a);
    mine_both(f, 2);
    close_seat(&f->b);
    close_seat(&f->a);
    open_devnet(f, &fake_blobber, &f->b);
    open_devnet(f, &fake_sealer, &f->a);
    mine_both(f, 1);
    assert_int_equal(view(&f->a)->blocks_found, 5);
    assert_int_equal(view(&f->b)->blocks_found, 5);
    assert_int_equal(f->a.job->height, 6);
    assert_int_equal(f->b.job->height, 6);
    pool_rig_assert_ledger(f->rig);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(two_pools_share_a_store_without_a_clash),
        TEST(pools_close_and_open_again_beside_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

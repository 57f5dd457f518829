/* SPDX-License-Identifier: MIT */
/* The rig of the pool's tests. */
#include "tests/fake/pool_rig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

static void on_job(void *arg, struct job *job)
{
    struct pool_rig *r = arg;

    job_unref(r->job);
    r->job = job_ref(job);
    r->jobs++;
}

void pool_rig_config(struct config *config)
{
    static char empty[] = "", address[] = "127.0.0.1:0", coin[] = "devnet", network[] = "regtest";
    static char algorithm[] = "sha256d", pplns[] = "pplns";

    config->mining.algorithm = algorithm;
    config->pool.address = address;
    config->pool.coin = coin;
    config->pool.network = network;
    config->pool.payout_address = config->pool.coinbase_text = empty;
    config->pool.fee_bp = 100;
    config->pool.max_connections = 8;
    config->pool.rewards.system = pplns;
    config->pool.rewards.factor = 2;
    config->pool.devnet.block_interval_us = 10 * SECOND_US;
}

struct pool_setup pool_rig_options(struct pool_rig *r, struct pool_callbacks callbacks)
{
    return (struct pool_setup){
        .config = &r->config,
        .algo = r->algo,
        .datasets = r->datasets,
        .store = r->store,
        .loop = &r->loop,
        .bell = &r->bell,
        .callbacks = callbacks,
    };
}

static void open_store(struct pool_rig *r)
{
    struct fault why = {0};

    if (!r->store && store_open(r->path, &r->bell, &r->store, &why) < 0)
        fail_msg("%s", why.text);
}

void pool_rig_open(struct pool_rig *r)
{
    struct fault why = {0};

    open_store(r);
    const struct pool_setup setup =
        pool_rig_options(r, (struct pool_callbacks){.job = on_job, .arg = r});
    if (pool_new_on(&fake_parts, &setup, &r->pool, &why) < 0)
        fail_msg("%s", why.text);
}

void pool_rig_close(struct pool_rig *r)
{
    pool_free(r->pool);
    r->pool = NULL;
    store_close(r->store);
    r->store = NULL;
}

struct pool_rig *pool_rig_new(void)
{
    struct pool_rig *r = xcalloc(1, sizeof *r);

    fake_chain = (struct fake_chain){0};
    assert_int_equal(folder_make(r->dir), 0);
    (void)snprintf(r->path, sizeof r->path, "%s/pool.db", r->dir);
    pool_rig_config(&r->config);
    r->datasets = datasets_new(&(struct datasets_options){.memory_max = 1 << 20});
    assert_int_equal(uv_loop_init(&r->loop), 0);
    assert_int_equal(uv_async_init(&r->loop, &r->bell, on_bell), 0);
    open_store(r);
    return r;
}

void pool_rig_free(struct pool_rig *r)
{
    pool_rig_close(r);
    job_unref(r->job);
    uv_close((uv_handle_t *)&r->bell, NULL);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    assert_int_equal(folder_remove(r->dir), 0);
    datasets_free(r->datasets);
    free(r);
}

int pool_rig_setup(void **state)
{
    struct pool_rig *r = pool_rig_new();

    r->config.pool.node_id = 7;
    r->config.pool.difficulty.start = 0.002;
    r->config.pool.difficulty.min = 2e-6;
    pool_rig_open(r);
    *state = r;
    return 0;
}

int pool_rig_teardown(void **state)
{
    pool_rig_free(*state);
    return 0;
}

void pool_rig_serve(struct pool_rig *r)
{
    struct fault why = {0};

    assert_int_equal(pool_serve(r->pool, true, &why), 0);
}

void pool_rig_settle(struct pool_rig *r)
{
    for (int i = 0; i < 3; i++) {
        assert_int_equal(store_query(r->store, ST_schema_version, NULL, 0, NULL, NULL), 0);
        store_drain(r->store);
    }
}

struct pool_view *pool_rig_view(struct pool_rig *r)
{
    static struct pool_view v;

    pool_view(r->pool, &v);
    return &v;
}

static struct share share_of(struct job *job)
{
    const struct block_plan *plan = &job->plan;
    struct share s = {
        .job = job,
        .extranonce1_len = plan->extranonce1_len,
        .extranonce2_len = plan->extranonce2_len,
        .version = plan->version,
        .ntime = plan->ntime,
    };

    memcpy(s.extranonce1, plan->extranonce1, s.extranonce1_len);
    return s;
}

struct share pool_rig_share(struct pool_rig *r, bool good)
{
    struct share s = share_of(r->job);

    while ((share_check(&s, &r->job->share_target, NULL) == 0) != good)
        s.nonce++;
    return s;
}

struct share pool_rig_hash_share(struct hasher *h, struct job *job, uint64_t first)
{
    struct share s = share_of(job);

    s.nonce = first;
    while (hasher_ready(h, &job->key, NULL) == -EAGAIN)
        sleep_us(500);
    while (share_check(&s, &job->share_target, h->ctx) != 0)
        s.nonce++;
    return s;
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

int64_t pool_rig_balance(struct pool_rig *r, const char *kind, const char *owner)
{
    struct wanted w = {kind, owner, 0};

    assert_int_equal(store_query(r->store, ST_balance_list, NULL, 0, on_balance, &w), 0);
    return w.balance;
}

static void print_fault(void *arg, const char *text)
{
    (void)arg;
    print_message("%s\n", text);
}

void pool_rig_assert_ledger(struct pool_rig *r)
{
    assert_int_equal(ledger_check(r->store, print_fault, NULL), 0);
}

void pool_rig_found_block(struct pool_rig *r)
{
    pool_rig_serve(r);
    fake_chain_template(50, DIFFICULTY_1, REWARD, true);
    fake_front_share("a.x", 1, 1);
    fake_front_share("b", 0.5, 2);
    fake_front_share("c.y", 0.5, 1);
    fake_front_block("c.y", 1);
    pool_drain(r->pool);
    pool_rig_settle(r);
}

const uint8_t *pool_rig_block_hash(unsigned submit)
{
    return fake_chain.submits[submit].hash;
}

void pool_rig_new_tip(struct pool_rig *r, uint64_t tip, int64_t confirmations)
{
    fake_chain_status(pool_rig_block_hash(0), confirmations);
    fake_chain_template(tip + 1, DIFFICULTY_1, REWARD, true);
    pool_rig_settle(r);
}

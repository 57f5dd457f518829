/* SPDX-License-Identifier: MIT */
/* The real pool: a devnet, a front on loopback and a Stratum client that mines on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "core/work.h"
#include "pool/pool.h"
#include "stratum/client.h"
#include "tests/fake/pool_rig.h"

static const int64_t PATIENCE_US = 60 * SECOND_US;

struct fixture {
    struct config config;
    uv_loop_t loop;
    uv_async_t bell;
    struct store *store;
    struct pool *pool;
    struct stratum_client *client;
    struct job *job;
    enum client_state state;
    unsigned accepted;
    uint32_t nonce;
};

static void on_bell(uv_async_t *bell)
{
    struct fixture *f = bell->data;

    store_drain(f->store);
    if (f->pool)
        pool_drain(f->pool);
}

static void on_job(void *arg, struct job *job)
{
    struct fixture *f = arg;

    job_unref(f->job);
    f->job = job_ref(job);
    f->nonce = 0;
}

static void on_answer(void *arg, uint64_t ticket, int err, const char *reason, double ms)
{
    struct fixture *f = arg;

    (void)ticket, (void)reason, (void)ms;
    f->accepted += err == 0;
}

static void on_state(void *arg, enum client_state state, int err, const char *reason)
{
    struct fixture *f = arg;

    (void)err, (void)reason;
    f->state = state;
}

static struct pool_view *view(struct fixture *f)
{
    static struct pool_view v;

    pool_view(f->pool, &v);
    return &v;
}

static void serve(struct fixture *f, bool on)
{
    struct fault why = {0};

    if (pool_serve(f->pool, on, &why) < 0)
        fail_msg("%s", why.text);
}

static void connect_client(struct fixture *f)
{
    const struct stratum_client_events events = {
        .job = on_job, .answer = on_answer, .state = on_state, .arg = f};
    struct fault why = {0};
    char url[96];

    (void)snprintf(url, sizeof url, "stratum+tcp://%.63s", view(f)->address);
    const struct stratum_client_options options = {
        .url = url, .user = "alice.rig", .algo = algo_find("sha256d"), .source = 1};
    if (stratum_client_open(&f->loop, &options, &events, &f->client, &why) < 0)
        fail_msg("%s", why.text);
}

/* Some nonces of the client's job, in one extranonce2. */
static void mine(struct fixture *f)
{
    static const uint8_t extranonce2[16];

    if (f->state != CLIENT_READY || !f->job)
        return;
    const struct block_plan *plan = &f->job->plan;
    struct share share = {.job = f->job,
                          .extranonce1_len = plan->extranonce1_len,
                          .extranonce2_len = plan->extranonce2_len,
                          .ntime = plan->ntime,
                          .version = plan->version};
    memcpy(share.extranonce1, plan->extranonce1, share.extranonce1_len);
    uint8_t root[32], header[80];
    plan_merkle_root(plan, plan->extranonce1, plan->extranonce1_len, extranonce2,
                     plan->extranonce2_len, root);
    plan_header(plan, root, plan->version, plan->ntime, 0, header);
    struct scan scan = {.in = {header, 80, 76, NULL},
                        .first = f->nonce,
                        .count = 20000,
                        .target = f->job->share_target};
    algo_impl_pick(f->job->algo, "auto", NULL)->scan(NULL, &scan);
    f->nonce += (uint32_t)scan.done;
    for (unsigned i = 0; i < scan.found; i++) {
        share.nonce = scan.hit[i].nonce;
        (void)stratum_client_submit(f->client, &share);
    }
}

static void mine_until(struct fixture *f, unsigned shares, unsigned blocks)
{
    int64_t end = now_us() + PATIENCE_US;

    while (now_us() < end &&
           (view(f)->shares_accepted < shares || view(f)->blocks_found < blocks)) {
        mine(f);
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
    }
    assert_true(view(f)->shares_accepted >= shares);
    assert_true(view(f)->blocks_found >= blocks);
}

static struct pool_setup setup_of(struct fixture *f)
{
    return (struct pool_setup){
        .config = &f->config, .store = f->store, .loop = &f->loop, .bell = &f->bell};
}

static int setup(void **state)
{
    struct fixture *f = xcalloc(1, sizeof *f);
    struct fault why = {0};

    (void)uv_loop_init(&f->loop);
    (void)uv_async_init(&f->loop, &f->bell, on_bell);
    f->bell.data = f;
    pool_rig_config(&f->config);
    f->config.pool.fee_bp = 150;
    f->config.pool.difficulty.start = f->config.pool.difficulty.min = 1e-6;
    f->config.pool.difficulty.share_interval_us = SECOND_US / 10;
    f->config.pool.devnet.block_interval_us = SECOND_US;
    *state = f;
    int err = store_open(":memory:", &f->bell, &f->store, &why);
    const struct pool_setup setup = setup_of(f);
    if (err < 0 || pool_new(&setup, &f->pool, &why) < 0) {
        print_message("%s\n", why.text);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    stratum_client_close(f->client);
    pool_free(f->pool);
    f->pool = NULL;
    store_close(f->store);
    uv_close((uv_handle_t *)&f->bell, NULL);
    (void)uv_run(&f->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&f->loop);
    job_unref(f->job);
    free(f);
    return err;
}

static void miner_finds_a_block_and_is_credited(void **state)
{
    struct fixture *f = *state;

    serve(f, true);
    connect_client(f);
    mine_until(f, 5, 1);
    struct pool_view *v = view(f);
    assert_string_equal(v->block[0].finder, "alice.rig");
    assert_string_equal(v->worker[1].address, "alice");
    for (int64_t end = now_us() + PATIENCE_US; now_us() < end; v = view(f)) {
        if (v->block_count && v->block[v->block_count - 1].state == BLOCK_IMMATURE &&
            v->balance_immature) /* read back from the database a moment later */
            break;
        (void)uv_run(&f->loop, UV_RUN_ONCE);
    }
    v = view(f);
    assert_int_equal(v->block[v->block_count - 1].state, BLOCK_IMMATURE);
    assert_true(v->balance_immature >= v->block[v->block_count - 1].reward);
    assert_int_equal(ledger_check(f->store, NULL, NULL), 0);
}

static void closing_disconnects_and_reopening_takes_miners_again(void **state)
{
    struct fixture *f = *state;

    serve(f, true);
    connect_client(f);
    mine_until(f, 2, 0);
    serve(f, false);
    for (int64_t end = now_us() + PATIENCE_US; now_us() < end && f->state != CLIENT_CLOSED;)
        (void)uv_run(&f->loop, UV_RUN_NOWAIT);
    assert_int_equal(f->state, CLIENT_CLOSED);
    assert_string_equal(view(f)->scheme, "solo");
    stratum_client_close(f->client);
    f->client = NULL;
    unsigned before = (unsigned)view(f)->shares_accepted;
    serve(f, true);
    connect_client(f);
    mine_until(f, before + 2, 0);
}

static void busy_port_is_an_error_that_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct fault why = {0};
    struct sockaddr_in at;
    int len = sizeof at;
    uv_tcp_t other;
    static char address[32];

    (void)uv_tcp_init(&f->loop, &other);
    (void)uv_ip4_addr("127.0.0.1", 0, &at);
    assert_int_equal(uv_tcp_bind(&other, (struct sockaddr *)&at, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&other, 1, NULL), 0);
    assert_int_equal(uv_tcp_getsockname(&other, (struct sockaddr *)&at, &len), 0);
    (void)snprintf(address, sizeof address, "127.0.0.1:%d", ntohs(at.sin_port));
    pool_free(f->pool);
    f->config.pool.address = address;
    const struct pool_setup setup = setup_of(f);
    assert_int_equal(pool_new(&setup, &f->pool, &why), 0);
    assert_true(pool_serve(f->pool, true, &why) < 0);
    assert_non_null(strstr(why.text, address));
    assert_false(pool_serving(f->pool));
    uv_close((uv_handle_t *)&other, NULL);
    (void)uv_run(&f->loop, UV_RUN_NOWAIT);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(miner_finds_a_block_and_is_credited),
        T(closing_disconnects_and_reopening_takes_miners_again),
        T(busy_port_is_an_error_that_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* What a kill -9 loses: share credits of the last moment, never an announced block, and never half
 * of anything. Prints what it measures. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fake/pool_rig.h"

enum { ROUNDS = 5, TOLD_MAX = 4096 };

/* The child says this after each share: how many there are, and how many announced blocks. */
struct told {
    uint32_t shares, blocks;
    int64_t at_us;
};

static struct pool *open_pool(struct store *store, uv_loop_t *loop, uv_async_t *bell)
{
    static struct config config;
    struct fault why = {0};
    struct pool *pool;

    pool_rig_config(&config);
    config.pool.fee_bp = 0;
    config.pool.difficulty.start = config.pool.difficulty.min = 0.001;
    const struct pool_setup setup = {.config = &config, .store = store, .loop = loop, .bell = bell};
    if (pool_new_on(&fake_parts, &setup, &pool, &why) < 0)
        fail_msg("%s", why.text);
    return pool;
}

static void on_bell(uv_async_t *bell)
{
    (void)bell;
}

/* A share each 2 ms, a block with every 100th. */
static void mine_until_killed(const char *path, int tell)
{
    struct told told = {0};
    struct fault why = {0};
    struct store *store;
    uv_async_t bell;
    uv_loop_t loop;

    if (uv_loop_init(&loop) || uv_async_init(&loop, &bell, on_bell) ||
        store_open(path, &bell, &store, &why) < 0)
        _exit(1);
    struct pool *pool = open_pool(store, &loop, &bell);
    if (pool_serve(pool, true, &why) < 0)
        _exit(1);
    fake_chain_template(1, DIFFICULTY_1, 5000, true);
    for (;;) {
        fake_front_share("miner.rig", 0.001, 1);
        if (told.shares % 100 == 99)
            fake_front_block("miner.rig", told.shares);
        pool_drain(pool);
        store_drain(store);
        told.shares++;
        told.blocks = (uint32_t)pool->blocks_found;
        told.at_us = now_us();
        if (write(tell, &told, sizeof told) != sizeof told)
            _exit(1);
        sleep_us(2000);
    }
}

static unsigned run_and_kill(const char *path, struct told told[TOLD_MAX], unsigned wanted)
{
    unsigned n = 0;
    int pipe_fd[2];

    assert_int_equal(pipe(pipe_fd), 0);
    pid_t child = fork();
    if (child == 0)
        mine_until_killed(path, pipe_fd[1]);
    (void)close(pipe_fd[1]);
    while (n < wanted && read(pipe_fd[0], &told[n], sizeof *told) == sizeof *told)
        n++;
    (void)kill(child, SIGKILL);
    while (n < TOLD_MAX && read(pipe_fd[0], &told[n], sizeof *told) == sizeof *told)
        n++;
    (void)waitpid(child, NULL, 0);
    (void)close(pipe_fd[0]);
    return n;
}

static void add_count(void *arg, const struct value *c, unsigned n)
{
    (void)n;
    *(uint64_t *)arg += (uint64_t)c[6].i;
}

static void count_row(void *arg, const struct value *c, unsigned n)
{
    (void)c;
    (void)n;
    ++*(unsigned *)arg;
}

/* Returns the milliseconds of share credits that are gone. */
static double check_what_is_left(const char *path, const struct told *told, unsigned n)
{
    const struct value chain = value_text("devnet/regtest/sha256d"), limit = value_int(1000);
    struct fault why = {0};
    struct store *store;
    uint64_t stored = 0;
    unsigned blocks = 0;

    assert_int_equal(store_open(path, NULL, &store, &why), 0);
    assert_int_equal(store_query(store, ST_share_all, &chain, 1, add_count, &stored), 0);
    assert_int_equal(store_query(store, ST_block_list, &limit, 1, count_row, &blocks), 0);
    assert_int_equal(ledger_check(store, NULL, NULL), 0);
    store_close(store);
    assert_true(n > 0);
    assert_true(blocks >= told[n - 1].blocks);
    if (stored >= told[n - 1].shares)
        return 0;
    int64_t from = stored ? told[stored - 1].at_us : told[0].at_us;
    return (double)(told[n - 1].at_us - from) / 1e3;
}

static void kill_9_loses_only_the_last_share_credits(void **state)
{
    static struct told told[TOLD_MAX];
    double most = 0;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char folder[FOLDER_MAX], path[FOLDER_MAX + 16];
        assert_int_equal(folder_make(folder), 0);
        (void)snprintf(path, sizeof path, "%s/pool.db", folder);
        unsigned n = run_and_kill(path, told, 150 + 37 * round);
        double lost = check_what_is_left(path, told, n);
        most = lost > most ? lost : most;
        assert_int_equal(folder_remove(folder), 0);
    }
    print_message("# kill -9: at most %.0f ms of share credits lost in %d kills\n", most, ROUNDS);
    assert_true(most <= 400); /* 200 ms by design; the rest is for a busy machine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kill_9_loses_only_the_last_share_credits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

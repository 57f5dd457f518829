/* SPDX-License-Identifier: MIT */
/* Share rows: few for any load, the same in memory and on disk, and the window loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pool/accounts.h"
#include "pool/shares.h"

enum { WORKERS = 50 };
static const int64_t START_MS = INT64_C(1700000000000);

struct fixture {
    struct store *store;
    struct accounts accounts;
    struct shares shares;
    struct row_cache cache[WORKERS];
    uint32_t account[WORKERS];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    struct fault why = {0};

    assert_int_equal(store_open(":memory:", NULL, &f->store, &why), 0);
    assert_int_equal(accounts_load(&f->accounts, f->store, "t", &why), 0);
    assert_int_equal(shares_load(&f->shares, f->store, "t", &why), 0);
    for (int i = 0; i < WORKERS; i++) {
        char owner[24];
        (void)snprintf(owner, sizeof owner, "owner%d", i);
        f->account[i] = accounts_get(&f->accounts, owner)->id;
    }
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    shares_fini(&f->shares);
    accounts_fini(&f->accounts);
    free(f);
    return 0;
}

static void add(struct fixture *f, const struct share_window *w, int worker, uint64_t difficulty,
                bool solo, int64_t at_ms)
{
    shares_add(&f->shares, w, &f->cache[worker],
               &(struct share_credit){
                   .account = f->account[worker],
                   .worker = (uint32_t)worker + 1,
                   .solo = solo,
                   .difficulty = difficulty,
                   .count = 1,
                   .at_ms = at_ms,
               });
}

static void sum_row(void *arg, const struct value *c, unsigned n)
{
    uint64_t *sums = arg;

    (void)n;
    sums[0]++;
    sums[1] += (uint64_t)c[5].i;
}

static void assert_store_agrees(struct fixture *f)
{
    const struct value chain = value_text("t");
    uint64_t stored[2] = {0}, work = 0;

    shares_flush(&f->shares);
    for (size_t i = 0; i < f->shares.count; i++)
        work += f->shares.rows[i].work;
    assert_int_equal(store_query(f->store, ST_share_all, &chain, 1, sum_row, stored), 0);
    assert_int_equal(stored[0], f->shares.count);
    assert_int_equal(stored[1], work);
}

static uint64_t window_work(struct fixture *f, const struct share_window *w, int64_t now_ms,
                            uint32_t account)
{
    struct credit *credits;
    size_t n = shares_window(&f->shares, w, now_ms, &credits);
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += account == 0 || credits[i].account == account ? credits[i].work : 0;
    free(credits);
    return sum;
}

static void equal_shares_of_a_minute_are_one_row(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = 1000000};

    for (int i = 0; i < 30; i++)
        add(f, &w, 0, 10, false, START_MS + i * 1000);
    assert_int_equal(f->shares.count, 1);
    assert_int_equal(f->shares.rows[0].work, 300);
    assert_int_equal(f->shares.rows[0].count, 30);
    add(f, &w, 0, 10, false, START_MS + 60000);
    assert_int_equal(f->shares.count, 2);
    assert_store_agrees(f);
}

static void many_difficulties_in_a_minute_are_few_rows(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = UINT64_C(1) << 40};

    for (uint64_t i = 0; i < 1000; i++)
        add(f, &w, 0, 1 + i, false, START_MS);
    assert_int_equal(f->shares.count, ROW_CACHE);
    assert_int_equal(window_work(f, &w, START_MS, 0), 500500);
    assert_store_agrees(f);
}

static void small_window_keeps_single_shares_in_order(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = 20};

    add(f, &w, 0, 10, false, START_MS);
    add(f, &w, 1, 10, false, START_MS);
    add(f, &w, 0, 10, false, START_MS);
    add(f, &w, 1, 5, false, START_MS);
    assert_int_equal(window_work(f, &w, START_MS, f->account[0]), 10);
    assert_int_equal(window_work(f, &w, START_MS, f->account[1]), 10);
}

static void rows_are_bounded_for_a_constant_load(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = UINT64_C(10) * WORKERS * 6 * 120}; /* two hours' work */
    size_t most = 0;
    int64_t now = START_MS;

    for (int minute = 0; minute < 24 * 60; minute++) { /* each worker: a share every ten seconds */
        for (int s = 0; s < 6; s++, now += 10000)
            for (int i = 0; i < WORKERS; i++)
                add(f, &w, i, 10, false, now);
        shares_flush(&f->shares);
        shares_tidy(&f->shares, &w, now);
        most = f->shares.count > most ? f->shares.count : most;
    }
    assert_true(most <= (2 * SHARE_SLICES + 8) * WORKERS); /* instead of 432000 shares */
    assert_true(window_work(f, &w, now, 0) == w.work);
    for (int i = 0; i < WORKERS; i++) { /* fair to the edge slice */
        uint64_t part = window_work(f, &w, now, f->account[i]);
        assert_true(part > w.work / WORKERS * 98 / 100 && part < w.work / WORKERS * 102 / 100);
    }
    assert_true(f->shares.round_work == 10.0 * WORKERS * 6 * 24 * 60);
    assert_store_agrees(f);
}

static void rows_are_bounded_for_a_window_by_time(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.time_ms = 2 * 3600000, .work = 1};
    size_t most = 0;
    int64_t now = START_MS;

    for (int minute = 0; minute < 12 * 60; minute++) {
        for (int i = 0; i < WORKERS; i++)
            add(f, &w, i, 10, false, now);
        now += 60000;
        shares_flush(&f->shares);
        shares_tidy(&f->shares, &w, now);
        most = f->shares.count > most ? f->shares.count : most;
    }
    assert_true(most <= (2 * SHARE_SLICES + 8) * WORKERS);
    uint64_t inside = window_work(f, &w, now, 0);
    assert_true(inside >= 10 * WORKERS * 119 && inside <= 10 * WORKERS * 121);
    assert_store_agrees(f);
}

static void row_across_the_edge_of_time_counts_in_part(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.time_ms = 30000, .work = 1};

    for (int i = 0; i < 60; i++)
        add(f, &w, 0, 100, false, START_MS + i * 1000 / 2);
    /* the row spans 29.5 s, the window begins in its middle */
    uint64_t part = window_work(f, &w, START_MS + 45000, 0);
    assert_true(part > 2700 && part < 3300);
}

static void trimmed_work_stays_in_the_effort(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = 100};
    struct shares again = {0};
    struct fault why = {0};

    for (int i = 0; i < 1000; i++) {
        add(f, &w, i % WORKERS, 10, false, START_MS + i * 1000);
        if (i % 100 == 99)
            shares_tidy(&f->shares, &w, START_MS + i * 1000);
    }
    assert_store_agrees(f);
    assert_true(f->shares.count < 60);
    assert_int_equal(shares_load(&again, f->store, "t", &why), 0);
    assert_true(again.round_work == 10000.0);
    shares_fini(&again);
}

static void end_of_a_round_drops_solo_rows(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = 100};

    add(f, &w, 0, 10, true, START_MS);
    add(f, &w, 0, 10, true, START_MS + 3600000);
    add(f, &w, 1, 10, false, START_MS);
    assert_int_equal(f->shares.count, 2);
    shares_flush(&f->shares);
    struct store_batch *batch = store_batch_new();
    shares_end_round(&f->shares, batch);
    store_submit(f->store, batch, true, NULL, NULL);
    assert_int_equal(f->shares.count, 1);
    assert_true(f->shares.round_work == 0);
    add(f, &w, 0, 10, true, START_MS + 3700000);
    assert_int_equal(f->shares.count, 2);
    assert_store_agrees(f);
}

static void work_saturates_instead_of_wrapping(void **state)
{
    struct fixture *f = *state;
    const struct share_window w = {.work = WORK_MAX};

    for (int i = 0; i < 8; i++)
        add(f, &w, 0, WORK_MAX, false, START_MS);
    for (size_t i = 0; i < f->shares.count; i++)
        assert_true(f->shares.rows[i].work <= WORK_MAX);
    assert_true(window_work(f, &w, START_MS, 0) <= WORK_MAX);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(equal_shares_of_a_minute_are_one_row),      T(many_difficulties_in_a_minute_are_few_rows),
        T(small_window_keeps_single_shares_in_order), T(rows_are_bounded_for_a_constant_load),
        T(rows_are_bounded_for_a_window_by_time),     T(row_across_the_edge_of_time_counts_in_part),
        T(trimmed_work_stays_in_the_effort),          T(end_of_a_round_drops_solo_rows),
        T(work_saturates_instead_of_wrapping),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

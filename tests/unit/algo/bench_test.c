/* SPDX-License-Identifier: MIT */
/* The bench counts what its threads did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "algo/bench.h"
#include "algo/dataset.h"

static void every_algorithm_gives_a_rate_that_fits_its_count(void **state)
{
    (void)state;
    for (const struct algo *const *at = algos; *at; at++) {
        if ((*at)->dataset)
            continue; /* seconds of preparation */
        struct bench b = {
            .algo = *at, .impl = algo_impl_pick(*at, "auto", NULL), .threads = 2, .seconds = 0.05};
        assert_int_equal(bench_run(&b, NULL), 0);
        assert_true(b.hashes > 0);
        assert_true(b.seconds >= 0.05);
        assert_true(b.cpu_seconds > 0);
        assert_true(b.cpu_seconds <= 2 * b.seconds + 0.5); /* however coarsely it is counted */
        assert_true(b.hashrate * b.seconds > 0.999 * (double)b.hashes);
        assert_true(b.hashrate * b.seconds < 1.001 * (double)b.hashes);
    }
}

/* A dataset of 1000 items that counts what was made of it. */
static _Atomic uint64_t filled;

static int plan(const struct algo_key *key, struct dataset_plan *out, struct fault *why)
{
    (void)key;
    (void)why;
    *out = (struct dataset_plan){
        .name = "few", .title = "few", .light_bytes = 1, .full_bytes = 1, .items = 1000};
    return 0;
}

static int light(const struct algo_key *key, const struct dataset_plan *p,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **state, struct fault *why)
{
    static int memory;

    (void)key;
    (void)p;
    (void)choices;
    (void)cancel;
    (void)permille;
    (void)why;
    *state = &memory;
    return 0;
}

static int reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    (void)state;
    (void)cancel;
    (void)why;
    *complete = false;
    return 0;
}

static void fill(void *state, uint64_t first, uint64_t count)
{
    (void)state;
    (void)first;
    atomic_fetch_add(&filled, count);
}

static int finish(void *state, struct fault *why)
{
    (void)state;
    (void)why;
    return 0;
}

static void free_memory(void *state)
{
    (void)state;
}

static const struct dataset_ops few_ops = {.plan = plan,
                                           .light = light,
                                           .reserve = reserve,
                                           .fill = fill,
                                           .step = 7,
                                           .finish = finish,
                                           .free = free_memory};
static const struct algo few = {.name = "few", .dataset = &few_ops};

static void items_are_made_once_and_no_more_than_there_are(void **state)
{
    const struct dataset_choices choices = {.huge_pages = false};
    const struct algo_key key = {0};
    struct bench_fill b = {.algo = &few, .threads = 2, .seconds = 30}; /* ends with the last item */

    (void)state;
    assert_int_equal(dataset_build(&few, &key, &choices, false, 1, NULL, &b.dataset, NULL), 0);
    assert_int_equal(bench_fill(&b, NULL), 0);
    assert_true(b.reserved);
    assert_int_equal(b.total, 1000);
    assert_int_equal(atomic_load(&filled), 1000);
    dataset_unref(b.dataset);
}

static int begin_badly(void *arg, void **state, struct fault *why)
{
    _Atomic unsigned *begun = arg;

    *state = NULL;
    return atomic_fetch_add(begun, 1) ? fault_set(why, ERR_MEMORY, "only one fits") : 0;
}

static uint64_t turn(void *arg, void *state)
{
    (void)arg;
    (void)state;
    return 0;
}

static void end(void *arg, void *state)
{
    (void)arg;
    (void)state;
}

static void a_thread_that_cannot_begin_ends_all_with_its_reason(void **state)
{
    _Atomic unsigned begun = 0;
    struct bench_crew crew = {
        .threads = 3, .seconds = 10, .arg = &begun, .begin = begin_badly, .turn = turn, .end = end};
    struct fault why = {0};

    (void)state;
    assert_int_equal(bench_crew_run(&crew, &why), ERR_MEMORY);
    assert_string_equal(why.text, "only one fits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_made_once_and_no_more_than_there_are),
        cmocka_unit_test(a_thread_that_cannot_begin_ends_all_with_its_reason),
        cmocka_unit_test(every_algorithm_gives_a_rate_that_fits_its_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

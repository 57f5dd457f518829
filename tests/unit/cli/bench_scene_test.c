/* SPDX-License-Identifier: MIT */
/* The pool's benchmarks in small: the load and the server understand each other, and what is
 * measured is what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/bench_histogram.h"
#include "cli/bench_scene.h"
#include "cli/bench_template.h"

static void histogram_finds_parts_within_two_percent(void **state)
{
    struct histogram *h = calloc(1, sizeof *h);

    (void)state;
    assert_non_null(h);
    assert_true(histogram_ms(h, 0.5) == 0);
    for (uint64_t ns = 1000; ns <= 1000000; ns += 1000)
        histogram_add(h, ns);
    assert_true(histogram_ms(h, 0.5) > 0.499 && histogram_ms(h, 0.5) < 0.51);
    assert_true(histogram_ms(h, 0.99) > 0.989 && histogram_ms(h, 0.99) < 1.0);
    assert_true(histogram_ms(h, 1) == 1.0);
    histogram_add(h, UINT64_MAX);
    histogram_add(h, 0);
    assert_true(histogram_ms(h, 1) == (double)UINT64_MAX / 1e6);
    free(h);
}

static void template_has_all_levels_and_another_tip_each_time(void **state)
{
    struct bench_template t;
    struct job *one, *other;

    (void)state;
    bench_template_init(&t);
    assert_int_equal(bench_template_job(&t, &one, NULL), 0);
    bench_template_next(&t);
    assert_int_equal(bench_template_job(&t, &other, NULL), 0);
    assert_int_equal(one->plan.branch_count, BENCH_MERKLE_LEVELS);
    assert_int_equal(other->height, one->height + 1);
    assert_memory_not_equal(one->plan.prevhash, other->plan.prevhash, 32);
    job_unref(one);
    job_unref(other);
    bench_template_free(&t);
}

/* A server and a crowd of 20. */
static struct scene_plan plan(void)
{
    struct scene_plan p = {
        .connections = 20, .window = 3, .loops = 1, .parallel = 5, .rounds = 1, .json = true};

    scene_prepare(&p);
    return p;
}

static void shares_are_accepted_and_credited(bool tls)
{
    struct scene_plan p = plan();
    struct fault why = {0};
    struct stage_answer answer;
    struct scene s;

    p.tls = tls;
    assert_int_equal(scene_open(&s, &p, "pool", "test", false, &why), 0);
    s.crowd->counting = true;
    assert_int_equal(crowd_submit(s.crowd, 1000), 20 * 3); /* until all windows are full */
    for (unsigned i = 0; i < 1000 && s.crowd->answered < 60; i++)
        crowd_turn(s.crowd, 10);
    assert_int_equal(s.crowd->accepted, 60);
    assert_int_equal(s.crowd->refused, 0);
    answer.credited = 0;
    for (unsigned i = 0; i < 1000 && answer.credited < 60; i++) {
        crowd_turn(s.crowd, 10);
        assert_int_equal(stage_order(&s.stage, STAGE_COUNT, NULL, 0, &answer, &why), 0);
    }
    assert_int_equal(answer.credited, 60);
    assert_true(stage_cpu_s(&s.stage) > 0);
    assert_true(stage_memory(&s.stage).files >= 20);
    assert_int_equal(scene_close(&s, 0, &why), 0);
}

static void every_share_is_accepted_and_credited(void **state)
{
    (void)state;
    shares_are_accepted_and_credited(false);
}

static void under_tls_too(void **state)
{
    (void)state;
    shares_are_accepted_and_credited(true);
}

static void a_new_block_reaches_everybody(void **state)
{
    struct scene_plan p = plan();

    (void)state;
    assert_int_equal(scene_fanout(&p), 0);
}

static void too_few_files_are_said(void **state)
{
    struct scene_plan p = plan();
    struct fault why = {0};
    struct scene s;

    (void)state;
    p.connections = UINT32_MAX / 2;
    assert_true(scene_open(&s, &p, "pool", "test", false, &why) < 0);
    assert_non_null(strstr(why.text, "open files"));
    assert_true(scene_close(&s, ERR_REJECTED, &why) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(histogram_finds_parts_within_two_percent),
        cmocka_unit_test(template_has_all_levels_and_another_tip_each_time),
        cmocka_unit_test(every_share_is_accepted_and_credited),
        cmocka_unit_test(under_tls_too),
        cmocka_unit_test(a_new_block_reaches_everybody),
        cmocka_unit_test(too_few_files_are_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

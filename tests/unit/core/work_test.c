/* SPDX-License-Identifier: MIT */
/* Lanes: together they cover every extranonce2 and second of a job, and no two overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "core/work.h"
#include "vectors.h"

static struct job *small_job(unsigned extranonce2_len, uint32_t seconds)
{
    struct job *job = job_new(NULL);

    job->plan.extranonce2_len = (uint8_t)extranonce2_len;
    job->plan.extranonce1_len = 4;
    job->plan.ntime = job->plan.ntime_min = 1000;
    job->plan.ntime_max = 1000 + seconds - 1;
    job->plan.version = 0x20000000;
    return job;
}

/* Walks all lanes to their ends and counts each (extranonce2, ntime): all must be met once. */
static void cover(unsigned lanes, uint32_t seconds)
{
    struct job *job = small_job(1, seconds);
    uint8_t *met = calloc(256, seconds);

    assert_non_null(met);
    for (uint32_t i = 0; i < lanes; i++) {
        struct lane lane = {i, lanes};
        struct work work;
        work_first(&work, job, lane);
        if (!work.nonce_count) {
            assert_false(work_next(&work, lane));
            continue; /* more lanes than work */
        }
        do {
            assert_in_range(work.ntime, 1000, 1000 + seconds - 1);
            assert_in_range(work.extranonce2, 0, 255);
            met[(work.ntime - 1000) * 256 + work.extranonce2]++;
        } while (work_next(&work, lane));
    }
    for (size_t i = 0; i < 256 * (size_t)seconds; i++)
        if (met[i] != 1)
            fail_msg("%u lanes: extranonce2 %zu, second %zu met %u times", lanes, i % 256, i / 256,
                     met[i]);
    free(met);
    job_unref(job);
}

static void lanes_cover_every_value_once(void **state)
{
    static const unsigned counts[] = {1, 2, 3, 7, 64, 100, 255, 256};

    (void)state;
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
        cover(counts[i], 5);
}

static void more_lanes_than_values_roll_the_time_apart(void **state)
{
    static const unsigned counts[] = {257, 300, 512, 1000, 5000};

    (void)state;
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
        cover(counts[i], 11);
}

static void a_slice_has_the_header_of_its_extranonce2(void **state)
{
    struct job *job = small_job(4, 10);
    struct lane lane = {3, 5};
    struct work work;
    uint8_t extranonce2[4], root[32], header[80];

    (void)state;
    work_first(&work, job, lane);
    assert_true(work_next(&work, lane));
    assert_int_equal(work.extranonce2, 8);
    assert_int_equal(work.nonce_first, 0);
    assert_int_equal(work.nonce_count, UINT64_C(1) << 32);
    put_le32(extranonce2, 8);
    plan_merkle_root(&job->plan, job->plan.extranonce1, 4, extranonce2, 4, root);
    plan_header(&job->plan, root, job->plan.version, 1000, 0, header);
    assert_memory_equal(work.input, header, 80);
    job_unref(job);
}

static void wide_extranonces_do_not_wrap(void **state)
{
    struct job *job = small_job(8, 1);
    struct lane lane = {1, 2};
    struct work work;

    (void)state;
    work_first(&work, job, lane);
    work.extranonce2 = UINT64_MAX - 2;
    assert_true(work_next(&work, lane));
    assert_true(work.extranonce2 == UINT64_MAX);
    assert_false(work_next(&work, lane));
    job_unref(job);
    job = small_job(16, 1);
    work_first(&work, job, lane);
    assert_true(work_next(&work, lane));
    assert_int_equal(work.extranonce2, 3);
    job_unref(job);
}

static void the_last_second_of_the_clock_ends_the_job(void **state)
{
    struct job *job = small_job(1, 1);
    struct lane lane = {0, 256};
    struct work work;

    (void)state;
    job->plan.ntime = job->plan.ntime_min = UINT32_MAX - 1;
    job->plan.ntime_max = UINT32_MAX;
    work_first(&work, job, lane);
    assert_true(work_next(&work, lane));
    assert_true(work.ntime == UINT32_MAX);
    assert_false(work_next(&work, lane));
    job_unref(job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanes_cover_every_value_once),
        cmocka_unit_test(more_lanes_than_values_roll_the_time_apart),
        cmocka_unit_test(a_slice_has_the_header_of_its_extranonce2),
        cmocka_unit_test(wide_extranonces_do_not_wrap),
        cmocka_unit_test(the_last_second_of_the_clock_ends_the_job),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

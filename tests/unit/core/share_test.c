/* SPDX-License-Identifier: MIT */
/* Headers, Merkle roots and the share check against real blocks and shares. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/share.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "vectors.h"

static const struct algo *sha256d_algo(void)
{
    const struct algo *algo = algo_find("sha256d");

    if (!algo)
        abort();
    return algo;
}

static struct share *share_of(const json_t *input, struct job *job)
{
    const json_t *submit = json_object_get(input, "submit_params");
    struct share *share = xcalloc(1, sizeof *share);
    const char *extranonce2 = json_string_value(json_array_get(submit, 2));

    share->job = job_ref(job);
    share->extranonce1_len = job->plan.extranonce1_len;
    memcpy(share->extranonce1, job->plan.extranonce1, share->extranonce1_len);
    share->extranonce2_len = (uint8_t)(strlen(extranonce2) / 2);
    bytes_of(extranonce2, share->extranonce2, share->extranonce2_len);
    share->ntime = u32_of(json_string_value(json_array_get(submit, 3)));
    share->nonce = u32_of(json_string_value(json_array_get(submit, 4)));
    share->version = job->plan.version;
    return share;
}

/* Calls `check` for each vector of a kind that has a notify and a submit. */
static void each_share(const char *kind, void (*check)(const json_t *v, struct share *))
{
    json_t *root = vectors_load(), *v;
    size_t i;
    unsigned count = 0;

    json_array_foreach(json_object_get(root, "vectors"), i, v)
    {
        if (strcmp(text_of(v, "kind"), kind) != 0)
            continue;
        struct job *job = job_of(json_object_get(v, "input"), sha256d_algo());
        struct share *share = share_of(json_object_get(v, "input"), job);
        assert_true(target_from_bits(job->plan.bits, &job->block_target));
        check(v, share);
        share_free(share);
        job_unref(job);
        count++;
    }
    assert_true(count > 0);
    json_decref(root);
}

static void check_block(const json_t *v, struct share *share)
{
    const json_t *expect = json_object_get(v, "expect");
    uint8_t root[32], want[80];

    plan_merkle_root(&share->job->plan, share->extranonce1, share->extranonce1_len,
                     share->extranonce2, share->extranonce2_len, root);
    bytes_of(text_of(expect, "merkle_root_header_bytes"), want, 32);
    assert_memory_equal(root, want, 32);
    assert_int_equal(share_check(share, &share->job->block_target, NULL), 0);
    bytes_of(text_of(expect, "header_hex"), want, 80);
    assert_memory_equal(share->header, want, 80);
    bytes_of(text_of(expect, "block_hash_display"), want, 32);
    bytes_reverse(want + 32, want, 32);
    assert_memory_equal(share->hash, want + 32, 32);
    assert_true(share->is_block);
    assert_true(floor(share->difficulty) ==
                (double)json_integer_value(json_object_get(expect, "share_difficulty_floor")));
}

static void a_job_and_a_submit_give_the_header_of_the_block(void **state)
{
    (void)state;
    each_share("stratum_v1_job_to_header", check_block);
}

static void check_difficulty(const json_t *v, struct share *share)
{
    const json_t *expect = json_object_get(v, "expect");
    const struct u256 *diff1 = &share->job->algo->diff1;
    struct u256 target = target_from_difficulty(diff1, 512);

    assert_int_equal(share_check(share, &target, NULL), 0);
    assert_false(share->is_block);
    double want = json_real_value(json_object_get(expect, "difficulty"));
    assert_true(fabs(share->difficulty / want - 1) < 1e-12);
    target = target_from_difficulty(diff1, 1024);
    assert_int_equal(share_check(share, &target, NULL), ERR_LOW_DIFF);
}

static void a_share_has_the_known_difficulty(void **state)
{
    (void)state;
    each_share("stratum_v1_share_difficulty", check_difficulty);
}

static void check_time_and_version(const json_t *v, struct share *share)
{
    const struct u256 *target = &share->job->block_target;
    struct block_plan *plan = &share->job->plan;

    (void)v;
    share->ntime = plan->ntime_min - 1;
    assert_int_equal(share_check(share, target, NULL), ERR_TIME_RANGE);
    share->ntime = plan->ntime_max + 1;
    assert_int_equal(share_check(share, target, NULL), ERR_TIME_RANGE);
    share->ntime = plan->ntime;
    share->version ^= 0x2000;
    assert_int_equal(share_check(share, target, NULL), ERR_VERSION);
    plan->version_mask = 0x1fffe000;
    assert_int_equal(share_check(share, target, NULL), ERR_LOW_DIFF);
    share->version ^= 0x20000000;
    assert_int_equal(share_check(share, target, NULL), ERR_VERSION);
}

static void time_and_version_bits_have_their_limits(void **state)
{
    (void)state;
    each_share("stratum_v1_job_to_header", check_time_and_version);
}

static void a_branch_folds_into_the_known_root(void **state)
{
    json_t *root = vectors_load(), *v;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(root, "vectors"), i, v)
    {
        if (strcmp(text_of(v, "kind"), "stratum_v1_merkle_root") != 0)
            continue;
        const json_t *input = json_object_get(v, "input");
        struct block_plan plan = {0};
        uint8_t one[4], two[4], got[32], want[32];
        plan.coinb1 = new_bytes(text_of(input, "coinb1"), &plan.coinb1_len);
        plan.coinb2 = new_bytes(text_of(input, "coinb2"), &plan.coinb2_len);
        bytes_of(text_of(input, "extranonce1"), one, 4);
        bytes_of(text_of(input, "extranonce2"), two, 4);
        fill_branch(&plan, json_object_get(input, "merkle_branch"));
        plan_merkle_root(&plan, one, 4, two, 4, got);
        bytes_of(text_of(json_object_get(v, "expect"), "merkle_root_header_bytes"), want, 32);
        assert_memory_equal(got, want, 32);
        free(plan.coinb1);
        free(plan.coinb2);
    }
    json_decref(root);
}

static unsigned freed;

static void count_free(void *origin)
{
    assert_ptr_equal(origin, &freed);
    freed++;
}

static void copies_own_their_bytes_and_references(void **state)
{
    struct job *job = job_new(sha256d_algo()), *copy;
    uint32_t len;

    (void)state;
    freed = 0;
    job->origin = &freed;
    job->origin_free = count_free;
    job->plan.coinb1 = new_bytes("0102", &len);
    job->plan.coinb1_len = len;
    struct share share = {.job = job};
    struct share *kept = share_copy(&share);
    copy = job_copy(job);
    job_unref(job);
    assert_int_equal(freed, 0);
    share_free(kept);
    assert_int_equal(freed, 1);
    assert_int_equal(copy->plan.coinb1[1], 2);
    assert_null(copy->plan.coinb2);
    job_unref(copy);
    assert_int_equal(freed, 1);
    job_unref(NULL);
    share_free(NULL);
}

static void a_coinbase_larger_than_the_stack_buffer_is_hashed_whole(void **state)
{
    struct block_plan plan = {0};
    uint8_t big[3000], root[32], want[32], extra[2] = {1, 2};

    (void)state;
    memset(big, 7, sizeof big);
    plan.coinb1 = big;
    plan.coinb1_len = 1500;
    plan.coinb2 = big;
    plan.coinb2_len = 1400;
    plan_merkle_root(&plan, extra, 2, extra, 2, root);
    uint8_t whole[2904];
    memset(whole, 7, sizeof whole);
    memcpy(whole + 1500, extra, 2);
    memcpy(whole + 1502, extra, 2);
    sha256d(whole, sizeof whole, want);
    assert_memory_equal(root, want, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_and_a_submit_give_the_header_of_the_block),
        cmocka_unit_test(a_share_has_the_known_difficulty),
        cmocka_unit_test(time_and_version_bits_have_their_limits),
        cmocka_unit_test(a_branch_folds_into_the_known_root),
        cmocka_unit_test(copies_own_their_bytes_and_references),
        cmocka_unit_test(a_coinbase_larger_than_the_stack_buffer_is_hashed_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

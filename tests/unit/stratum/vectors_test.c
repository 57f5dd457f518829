/* SPDX-License-Identifier: MIT */
/* The Bitcoin dialect against tests/vectors/stratum-v1-vectors.json: real blocks as jobs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "stratum/server.h"
#include "stratum/v1.h"
#include "tests/fake/hash_algo.h"

static json_t *vectors;

static int load(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/stratum-v1-vectors.json", 0, NULL);
    return !vectors;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static const char *text(const json_t *from, const char *key)
{
    const char *value = json_string_value(json_object_get(from, key));

    if (!value)
        fail_msg("no %s", key);
    return value;
}

static uint32_t number(const json_t *from, const char *key)
{
    uint32_t value;

    assert_true(hex_number(text(from, key), &value));
    return value;
}

typedef void check_fn(const json_t *input, const json_t *expect);

/* Runs `check` over all vectors of a kind; there must be `least` of them. */
static void each(const char *kind, size_t least, check_fn *check)
{
    size_t i, count = 0;
    const json_t *v;

    json_array_foreach(json_object_get(vectors, "vectors"), i, v)
    {
        if (strcmp(text(v, "kind"), kind) != 0)
            continue;
        print_message("%s\n", text(v, "id"));
        check(json_object_get(v, "input"), json_object_get(v, "expect"));
        count++;
    }
    assert_true(count >= least);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *want)
{
    char got[1024];

    hex_encode(bytes, len, got);
    assert_string_equal(got, want);
}

static struct job *read_job(const json_t *input)
{
    struct job *job = job_new(&fake_sha256d);
    struct message m = {.params = json_object_get(input, "notify_params")};
    struct fault why = {0};

    if (v1_read_notify(&m, job, &why) < 0)
        fail_msg("%s", why.text);
    return job;
}

/* The header that a submit stands for. */
static void build(const json_t *input, struct job *job, uint8_t header[80])
{
    const json_t *submit = json_object_get(input, "submit_params");
    uint8_t en1[16], en2[16], root[32];
    long len1 = hex_decode_any(text(input, "extranonce1"), en1, sizeof en1);
    long len2 = hex_decode_any(json_string_value(json_array_get(submit, 2)), en2, sizeof en2);
    uint32_t ntime, nonce;

    assert_true(len1 > 0 && len2 > 0);
    assert_true(hex_number(json_string_value(json_array_get(submit, 3)), &ntime));
    assert_true(hex_number(json_string_value(json_array_get(submit, 4)), &nonce));
    plan_merkle_root(&job->plan, en1, (size_t)len1, en2, (size_t)len2, root);
    plan_header(&job->plan, root, job->plan.version, ntime, nonce, header);
}

/* What our own server would say of the job is read back as the same job. */
static void assert_round_trip(struct job *job)
{
    AUTO_STR struct str body = {0}, line = {0};
    struct job *again = job_new(&fake_sha256d);
    struct message m;

    v1_job_body(&body, job);
    const struct notice notice = {
        .job = job, .body = &body, .id = job->id, .ntime = job->plan.ntime, .clean = job->clean};
    v1_notify(&line, &notice);
    assert_int_equal(message_parse(line.s, line.len - 1, &m, NULL), 0);
    assert_int_equal(v1_read_notify(&m, again, NULL), 0);
    message_fini(&m);
    assert_string_equal(again->id, job->id);
    assert_int_equal(again->clean, job->clean);
    assert_int_equal(again->plan.version, job->plan.version);
    assert_int_equal(again->plan.bits, job->plan.bits);
    assert_int_equal(again->plan.ntime, job->plan.ntime);
    assert_int_equal(again->plan.branch_count, job->plan.branch_count);
    assert_memory_equal(again->plan.branch, job->plan.branch, sizeof job->plan.branch);
    assert_memory_equal(again->plan.prevhash, job->plan.prevhash, 32);
    assert_int_equal(again->plan.coinb1_len, job->plan.coinb1_len);
    assert_memory_equal(again->plan.coinb1, job->plan.coinb1, job->plan.coinb1_len);
    assert_int_equal(again->plan.coinb2_len, job->plan.coinb2_len);
    assert_memory_equal(again->plan.coinb2, job->plan.coinb2, job->plan.coinb2_len);
    job_unref(again);
}

static void check_header(const json_t *input, const json_t *expect)
{
    struct job *job = read_job(input);
    uint8_t header[80];

    build(input, job, header);
    assert_hex(header, sizeof header, text(expect, "header_hex"));
    assert_round_trip(job);
    job_unref(job);
}

static void jobs_become_the_headers_of_their_blocks(void **state)
{
    (void)state;
    each("stratum_v1_job_to_header", 2, check_header);
}

static void check_difficulty(const json_t *input, const json_t *expect)
{
    struct job *job = read_job(input);
    uint8_t header[80], hash[32];

    build(input, job, header);
    sha256d(header, sizeof header, hash);
    struct u256 value = u256_from_le(hash);
    double want = json_number_value(json_object_get(expect, "difficulty"));
    assert_true(fabs(target_difficulty(&fake_sha256d.diff1, &value) / want - 1) < 1e-12);
    job_unref(job);
}

static void shares_have_their_difficulty(void **state)
{
    (void)state;
    each("stratum_v1_share_difficulty", 1, check_difficulty);
}

static void check_root(const json_t *input, const json_t *expect)
{
    struct block_plan plan = {0};
    uint8_t b1[256], b2[256], en1[16], en2[16], root[32];
    size_t i;
    const json_t *step;

    plan.coinb1_len = (uint32_t)hex_decode_any(text(input, "coinb1"), b1, sizeof b1);
    plan.coinb2_len = (uint32_t)hex_decode_any(text(input, "coinb2"), b2, sizeof b2);
    plan.coinb1 = b1;
    plan.coinb2 = b2;
    json_array_foreach(json_object_get(input, "merkle_branch"), i, step)
        assert_true(hex_decode(json_string_value(step), plan.branch[plan.branch_count++], 32));
    size_t len1 = (size_t)hex_decode_any(text(input, "extranonce1"), en1, sizeof en1);
    size_t len2 = (size_t)hex_decode_any(text(input, "extranonce2"), en2, sizeof en2);
    plan_merkle_root(&plan, en1, len1, en2, len2, root);
    assert_hex(root, 32, text(expect, "merkle_root_header_bytes"));
}

static void merkle_roots_match(void **state)
{
    (void)state;
    each("stratum_v1_merkle_root", 1, check_root);
}

static void check_rolling(const json_t *input, const json_t *expect)
{
    uint32_t version;
    bool ok = version_merge(number(input, "job_version"), number(input, "mask"),
                            number(input, "submitted_version_bits"), &version);

    assert_int_equal(ok, json_is_true(json_object_get(expect, "accept")));
    if (ok)
        assert_int_equal(version, number(expect, "bip310_replace"));
}

static void versions_are_rolled_as_bip310_says(void **state)
{
    (void)state;
    each("version_rolling", 4, check_rolling);
}

static uint32_t server_mask;

static uint32_t roll(struct miner *m, uint32_t mask)
{
    (void)m;
    return mask & server_mask;
}

static void check_negotiation(const json_t *input, const json_t *expect)
{
    static const struct miner_hooks hooks = {.roll = roll};
    AUTO_STR struct str out = {0};
    struct miner miner = {.dialect = dialects[0], .hooks = &hooks, .out = &out};
    char line[256];

    server_mask = number(input, "server_mask");
    int len =
        snprintf(line, sizeof line,
                 "{\"id\":1,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],"
                 "{\"version-rolling.mask\":\"%s\",\"version-rolling.min-bit-count\":%d}]}",
                 text(input, "client_mask"),
                 (int)json_integer_value(json_object_get(input, "client_min_bit_count")));
    assert_int_equal(miner_line(&miner, line, (size_t)len, NULL), 0);
    assert_int_equal(miner.rolling, json_is_true(json_object_get(expect, "client_min_satisfied")));
    assert_int_equal(miner.version_mask, number(expect, "response_mask"));
    assert_non_null(strstr(out.s, text(expect, "response_mask")));
}

static void masks_are_negotiated(void **state)
{
    (void)state;
    each("version_rolling_negotiation", 2, check_negotiation);
}

static void check_bits(const json_t *input, const json_t *expect)
{
    struct u256 target;
    uint8_t bytes[32];

    assert_true(target_from_bits(number(input, "bits"), &target));
    u256_to_be(&target, bytes);
    assert_hex(bytes, 32, text(expect, "target_hex"));
}

static void compact_bits_are_targets(void **state)
{
    (void)state;
    each("compact_bits", 4, check_bits);
}

/* The wire's number is a double, so its target is exact for what the double holds: vectors with
 * decimals are met to the double's 53 bits. */
static void check_target(const json_t *input, const json_t *expect)
{
    uint8_t diff1_bytes[32], want_bytes[32];

    assert_true(hex_decode(text(input, "diff1_hex"), diff1_bytes, 32));
    assert_true(hex_decode(text(expect, "target_hex"), want_bytes, 32));
    struct u256 diff1 = u256_from_be(diff1_bytes), want = u256_from_be(want_bytes);
    double difficulty = strtod(text(input, "difficulty"), NULL);
    struct u256 got = target_from_difficulty(&diff1, difficulty);
    if (difficulty == floor(difficulty))
        assert_int_equal(u256_cmp(&got, &want), 0);
    else
        assert_true(fabs(u256_to_double(&got) / u256_to_double(&want) - 1) < 1e-15);
}

static void difficulties_are_targets(void **state)
{
    (void)state;
    each("difficulty_to_target", 10, check_target);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_become_the_headers_of_their_blocks),
        cmocka_unit_test(shares_have_their_difficulty),
        cmocka_unit_test(merkle_roots_match),
        cmocka_unit_test(versions_are_rolled_as_bip310_says),
        cmocka_unit_test(masks_are_negotiated),
        cmocka_unit_test(compact_bits_are_targets),
        cmocka_unit_test(difficulties_are_targets),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

/* SPDX-License-Identifier: MIT */
/* Monero's templates: those of a real daemon, the jobs and blocks made of them, and what is
 * refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "chain/monero_template.h"
#include "tests/fake/hash_algo.h"
#include "tests/fake/monero_answers.h"
#include "tests/fake/row.h"

static const struct coin *monero;

static struct chain_template *template_of(json_t *answer)
{
    struct chain_template *t = NULL;
    struct fault why = {0};

    if (monero_template_read(answer, monero, &fake_blob, &t, &why) < 0)
        fail_msg("%s", why.text);
    json_decref(answer);
    return t;
}

static struct job *job_of(struct chain_template *t, const char *text)
{
    const struct coinbase_plan plan = {NULL, 0, text, 4, 8};
    struct job *job = template_job(t, &plan);

    assert_non_null(job);
    return job;
}

static struct share share_of(struct job *job, uint32_t mark)
{
    struct share share = {.job = job,
                          .extranonce1_len = 4,
                          .extranonce2_len = 8,
                          .ntime = job->plan.ntime,
                          .nonce = 0x04030201};

    put_be32(share.extranonce1, mark);
    put_be32(share.extranonce2 + 4, ~mark);
    return share;
}

static void difficulty_may_have_128_bits(void **state)
{
    json_t *answer = monero_answer_with(0);
    struct u256 target;

    (void)state;
    json_object_set_new(answer, "difficulty", json_integer(5));
    json_object_set_new(answer, "difficulty_top64", json_integer(7));
    json_object_set_new(answer, "wide_difficulty", json_string("0x70000000000000005"));
    struct chain_template *t = template_of(answer);
    assert_true(monero_target("0x70000000000000005", &target));
    assert_int_equal(u256_cmp(&t->target, &target), 0);
    template_unref(t);
}

static void templates_of_a_real_daemon_are_taken(void **state)
{
    static const unsigned counts[] = {0, 1, 2, 3, 4, 6, 7, 8, 12};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_t *answer = monero_answer_with(counts[i]);
        uint64_t reward = row_number(answer, "expected_reward");
        struct chain_template *t = template_of(answer);
        assert_int_equal(t->height, 96);
        assert_int_equal(t->coinbase_value, reward);
        assert_int_equal(t->key.seed_len, 32);
        assert_int_equal(t->key.seed[0], 0x41);
        assert_memory_equal(&t->next_key, &t->key, sizeof t->key);
        assert_int_equal(t->prevhash[31], 0x65); /* the reverse of how it is written */
        template_unref(t);
    }
}

/* What the daemon would rebuild from the block must be what was hashed. */
static void blocks_hold_what_was_hashed(void **state)
{
    static const unsigned counts[] = {0, 1, 2, 7, 8, 12};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct chain_template *t = template_of(monero_answer_with(counts[i]));
        struct job *job = job_of(t, "/test/");
        struct share share = share_of(job, 0xc0ffee00 + (uint32_t)i);
        struct monero_block b;
        uint8_t blob[ALGO_INPUT_MAX], hash[32], shown[32], id[32];
        size_t len;

        assert_int_equal(share_check(&share, &job->block_target, NULL), 0);
        uint8_t *block = block_assemble(&share, &len, hash);
        assert_non_null(block);
        assert_int_equal(monero_block_parse(block, len, &b, NULL), 0);
        assert_int_equal(b.tx_count, counts[i]);
        assert_memory_equal(block + b.nonce_at, "\1\2\3\4", 4);
        uint16_t blob_len = monero_blob_of(block, &b, 20, blob);
        assert_int_equal(share.header_len, blob_len);
        assert_memory_equal(share.header, blob, blob_len);
        monero_block_id(blob, blob_len, id);
        bytes_reverse(shown, hash, 32);
        assert_memory_equal(shown, id, 32);
        free(block);
        job_unref(job);
        template_unref(t);
    }
}

static void the_pools_bytes_stand_in_the_reserved_ones(void **state)
{
    json_t *answer = monero_answer_with(2);
    size_t at = row_number(answer, "reserved_offset"), len, whole;
    uint8_t *before = bytes_of_hex(row_text(answer, "blocktemplate_blob"), &whole), hash[32];
    struct chain_template *t = template_of(answer);
    struct job *job = job_of(t, "otedama");
    struct share share = share_of(job, 0x11223344);

    (void)state;
    assert_int_equal(share_check(&share, &job->block_target, NULL), 0);
    uint8_t *block = block_assemble(&share, &len, hash);
    assert_int_equal(len, whole);
    assert_memory_equal(block + at,
                        "\x11\x22\x33\x44\0\0\0\0\xee\xdd\xcc\xbb"
                        "otedama\0",
                        20);
    memset(block + at, 0, 12 + 7);
    memset(block + 39, 0, 4); /* the nonce */
    assert_memory_equal(block, before, len);
    free(before);
    free(block);
    job_unref(job);
    template_unref(t);
}

static void jobs_differ_by_extranonce_and_share_no_time(void **state)
{
    struct chain_template *t = template_of(monero_answer_with(1));
    struct job *job = job_of(t, NULL);
    struct share a = share_of(job, 1), b = share_of(job, 2), late = share_of(job, 1);

    (void)state;
    assert_int_equal(share_check(&a, &job->block_target, NULL), 0);
    assert_int_equal(share_check(&b, &job->block_target, NULL), 0);
    assert_memory_not_equal(a.hash, b.hash, 32);
    late.ntime++;
    assert_int_equal(share_check(&late, &job->block_target, NULL), ERR_TIME_RANGE);
    assert_int_equal(job->nonce_at, 39);
    assert_int_equal(job->input_len, 76);
    job_unref(job);
    template_unref(t);
}

static void a_long_text_is_cut_and_long_extranonces_are_refused(void **state)
{
    struct chain_template *t = template_of(monero_answer_with(0));
    char text[200];
    const struct coinbase_plan fine = {NULL, 0, text, 32, 16}, rows[] = {
                                                                   {NULL, 0, NULL, 33, 8},
                                                                   {NULL, 0, NULL, 4, 0},
                                                                   {NULL, 0, NULL, 4, 17},
                                                               };

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct job *job = template_job(t, &fine);
    assert_non_null(job);
    assert_int_equal(job->plan.coinb2_len, MONERO_RESERVE - 48 + 1); /* and the RingCT byte */
    assert_int_equal(job->plan.coinb2[job->plan.coinb2_len - 1], 0);
    job_unref(job);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_null(template_job(t, &rows[i]));
    template_unref(t);
}

static void the_next_seed_is_told(void **state)
{
    json_t *answer = monero_answer_with(0);

    (void)state;
    json_object_set_new(
        answer, "next_seed_hash",
        json_string("aa18015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e"));
    struct chain_template *t = template_of(answer);
    assert_int_equal(t->next_key.seed[0], 0xaa);
    assert_int_equal(t->next_key.seed_len, 32);
    template_unref(t);
}

struct wrong {
    const char *field;
    const char *value; /* JSON; NULL = the field is taken away */
    const char *says;
};

static void answers_with_a_wrong_field_are_refused(void **state)
{
    static const struct wrong rows[] = {
        {"status", NULL, "status"},
        {"status", "\"BUSY\"", "status"},
        {"blocktemplate_blob", NULL, "hex of a block"},
        {"blocktemplate_blob", "7", "hex of a block"},
        {"blocktemplate_blob", "\"\"", "hex of a block"},
        {"blocktemplate_blob", "\"101\"", "hex of a block"},
        {"blocktemplate_blob", "\"zz10\"", "hex of a block"},
        {"blocktemplate_blob", "\"1010\"", "ends early"},
        {"height", NULL, "height"},
        {"height", "95", "height"},
        {"height", "-96", "height"},
        {"height", "\"96\"", "height"},
        {"expected_reward", "1", "expected_reward"},
        {"expected_reward", "[]", "expected_reward"},
        {"seed_height", "2048", "seed_height"},
        {"prev_hash", NULL, "prev_hash"},
        {"prev_hash", "\"00\"", "prev_hash"},
        {"prev_hash", "\"0066cea9d33ea6e0097dcac29173b3a9a61af5add891dd86b3e915b4749b6b48\"",
         "prev_hash"},
        {"reserved_offset", NULL, "reserved_offset"},
        {"reserved_offset", "126", "reserved_offset"},
        {"reserved_offset", "128", "reserved_offset"},
        {"reserved_offset", "0", "reserved_offset"},
        {"reserved_offset", "-1", "reserved_offset"},
        {"reserved_offset", "9223372036854775807", "reserved_offset"},
        {"seed_hash", NULL, "seed_hash"},
        {"seed_hash", "\"\"", "seed_hash"},
        {"next_seed_hash", "\"12\"", "next_seed_hash"},
        {"next_seed_hash", "7", "next_seed_hash"},
        {"difficulty", "-1", "difficulty"},
        {"difficulty", "2", "difficulty"},
        {"difficulty_top64", "1", "difficulty"},
        {"wide_difficulty", "\"0x0\"", "wide_difficulty"},
        {"wide_difficulty", "1", "wide_difficulty"},
        {"blockhashing_blob", NULL, "blockhashing_blob"},
        {"blockhashing_blob", "\"1010\"", "blockhashing_blob"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *answer = monero_answer_with(4);
        struct chain_template *t;
        struct fault why = {0};
        if (rows[i].value)
            json_object_set_new(answer, rows[i].field,
                                json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
        else
            json_object_del(answer, rows[i].field);
        int err = monero_template_read(answer, monero, &fake_blob, &t, &why);
        if (err != ERR_PROTOCOL || !strstr(why.text, rows[i].says))
            fail_msg("%s = %s: %d, \"%s\"", rows[i].field, rows[i].value ? rows[i].value : "none",
                     err, why.text);
        json_decref(answer);
    }
}

/* One digit of the blob changed: nothing that is hashed may differ unnoticed. */
static void blobs_with_a_wrong_byte_are_refused(void **state)
{
    static const struct {
        size_t at; /* byte */
        const char *digits, *says;
    } rows[] = {
        {0, "11", "hard fork"},    {0, "0b", "before RandomX"},
        {7, "00", "prev_hash"},    {43, "03", "version"},
        {44, "9d", "locked"},      {46, "02", "miner's"},
        {47, "fe", "miner's"},     {49, "00", "outputs"},
        {57, "04", "kind"},        {58, "00", "blockhashing_blob"},
        {125, "01", "reserved"},   {126, "3b", "reserved"},
        {150, "01", "reserved"},   {187, "01", "RingCT"},
        {188, "05", "ends early"}, {189, "00", "blockhashing_blob"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *answer = monero_answer_with(4);
        struct chain_template *t;
        struct fault why = {0};
        char *hex = xstrdup(row_text(answer, "blocktemplate_blob"));
        memcpy(hex + 2 * rows[i].at, rows[i].digits, 2);
        json_object_set_new(answer, "blocktemplate_blob", json_string(hex));
        int err = monero_template_read(answer, monero, &fake_blob, &t, &why);
        if (err != ERR_PROTOCOL || !strstr(why.text, rows[i].says))
            fail_msg("byte %zu = %s: %d, \"%s\"", rows[i].at, rows[i].digits, err, why.text);
        free(hex);
        json_decref(answer);
    }
}

static void answers_that_are_no_object_are_refused(void **state)
{
    static const char *const rows[] = {"null", "[]", "7", "\"x\"", "{}"};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *answer = json_loads(rows[i], JSON_DECODE_ANY, NULL);
        struct chain_template *t;
        struct fault why = {0};
        assert_int_equal(monero_template_read(answer, monero, &fake_blob, &t, &why), ERR_PROTOCOL);
        assert_true(why.text[0]);
        json_decref(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(difficulty_may_have_128_bits),
        cmocka_unit_test(templates_of_a_real_daemon_are_taken),
        cmocka_unit_test(blocks_hold_what_was_hashed),
        cmocka_unit_test(the_pools_bytes_stand_in_the_reserved_ones),
        cmocka_unit_test(jobs_differ_by_extranonce_and_share_no_time),
        cmocka_unit_test(a_long_text_is_cut_and_long_extranonces_are_refused),
        cmocka_unit_test(the_next_seed_is_told),
        cmocka_unit_test(answers_with_a_wrong_field_are_refused),
        cmocka_unit_test(blobs_with_a_wrong_byte_are_refused),
        cmocka_unit_test(answers_that_are_no_object_are_refused),
    };

    monero = coin_find("monero");
    return cmocka_run_group_tests(tests, monero_captured_load, monero_captured_unload);
}

/* SPDX-License-Identifier: MIT */
/* Monero's blocks and templates: ids of a real chain, templates of a real daemon, the jobs and
 * blocks made of them, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/monero_template.h"
#include "crypto/keccak.h"
#include "tests/fake/hash_algo.h"

static json_t *captured;
static const struct coin *monero;

/* --- helpers --------------------------------------------------------------------------------- */

static int load(void **state)
{
    (void)state;
    captured = json_load_file("tests/vectors/monero-templates.json", 0, NULL);
    return !captured;
}

static int unload(void **state)
{
    (void)state;
    json_decref(captured);
    return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    assert_non_null(text);
    return text;
}

static uint64_t number_of(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

static uint8_t *bytes_of(const char *hex, size_t *len)
{
    *len = strlen(hex) / 2;
    uint8_t *bytes = xmalloc(*len + 1);
    assert_true(hex_decode(hex, bytes, *len));
    return bytes;
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char *shown = xmalloc(2 * len + 1);

    hex_encode(bytes, len, shown);
    assert_string_equal(shown, hex);
    free(shown);
}

/* The answer of a real daemon with so many transactions in its pool; a copy. */
static json_t *answer_with(unsigned others)
{
    char name[32];
    const json_t *row;
    size_t i;

    snprintf(name, sizeof name, "%u others", others);
    json_array_foreach(
        json_object_get(captured, "templates"), i,
        row) if (!strcmp(text_of(row, "name"),
                         name)) return json_deep_copy(json_object_get(row, "result"));
    fail_msg("no template with %s", name);
    return NULL;
}

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

/* --- blocks and trees ------------------------------------------------------------------------ */

static void blocks_of_a_real_chain_give_their_id(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(captured, "blocks"), i, row)
    {
        struct monero_block b;
        size_t len;
        uint8_t blob[ALGO_INPUT_MAX], id[32];
        uint8_t *bytes = bytes_of(text_of(row, "blob"), &len);

        assert_int_equal(monero_block_parse(bytes, len, &b, NULL), 0);
        assert_int_equal(b.output_sum, number_of(row, "reward"));
        assert_int_equal(b.tx_count, number_of(row, "txs"));
        struct block_plan plan = {.coinb1 = bytes + b.miner_at,
                                  .coinb1_len = 40,
                                  .coinb2 = bytes + b.miner_at + 40,
                                  .coinb2_len = (uint32_t)(b.miner_end - b.miner_at - 40)};
        plan.branch_count = (uint8_t)monero_branch(b.txs, b.tx_count, plan.branch);
        uint16_t blob_len = monero_input(&b, blob);
        memcpy(blob + b.nonce_at, bytes + b.nonce_at, 4);
        form_monero.root(&plan, NULL, 0, NULL, 0, blob + b.nonce_at + 4);
        monero_block_id(blob, blob_len, id);
        assert_hex(id, 32, text_of(row, "id"));
        free(bytes);
    }
    assert_int_equal(i, 3);
}

static void no_block_that_is_cut_is_taken(void **state)
{
    json_t *answer = answer_with(3);
    size_t len;
    uint8_t *bytes = bytes_of(text_of(answer, "blocktemplate_blob"), &len);
    struct monero_block b;

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = xmalloc(cut + 1); /* so that reading on is noticed */
        memcpy(exact, bytes, cut);
        assert_int_equal(monero_block_parse(exact, cut, &b, NULL), ERR_FIELD);
        free(exact);
    }
    bytes[len] = 0;
    assert_int_equal(monero_block_parse(bytes, len + 1, &b, NULL), ERR_FIELD);
    free(bytes);
    json_decref(answer);
}

static void varints_have_one_form(void **state)
{
    static const struct {
        uint8_t bytes[12];
        unsigned len; /* 0 = refused */
        uint64_t value;
    } rows[] = {
        {{0x00}, 1, 0},
        {{0x7f}, 1, 127},
        {{0x80, 0x01}, 2, 128},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10, UINT64_MAX},
        {{0x80, 0x00}, 0, 0},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 0, 0},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *at = rows[i].bytes;
        uint8_t made[LEB128_MAX];
        uint64_t value = 1;
        bool ok = leb128_take(&at, rows[i].bytes + 11, &value);
        assert_int_equal(ok, rows[i].len != 0);
        if (!ok)
            continue;
        assert_int_equal(value, rows[i].value);
        assert_int_equal(at - rows[i].bytes, rows[i].len);
        assert_int_equal(leb128_put(made, value), rows[i].len);
        assert_memory_equal(made, rows[i].bytes, rows[i].len);
    }
    const uint8_t *at = rows[2].bytes;
    uint64_t value;
    assert_false(leb128_take(&at, at + 1, &value));
}

/* --- numbers --------------------------------------------------------------------------------- */

/* hash * difficulty < 2^256 holds for the target and for nothing above it. */
static void targets_are_the_last_hash_that_meets_the_difficulty(void **state)
{
    static const struct {
        const char *wide;
        uint64_t difficulty;
    } rows[] = {
        {"0x1", 1}, {"0x2", 2}, {"0x3", 3}, {"0x64", 100}, {"0xffffffffffffffff", UINT64_MAX}};
    struct u256 one = u256_from_u64(1), target;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(monero_target(rows[i].wide, &target));
        struct u256 product = target, above = target;
        assert_false(u256_mul_u64(&product, rows[i].difficulty));
        if (u256_add(&above, &one))
            continue; /* difficulty 1: every hash will do */
        assert_true(u256_mul_u64(&above, rows[i].difficulty));
    }
    assert_true(monero_target("0xffffffffffffffffffffffffffffffff", &target));
    struct u256 most = u256_shl(u256_from_u64(1), 128);
    assert_int_equal(u256_cmp(&target, &(struct u256){{1, 0, 1, 0}}), 0);
    assert_true(u256_cmp(&target, &most) > 0);
}

static void difficulties_that_are_none_are_refused(void **state)
{
    static const char *const rows[] = {
        "",   "0",   "0x",   "0x0",  "0x00000000000000000000000000000000",
        "64", "0xg", "0x1 ", "0x-1", "0x100000000000000000000000000000000"};
    struct u256 target;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (monero_target(rows[i], &target))
            fail_msg("\"%s\" was taken", rows[i]);
}

static void difficulty_may_have_128_bits(void **state)
{
    json_t *answer = answer_with(0);
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

/* --- templates ------------------------------------------------------------------------------- */

static void templates_of_a_real_daemon_are_taken(void **state)
{
    static const unsigned counts[] = {0, 1, 2, 3, 4, 6, 7, 8, 12};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        json_t *answer = answer_with(counts[i]);
        uint64_t reward = number_of(answer, "expected_reward");
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
        struct chain_template *t = template_of(answer_with(counts[i]));
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
        struct block_plan plan = {.coinb1 = block + b.miner_at,
                                  .coinb1_len = 20,
                                  .coinb2 = block + b.miner_at + 20,
                                  .coinb2_len = (uint32_t)(b.miner_end - b.miner_at - 20)};
        plan.branch_count = (uint8_t)monero_branch(b.txs, b.tx_count, plan.branch);
        uint16_t blob_len = monero_input(&b, blob);
        memcpy(blob + b.nonce_at, block + b.nonce_at, 4);
        form_monero.root(&plan, NULL, 0, NULL, 0, blob + b.nonce_at + 4);
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
    json_t *answer = answer_with(2);
    size_t at = number_of(answer, "reserved_offset"), len, whole;
    uint8_t *before = bytes_of(text_of(answer, "blocktemplate_blob"), &whole), hash[32];
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
    struct chain_template *t = template_of(answer_with(1));
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
    struct chain_template *t = template_of(answer_with(0));
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
    json_t *answer = answer_with(0);

    (void)state;
    json_object_set_new(
        answer, "next_seed_hash",
        json_string("aa18015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e"));
    struct chain_template *t = template_of(answer);
    assert_int_equal(t->next_key.seed[0], 0xaa);
    assert_int_equal(t->next_key.seed_len, 32);
    template_unref(t);
}

/* --- what is refused ------------------------------------------------------------------------- */

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
        json_t *answer = answer_with(4);
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
        json_t *answer = answer_with(4);
        struct chain_template *t;
        struct fault why = {0};
        char *hex = xstrdup(text_of(answer, "blocktemplate_blob"));
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
        cmocka_unit_test(blocks_of_a_real_chain_give_their_id),
        cmocka_unit_test(no_block_that_is_cut_is_taken),
        cmocka_unit_test(varints_have_one_form),
        cmocka_unit_test(targets_are_the_last_hash_that_meets_the_difficulty),
        cmocka_unit_test(difficulties_that_are_none_are_refused),
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
    return cmocka_run_group_tests(tests, load, unload);
}

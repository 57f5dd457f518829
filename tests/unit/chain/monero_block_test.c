/* SPDX-License-Identifier: MIT */
/* Monero's blocks and numbers: ids of a real chain, bytes that are cut, varints, targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "chain/monero_template.h"
#include "tests/fake/monero_answers.h"
#include "tests/fake/row.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char *shown = xmalloc(2 * len + 1);

    hex_encode(bytes, len, shown);
    assert_string_equal(shown, hex);
    free(shown);
}

static void blocks_of_a_real_chain_give_their_id(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(monero_captured, "blocks"), i, row)
    {
        struct monero_block b;
        size_t len;
        uint8_t blob[ALGO_INPUT_MAX], id[32];
        uint8_t *bytes = bytes_of_hex(row_text(row, "blob"), &len);

        assert_int_equal(monero_block_parse(bytes, len, &b, NULL), 0);
        assert_int_equal(b.output_sum, row_number(row, "reward"));
        assert_int_equal(b.tx_count, row_number(row, "txs"));
        uint16_t blob_len = monero_blob_of(bytes, &b, 40, blob);
        monero_block_id(blob, blob_len, id);
        assert_hex(id, 32, row_text(row, "id"));
        free(bytes);
    }
    assert_int_equal(i, 3);
}

static void no_block_that_is_cut_is_taken(void **state)
{
    json_t *answer = monero_answer_with(3);
    size_t len;
    uint8_t *bytes = bytes_of_hex(row_text(answer, "blocktemplate_blob"), &len);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_of_a_real_chain_give_their_id),
        cmocka_unit_test(no_block_that_is_cut_is_taken),
        cmocka_unit_test(varints_have_one_form),
        cmocka_unit_test(targets_are_the_last_hash_that_meets_the_difficulty),
        cmocka_unit_test(difficulties_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, monero_captured_load, monero_captured_unload);
}

/* SPDX-License-Identifier: MIT */
/* KawPow's parts by the definition against known answers, and what its descriptor promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "algo/dataset_ops.h"
#include "base/endian.h"
#include "base/hex.h"
#include "crypto/keccak.h"
#include "kernels/kawpow/kawpow.h"
#include "tests/fake/row.h"

static json_t *vectors;

static uint32_t item(const json_t *list, size_t i)
{
    return (uint32_t)json_integer_value(json_array_get(list, i));
}

/* --- programs -------------------------------------------------------------------------------- */

static void a_program_writes_each_register_once_and_the_first_again(void **state)
{
    (void)state;
    for (uint64_t period = 0; period < 1000; period++) {
        unsigned written[KAWPOW_REGS] = {0};
        struct kawpow_program program;
        kawpow_program_draw(period << (period % 40), &program);
        for (unsigned i = 0; i < KAWPOW_OPS; i++) {
            const struct kawpow_op *op = &program.op[i];
            written[op->dst]++;
            assert_true(op->kind != KAWPOW_MATH || op->a != op->b);
        }
        for (unsigned i = 0; i < KAWPOW_REGS; i++)
            assert_int_equal(written[i], 1 + (i == 0));
    }
}

/* --- operations ------------------------------------------------------------------------------ */

static void operations_hold_at_their_edges(void **state)
{
    static const struct {
        enum kawpow_math kind;
        uint32_t a, b, want;
    } rows[] = {
        {MATH_ADD, UINT32_MAX, 2, 1},
        {MATH_MUL, 0x10001, 0x10001, 0x20001},
        {MATH_MULHI, UINT32_MAX, UINT32_MAX, 0xfffffffe},
        {MATH_MIN, 0x80000000, 1, 1},
        {MATH_ROTL, 0x80000001, 1, 3},
        {MATH_ROTL, 0x80000001, 32, 0x80000001},
        {MATH_ROTR, 0x80000001, 1, 0xc0000000},
        {MATH_ROTR, 0x80000001, 64, 0x80000001},
        {MATH_AND, 0xff00ff00, 0x0ff00ff0, 0x0f000f00},
        {MATH_OR, 0xff00ff00, 0x0ff00ff0, 0xfff0fff0},
        {MATH_XOR, 0xff00ff00, 0x0ff00ff0, 0xf0f0f0f0},
        {MATH_CLZ, 0, 1, 63},
        {MATH_CLZ, UINT32_MAX, 0x7fffffff, 1},
        {MATH_POPCOUNT, UINT32_MAX, 0x80000001, 34},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(kawpow_math(rows[i].kind, rows[i].a, rows[i].b), rows[i].want);
}

/* --- hashes without a dataset ---------------------------------------------------------------- */

static void input_of(const json_t *row, const char *nonce, uint8_t input[KAWPOW_INPUT])
{
    assert_true(hex_decode(row_text(row, "header_hash"), input, KAWPOW_HEADER));
    put_le64(input + KAWPOW_NONCE_AT, strtoull(row_text(row, nonce), NULL, 16));
}

static void check_final(const json_t *row, const char *nonce)
{
    uint8_t input[KAWPOW_INPUT], mix[32], want[32], got[32];
    const struct algo_input in = {.bytes = input, .len = sizeof input, .nonce_at = KAWPOW_NONCE_AT};

    input_of(row, nonce, input);
    assert_true(hex_decode(row_text(row, "mix_hash"), mix, sizeof mix));
    assert_true(hex_decode(row_text(row, "final_hash"), want, sizeof want));
    assert_int_equal(algo_kawpow.quick(&in, mix, got), 0);
    assert_memory_equal(got, want, sizeof want);
}

static void a_claimed_mix_gives_its_hash_without_a_dataset(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "hashes"), i, row) check_final(row, "nonce");
    assert_int_equal(i, 19);
    json_array_foreach(json_object_get(vectors, "headers"), i, row) check_final(row, "nonce64");
    assert_int_equal(i, 1);
}

static void an_input_of_another_length_is_refused(void **state)
{
    uint8_t bytes[ALGO_INPUT_MAX] = {0}, mix[32] = {0}, hash[32];
    const struct algo_input in = {.bytes = bytes, .len = 80, .nonce_at = 76};

    (void)state;
    assert_int_equal(algo_kawpow.quick(&in, mix, hash), ERR_FIELD);
}

/* --- plans ----------------------------------------------------------------------------------- */

static void plans_have_the_sizes_of_the_table(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "sizes"), i, row)
    {
        uint64_t first = row_number(row, "epoch") * KAWPOW_EPOCH;
        struct dataset_plan plan, last;
        struct algo_key key = {.height = first};
        assert_int_equal(algo_kawpow.dataset->plan(&key, &plan, NULL), 0);
        assert_in_range(plan.light_bytes, row_number(row, "cache_items") * 64,
                        row_number(row, "cache_items") * 64 + 65536);
        /* all of the groups, and at most the entry that is in none */
        assert_in_range(plan.full_bytes, row_number(row, "progpow_items_256B") * 256,
                        row_number(row, "dataset_bytes"));
        assert_int_equal(plan.items, plan.full_bytes / 64);
        key.height = first + KAWPOW_EPOCH - 1;
        assert_int_equal(algo_kawpow.dataset->plan(&key, &last, NULL), 0);
        assert_string_equal(plan.name, last.name);
        key.height++;
        assert_int_equal(algo_kawpow.dataset->plan(&key, &last, NULL), 0);
        assert_string_not_equal(plan.name, last.name);
    }
    assert_true(i > 0);
}

static void an_epoch_behind_the_last_is_refused_in_words(void **state)
{
    struct algo_key key = {.height = (uint64_t)(ETHASH_EPOCH_MAX + 1) * KAWPOW_EPOCH - 1};
    struct dataset_plan plan;
    struct fault why = {0};

    (void)state;
    assert_int_equal(algo_kawpow.dataset->plan(&key, &plan, &why), 0);
    key.height++;
    assert_int_equal(algo_kawpow.dataset->plan(&key, &plan, &why), ERR_KEY);
    assert_non_null(strstr(why.text, "32640"));
    key.height = UINT64_MAX;
    assert_int_equal(algo_kawpow.dataset->plan(&key, &plan, &why), ERR_KEY);
}

static void a_context_needs_a_dataset(void **state)
{
    struct algo_ctx *ctx = NULL;
    struct fault why = {0};

    (void)state;
    assert_int_equal(algo_kawpow.ctx_new(NULL, &ctx, &why), ERR_KEY);
    assert_null(ctx);
}

/* --- epoch 0 --------------------------------------------------------------------------------- */

static void check_epoch_0(const struct kawpow_data *data)
{
    const json_t *row = json_object_get(vectors, "l1_cache_epoch0");
    uint8_t got[32], want[32];

    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(data->l1[i / ETHASH_WORDS].word[i % ETHASH_WORDS],
                         item(json_object_get(row, "first20"), i));
    assert_true(hex_decode(row_text(row, "keccak256"), want, sizeof want));
    keccak256(data->l1, sizeof data->l1, got);
    assert_memory_equal(got, want, sizeof want);
}

static void check_hash(struct algo_ctx *ctx, const json_t *row)
{
    const struct algo_key key = {.height = row_number(row, "block_number")};
    uint8_t input[KAWPOW_INPUT], hash[32], mix[32];
    const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
    struct algo_result got;

    input_of(row, "nonce", input);
    assert_true(hex_decode(row_text(row, "mix_hash"), mix, sizeof mix));
    assert_true(hex_decode(row_text(row, "final_hash"), hash, sizeof hash));
    assert_int_equal(algo_kawpow.hash(ctx, &in, &got), 0);
    assert_memory_equal(got.hash, hash, sizeof hash);
    assert_memory_equal(got.mix, mix, sizeof mix);
}

/* The other epochs are left to `otedama selftest`: their caches take seconds. */
static void the_first_epoch_hashes_to_the_known_answers(void **state)
{
    const struct algo_key key = {.height = 0};
    const struct dataset_choices choices = {.dir = NULL};
    const _Atomic bool cancel = false;
    _Atomic uint32_t permille = 0;
    struct dataset_plan plan;
    const json_t *row;
    unsigned tried = 0;
    void *memory;
    size_t i;

    (void)state;
    assert_int_equal(algo_kawpow.dataset->plan(&key, &plan, NULL), 0);
    assert_int_equal(
        algo_kawpow.dataset->light(&key, &plan, &choices, &cancel, &permille, &memory, NULL), 0);
    check_epoch_0(kawpow_data_of(memory));
    struct algo_ctx *ctx = kawpow_ctx_over(kawpow_data_of(memory), false);
    json_array_foreach(json_object_get(vectors, "hashes"), i, row)
    {
        if (row_number(row, "block_number") < KAWPOW_EPOCH) {
            check_hash(ctx, row);
            tried++;
        }
    }
    assert_int_equal(tried, 8);
    kawpow_ctx_free(ctx);
    algo_kawpow.dataset->free(memory);
}

static int load(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/kawpow.json", 0, NULL);
    return vectors ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_writes_each_register_once_and_the_first_again),
        cmocka_unit_test(operations_hold_at_their_edges),
        cmocka_unit_test(a_claimed_mix_gives_its_hash_without_a_dataset),
        cmocka_unit_test(an_input_of_another_length_is_refused),
        cmocka_unit_test(plans_have_the_sizes_of_the_table),
        cmocka_unit_test(an_epoch_behind_the_last_is_refused_in_words),
        cmocka_unit_test(a_context_needs_a_dataset),
        cmocka_unit_test(the_first_epoch_hashes_to_the_known_answers),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

/* SPDX-License-Identifier: MIT */
/* Coinbases and Merkle branches: the BIP34 table, the 100-byte limit, branches against the plain
 * tree, the witness form, and transactions cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "chain/coinbase.h"
#include "chain/merkle.h"
#include "chain/template.h"
#include "chain/tx.h"
#include "crypto/sha256.h"

static void heights_up_to_16_are_one_operation(void **state)
{
    (void)state;
    for (unsigned h = 1; h <= 16; h++) {
        uint8_t push[HEIGHT_PUSH_MAX];
        assert_int_equal(coinbase_height(h, push), 1);
        assert_int_equal(push[0], 0x50 + h);
    }
}

/* The tree as the definition has it, over all leaves. */
static void plain_root(uint8_t (*level)[32], size_t count, uint8_t root[32])
{
    while (count > 1) {
        for (size_t i = 0; i < count; i += 2)
            sha256d_pair(level[i], level[i + 1 < count ? i + 1 : i], level[i / 2]);
        count = (count + 1) / 2;
    }
    memcpy(root, level[0], 32);
}

static void branches_fold_to_the_root_of_the_plain_tree(void **state)
{
    (void)state;
    for (size_t others = 0; others <= 70; others++) {
        uint8_t leaves[71][32], root[32], folded[32], branch[MERKLE_MAX][32];
        rand_bytes(leaves, sizeof leaves);
        memcpy(folded, leaves[0], 32);
        unsigned steps = merkle_branch((const uint8_t(*)[32])leaves + 1, others, branch);
        merkle_fold(folded, (const uint8_t(*)[32])branch, steps);
        plain_root(leaves, others + 1, root);
        assert_memory_equal(folded, root, 32);
    }
}

/* BIP141's empty block, as every regtest daemon shows it. */
static void the_commitment_of_an_empty_block_is_known(void **state)
{
    uint8_t script[COMMITMENT_LEN];
    char hex[2 * COMMITMENT_LEN + 1];

    (void)state;
    assert_int_equal(witness_commitment(NULL, 0, script), COMMITMENT_LEN);
    hex_encode(script, sizeof script, hex);
    assert_string_equal(
        hex, "6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9");
}

/* --- the coinbase ---------------------------------------------------------------------------- */

static struct chain_template *template(uint64_t height, unsigned aux, bool commitment)
{
    struct chain_template *t = template_new(coins, NULL);

    t->height = height;
    t->coinbase_value = 625000000;
    t->aux_len = (uint8_t)aux;
    memset(t->aux, 'a', aux);
    if (commitment)
        t->commitment_len = (uint8_t)witness_commitment(NULL, 0, t->commitment);
    return t;
}

/* Joins the two halves around an extranonce of 0xee. Owned by the caller. */
static uint8_t *join(const struct block_plan *plan, size_t *len)
{
    unsigned extra = plan->extranonce1_len + plan->extranonce2_len;
    uint8_t *bytes = xmalloc(plan->coinb1_len + extra + plan->coinb2_len);

    memcpy(bytes, plan->coinb1, plan->coinb1_len);
    memset(bytes + plan->coinb1_len, 0xee, extra);
    memcpy(bytes + plan->coinb1_len + extra, plan->coinb2, plan->coinb2_len);
    *len = plan->coinb1_len + extra + plan->coinb2_len;
    return bytes;
}

static uint8_t *build(struct chain_template *t, const char *text, uint8_t extra1, uint8_t extra2,
                      size_t *len)
{
    static const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, sizeof script, text, extra1, extra2};
    struct block_plan halves = {0};

    assert_int_equal(coinbase_split(t, &plan, &halves), 0);
    uint8_t *bytes = join(&halves, len);
    free(halves.coinb1);
    free(halves.coinb2);
    template_unref(t);
    return bytes;
}

static void a_coinbase_is_a_transaction_that_spends_nothing(void **state)
{
    struct tx_view tx;
    size_t len;
    uint8_t *bytes = build(template(840000, 0, true), "/otedama/", 4, 8, &len);

    (void)state;
    assert_int_equal(tx_parse(bytes, len, &tx), 0);
    assert_true(tx_is_coinbase(&tx));
    assert_int_equal(tx.output_count, 2);
    assert_int_equal(tx.output_sum, 625000000);
    assert_memory_equal(tx.script, "\x03\x40\xd1\x0c\x0c\xee", 6);
    assert_memory_equal(tx.script + tx.script_len - 9, "/otedama/", 9);
    /* the commitment is last */
    assert_memory_equal(bytes + tx.outputs_end - 38, "\x6a\x24\xaa\x21\xa9\xed", 6);
    free(bytes);
}

static void the_script_never_passes_100_bytes(void **state)
{
    static const char text[] = "12345678901234567890123456789012";
    static const uint8_t extras[] = {0, 4, 8, 16, 32};
    static const uint64_t heights[] = {1, 16, 17, 840000, INT32_MAX};

    (void)state;
    for (unsigned aux = 0; aux <= 64; aux++)
        for (size_t e = 0; e < sizeof extras; e++)
            for (size_t h = 0; h < sizeof heights / sizeof *heights; h++) {
                struct tx_view tx;
                size_t len;
                uint8_t *bytes = build(template(heights[h], aux, false), text, extras[e], 16, &len);
                assert_int_equal(tx_parse(bytes, len, &tx), 0);
                assert_in_range(tx.script_len, 2, COINBASE_SCRIPT_MAX);
                free(bytes);
            }
}

static void impossible_plans_are_refused(void **state)
{
    static const uint8_t script[] = {0x51};
    static const struct coinbase_plan rows[] = {
        {script, 1, NULL, 4, 0},
        {script, 1, NULL, 4, 17},
        {script, 1, NULL, EXTRANONCE_MAX + 1, 4},
        {script, 1, "123456789012345678901234567890123", 4, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct chain_template *t = template(5, 0, false);
        struct block_plan halves = {0};
        assert_int_equal(coinbase_split(t, &rows[i], &halves), ERR_FIELD);
        template_unref(t);
    }
}

static void the_witness_form_has_the_same_id(void **state)
{
    struct tx_view old, full;
    uint8_t id_old[32], id_full[32];
    size_t len;
    uint8_t *bytes = build(template(840000, 5, true), "/x/", 4, 8, &len);
    uint8_t *with = xmalloc(len + COINBASE_WITNESS_BYTES);

    (void)state;
    size_t full_len = coinbase_with_witness(bytes, len, with);
    assert_int_equal(full_len, len + COINBASE_WITNESS_BYTES);
    assert_int_equal(tx_parse(bytes, len, &old), 0);
    assert_int_equal(tx_parse(with, full_len, &full), 0);
    assert_int_equal(full.flags, TX_WITNESS);
    tx_id(&old, id_old);
    tx_id(&full, id_full);
    assert_memory_equal(id_old, id_full, 32);
    free(bytes);
    free(with);
}

static void a_transaction_cut_anywhere_is_refused(void **state)
{
    struct tx_view tx;
    size_t len;
    uint8_t *bytes = build(template(840000, 5, true), "/x/", 4, 8, &len);
    uint8_t *with = xmalloc(len + COINBASE_WITNESS_BYTES + 1);

    (void)state;
    len = coinbase_with_witness(bytes, len, with);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = xmalloc(cut + 1); /* so that a read past the end is seen */
        memcpy(exact, with, cut);
        uint8_t *end = xrealloc(exact, cut ? cut : 1);
        assert_int_equal(tx_parse(end, cut, &tx), ERR_FIELD);
        free(end);
    }
    with[len] = 0;
    assert_int_equal(tx_parse(with, len + 1, &tx), ERR_FIELD);
    free(bytes);
    free(with);
}

static void sizes_are_written_in_their_shortest_form(void **state)
{
    static const struct {
        uint64_t value;
        size_t len;
    } rows[] = {{0, 1},
                {252, 1},
                {253, 3},
                {65535, 3},
                {65536, 5},
                {UINT32_MAX, 5},
                {UINT64_C(1) << 32, 9}};
    uint8_t out[VARINT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(varint_put(out, rows[i].value), rows[i].len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_up_to_16_are_one_operation),
        cmocka_unit_test(branches_fold_to_the_root_of_the_plain_tree),
        cmocka_unit_test(the_commitment_of_an_empty_block_is_known),
        cmocka_unit_test(a_coinbase_is_a_transaction_that_spends_nothing),
        cmocka_unit_test(the_script_never_passes_100_bytes),
        cmocka_unit_test(impossible_plans_are_refused),
        cmocka_unit_test(the_witness_form_has_the_same_id),
        cmocka_unit_test(a_transaction_cut_anywhere_is_refused),
        cmocka_unit_test(sizes_are_written_in_their_shortest_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

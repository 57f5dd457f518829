/* SPDX-License-Identifier: MIT */
/* The devnet: blocks mined with the reference hash are taken, wrong ones are refused by name,
 * branches reorganise, and a restart finds the same tip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "chain/devnet.h"
#include "chain/devnet_check.h"
#include "crypto/sha256.h"
#include "store/store.h"
#include "tests/fake/devnet_rig.h"
#include "tests/fake/hash_algo.h"

static int64_t status(struct devnet_rig *n, const uint8_t hash[32])
{
    chain_status(n->chain, hash, chain_heard_status, &n->heard);
    devnet_rig_wait(n);
    return n->heard.confirmations;
}

static void mined_blocks_make_a_chain(void **state)
{
    struct devnet_rig n;
    uint8_t hash[5][32];

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(n.heard.template->height, i + 1);
        devnet_rig_extend(&n, hash[i]);
        assert_memory_equal(n.heard.template->prevhash, hash[i], 32);
    }
    for (int i = 0; i < 5; i++)
        assert_int_equal(status(&n, hash[i]), 5 - i);
    assert_int_equal(n.heard.template->coinbase_value, 5000000000);
    devnet_rig_close(&n);
}

static void the_new_template_comes_before_the_answer(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    unsigned before = n.heard.new_tips;
    uint8_t *block =
        devnet_rig_mine(&n, n.heard.template, 1, n.heard.template->curtime, &len, hash);
    chain_submit(n.chain, block, len, hash, chain_heard_submit, &n.heard);
    assert_int_equal(n.heard.answers, 0); /* never from inside the call */
    uv_run(&n.loop, UV_RUN_NOWAIT);
    assert_int_equal(n.heard.new_tips, before + 1);
    assert_int_equal(n.heard.answers, 1);
    free(block);
    devnet_rig_close(&n);
}

static void a_known_block_is_a_duplicate_and_an_unknown_one_has_no_status(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32], other[32] = {1};
    size_t len;

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    uint8_t *block =
        devnet_rig_mine(&n, n.heard.template, 1, n.heard.template->curtime, &len, hash);
    devnet_rig_submit(&n, block, len, hash);
    devnet_rig_submit(&n, block, len, hash);
    assert_int_equal(n.heard.result, SUBMIT_ACCEPTED);
    assert_string_equal(n.heard.text, "duplicate");
    assert_int_equal(status(&n, other), -1);
    free(block);
    devnet_rig_close(&n);
}

static void break_prevhash(uint8_t *b, size_t *len)
{
    (void)len;
    b[4] ^= 1;
}
static void break_bits(uint8_t *b, size_t *len)
{
    (void)len;
    b[72] ^= 1;
}
static void break_root(uint8_t *b, size_t *len)
{
    (void)len;
    b[36] ^= 1;
}
static void break_count(uint8_t *b, size_t *len)
{
    (void)len;
    b[80] = 2;
}
static void break_height(uint8_t *b, size_t *len)
{
    (void)len;
    b[81 + 42]++;
}
static void break_old_time(uint8_t *b, size_t *len)
{
    (void)len;
    put_le32(b + 68, 1600000000);
}
static void break_new_time(uint8_t *b, size_t *len)
{
    (void)len;
    put_le32(b + 68, wall_s() + DEVNET_FUTURE_S + 60);
}
static void break_cut(uint8_t *b, size_t *len)
{
    (void)b;
    *len -= 1;
}
static void break_stub(uint8_t *b, size_t *len)
{
    (void)b;
    *len = 81;
}
static void break_prevout(uint8_t *b, size_t *len)
{
    (void)len;
    b[81 + 5] = 7;
}
/* value is the first thing after the sequence: height push, extranonce, "/test/" */
static void break_value(uint8_t *b, size_t *len)
{
    (void)len;
    size_t script = b[81 + 41];
    b[81 + 42 + script + 4 + 1]++;
}

static void wrong_blocks_are_refused_by_name(void **state)
{
    static const struct {
        void (*spoil)(uint8_t *, size_t *);
        const char *word;
    } rows[] = {
        {break_prevhash, "bad-prevblk"},  {break_bits, "bad-diffbits"},
        {break_root, "bad-txnmrklroot"},  {break_count, "bad-blk-length"},
        {break_height, "bad-cb-height"},  {break_old_time, "time-too-old"},
        {break_new_time, "time-too-new"}, {break_cut, "bad-txns"},
        {break_stub, "bad-blk-length"},   {break_prevout, "bad-cb-missing"},
        {break_value, "bad-cb-amount"},
    };
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    uint8_t *block =
        devnet_rig_mine(&n, n.heard.template, 1, n.heard.template->curtime, &len, hash);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *wrong = xmalloc(len);
        size_t wrong_len = len;
        memcpy(wrong, block, len);
        rows[i].spoil(wrong, &wrong_len);
        devnet_rig_submit(&n, wrong, wrong_len, hash);
        assert_int_equal(n.heard.result, SUBMIT_REJECTED);
        assert_string_equal(n.heard.text, rows[i].word);
        free(wrong);
    }
    free(block);
    devnet_rig_close(&n);
}

static void a_block_without_its_work_is_refused(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32], pow[32];
    size_t len;

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    uint8_t *block =
        devnet_rig_mine(&n, n.heard.template, 1, n.heard.template->curtime, &len, hash);
    do { /* the next nonce that does not meet the target */
        put_le32(block + 76, le32(block + 76) + 1);
        sha256d(block, 80, pow);
    } while (pow[31] < 16);
    devnet_rig_submit(&n, block, len, hash);
    assert_int_equal(n.heard.result, SUBMIT_REJECTED);
    assert_string_equal(n.heard.text, "high-hash");
    free(block);
    devnet_rig_close(&n);
}

static void the_first_of_two_siblings_stays_and_the_longer_branch_wins(void **state)
{
    struct devnet_rig n;
    uint8_t first[32], second[32], third[32];
    size_t len_first, len_second;

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    uint8_t *a =
        devnet_rig_mine(&n, n.heard.template, 1, n.heard.template->curtime, &len_first, first);
    uint8_t *b =
        devnet_rig_mine(&n, n.heard.template, 2, n.heard.template->curtime, &len_second, second);
    devnet_rig_submit(&n, a, len_first, first);
    devnet_rig_submit(&n, b, len_second, second);
    assert_int_equal(n.heard.result, SUBMIT_UNKNOWN);
    assert_string_equal(n.heard.text, "inconclusive");
    assert_int_equal(status(&n, second), 0);
    assert_int_equal(status(&n, first), 1);

    /* a child of the second: the branch with more work */
    struct chain_template t = *n.heard.template;
    memcpy(t.prevhash, second, 32);
    size_t len;
    uint8_t *c = devnet_rig_mine(&n, &t, 3, t.curtime, &len, third);
    devnet_rig_submit(&n, c, len, third);
    assert_int_equal(n.heard.result, SUBMIT_ACCEPTED);
    assert_int_equal(status(&n, first), 0);
    assert_int_equal(status(&n, second), 2);
    assert_int_equal(n.heard.template->height, 3);
    free(a);
    free(b);
    free(c);
    devnet_rig_close(&n);
}

static void a_reorganisation_on_command_goes_back_and_stays_back(void **state)
{
    struct devnet_rig n;
    uint8_t hash[4][32], again[32];

    (void)state;
    devnet_rig_open(&n, &fake_easy, NULL);
    for (unsigned i = 0; i < 4; i++)
        devnet_rig_extend(&n, hash[i]);
    assert_int_equal(devnet_reorg(n.chain, 0), ERR_FIELD);
    assert_int_equal(devnet_reorg(n.chain, 5), ERR_FIELD);
    unsigned tips = n.heard.new_tips;
    assert_int_equal(devnet_reorg(n.chain, 2), 0);
    uv_run(&n.loop, UV_RUN_NOWAIT);
    assert_int_equal(n.heard.new_tips, tips + 1);
    assert_int_equal(n.heard.template->height, 3);
    assert_int_equal(status(&n, hash[3]), 0);
    assert_int_equal(status(&n, hash[2]), 0);
    assert_int_equal(status(&n, hash[1]), 1);
    devnet_rig_extend(&n, again);
    assert_int_equal(status(&n, again), 1);
    assert_int_equal(status(&n, hash[2]), 0);
    devnet_rig_close(&n);
}

static void a_restart_finds_the_same_tip_and_the_thrown_out_blocks(void **state)
{
    struct store *store;
    struct devnet_rig n;
    uint8_t hash[4][32];

    (void)state;
    assert_int_equal(store_open(":memory:", NULL, &store, NULL), 0);
    devnet_rig_open(&n, &fake_easy, store);
    for (unsigned i = 0; i < 4; i++)
        devnet_rig_extend(&n, hash[i]);
    assert_int_equal(devnet_reorg(n.chain, 1), 0);
    devnet_rig_close(&n);

    devnet_rig_open(&n, &fake_easy, store);
    assert_int_equal(n.heard.template->height, 4);
    assert_memory_equal(n.heard.template->prevhash, hash[2], 32);
    assert_int_equal(status(&n, hash[3]), 0);
    assert_int_equal(status(&n, hash[0]), 3);
    devnet_rig_close(&n);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mined_blocks_make_a_chain),
        cmocka_unit_test(the_new_template_comes_before_the_answer),
        cmocka_unit_test(a_known_block_is_a_duplicate_and_an_unknown_one_has_no_status),
        cmocka_unit_test(wrong_blocks_are_refused_by_name),
        cmocka_unit_test(a_block_without_its_work_is_refused),
        cmocka_unit_test(the_first_of_two_siblings_stays_and_the_longer_branch_wins),
        cmocka_unit_test(a_reorganisation_on_command_goes_back_and_stays_back),
        cmocka_unit_test(a_restart_finds_the_same_tip_and_the_thrown_out_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Merge mining: trees of several chains, proofs made of them, and every rule that a proof can
 * break. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/endian.h"
#include "chain/aux_tree.h"
#include "chain/auxpow.h"
#include "chain/monero_aux.h"
#include "chain/tx.h"
#include "crypto/sha256.h"

enum { CHAIN_ID = 98, EASY_BITS = 0x207fffff, SCRIPT_ROOM = 250, PROOF_ROOM = 4096 };

/* --- a block that is merge-mined with two others ---------------------------------------------- */

struct mined {
    uint8_t header[AUXPOW_HEADER], parent[AUXPOW_HEADER];
    uint8_t script[SCRIPT_ROOM], coinbase[512], other_tx[32];
    size_t script_len;
    struct aux_leaf leaves[3];
    struct aux_tree tree;
    uint8_t branch[AUX_HEIGHT_MAX][32];
    uint8_t pow[32];
    struct auxpow proof;
};

/* The coinbase and the parent's header from the script. */
static void seal(struct mined *m)
{
    uint8_t *at = m->coinbase, root[32];

    memset(m->coinbase, 0, sizeof m->coinbase);
    put_le32(at, 1);
    at[4] = 1;
    memset(at + 5 + 32, 0xff, 4);
    at[41] = (uint8_t)m->script_len;
    at = (uint8_t *)mempcpy(at + 42, m->script, m->script_len);
    at += 4; /* sequence */
    *at++ = 1;
    at += 8 + 1 + 4; /* one output of nothing, to nobody; lock time */
    m->proof.coinbase = m->coinbase;
    m->proof.coinbase_len = (size_t)(at - m->coinbase);
    sha256d(m->coinbase, m->proof.coinbase_len, root);
    sha256d_pair(root, m->other_tx, m->parent + 36);
}

static void put_script(struct mined *m, const char *before, const uint8_t *commitment, size_t len,
                       const char *after)
{
    uint8_t *at = (uint8_t *)mempcpy(m->script, before, strlen(before));

    at = (uint8_t *)mempcpy(at, commitment, len);
    at = (uint8_t *)mempcpy(at, after, strlen(after));
    m->script_len = (size_t)(at - m->script);
    seal(m);
}

static void mine(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];
    static const uint32_t ids[3] = {7, CHAIN_ID, 1};

    memset(m, 0, sizeof *m);
    put_le32(m->header, CHAIN_ID << AUXPOW_CHAIN_SHIFT | AUXPOW_VERSION | 4);
    put_le32(m->header + 72, EASY_BITS);
    put_le32(m->parent, 0x20000000);
    memset(m->other_tx, 0x33, 32);
    for (unsigned i = 0; i < 3; i++) {
        m->leaves[i].chain_id = ids[i];
        memset(m->leaves[i].hash, (int)(0x10 + i), 32);
    }
    sha256d(m->header, AUXPOW_HEADER, m->leaves[1].hash);
    assert_int_equal(aux_tree_build(m->leaves, 3, &m->tree, NULL), 0);
    m->proof = (struct auxpow){
        .parent_hash = m->pow,
        .coinbase_branch = m->other_tx,
        .coinbase_steps = 1,
        .chain_branch = (const uint8_t *)m->branch,
        .chain_steps = aux_tree_branch(m->leaves, 3, &m->tree, 1, m->branch),
        .chain_index = aux_slot(m->tree.nonce, CHAIN_ID, m->tree.height),
        .parent = m->parent,
    };
    aux_commitment(&m->tree, commitment);
    put_script(m, "height and extranonce come first", commitment, sizeof commitment, "/pool/");
}

static enum auxpow_verdict verdict_of(const struct mined *m)
{
    return auxpow_verify(&m->proof, m->header, CHAIN_ID, m->pow);
}

/* --- the rules -------------------------------------------------------------------------------- */

static void unmark(struct mined *m)
{
    m->header[1] = 0;
}

static void name_other_chain(struct mined *m)
{
    m->header[2]++;
}

static void move_from_first_place(struct mined *m)
{
    m->proof.coinbase_index = 1;
}

static void use_own_parent(struct mined *m)
{
    put_le32(m->parent, CHAIN_ID << AUXPOW_CHAIN_SHIFT | 4);
}

static void lengthen_branch(struct mined *m)
{
    m->proof.chain_steps = AUX_HEIGHT_MAX + 1;
}

static void change_merkle_root(struct mined *m)
{
    m->parent[40] ^= 1;
}

static void change_block(struct mined *m)
{
    m->header[68] ^= 1;
}

static void change_index(struct mined *m)
{
    m->proof.chain_index ^= 1;
}

static void mark_twice(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];

    aux_commitment(&m->tree, commitment);
    put_script(m, "", commitment, sizeof commitment, "\xfa\xbe\x6d\x6d");
}

static void put_mark_apart(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];

    aux_commitment(&m->tree, commitment);
    put_script(m, "\xfa\xbe\x6d\x6d.", commitment + 4, sizeof commitment - 4, "");
}

static void put_root_late(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];

    aux_commitment(&m->tree, commitment);
    put_script(m, "twenty-one bytes here", commitment + 4, sizeof commitment - 4, "");
}

static void put_root_early(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];

    aux_commitment(&m->tree, commitment);
    put_script(m, "twenty of them here.", commitment + 4, sizeof commitment - 4, "");
}

static void cut_size(struct mined *m)
{
    uint8_t commitment[AUX_COMMITMENT];

    aux_commitment(&m->tree, commitment);
    put_script(m, "", commitment, sizeof commitment - 1, "");
}

static void write_other_tree(struct mined *m, unsigned height, uint32_t nonce)
{
    uint8_t commitment[AUX_COMMITMENT];
    struct aux_tree tree = m->tree;

    tree.height = height;
    tree.nonce = nonce;
    aux_commitment(&tree, commitment);
    put_script(m, "", commitment, sizeof commitment, "");
}

static void write_other_size(struct mined *m)
{
    write_other_tree(m, m->tree.height + 1, m->tree.nonce);
}

static void write_other_nonce(struct mined *m)
{
    write_other_tree(m, m->tree.height, m->tree.nonce + 1);
}

static void spoil_bits(struct mined *m)
{
    /* the block's hash is part of the tree: all is made anew */
    uint8_t commitment[AUX_COMMITMENT];

    put_le32(m->header + 72, 0);
    sha256d(m->header, AUXPOW_HEADER, m->leaves[1].hash);
    assert_int_equal(aux_tree_build(m->leaves, 3, &m->tree, NULL), 0);
    aux_commitment(&m->tree, commitment);
    put_script(m, "", commitment, sizeof commitment, "");
}

static void hash_high(struct mined *m)
{
    m->pow[31] = 0x80;
}

static void each_rule_has_its_name(void **state)
{
    static const struct {
        void (*spoil)(struct mined *);
        enum auxpow_verdict verdict;
    } rows[] = {
        {unmark, AUXPOW_NOT_MARKED},
        {name_other_chain, AUXPOW_OTHER_CHAIN},
        {move_from_first_place, AUXPOW_NOT_COINBASE},
        {use_own_parent, AUXPOW_OWN_PARENT},
        {lengthen_branch, AUXPOW_LONG_BRANCH},
        {change_merkle_root, AUXPOW_WRONG_MERKLE_ROOT},
        {change_block, AUXPOW_NO_ROOT},
        {change_index, AUXPOW_NO_ROOT},
        {mark_twice, AUXPOW_TWO_MARKS},
        {put_mark_apart, AUXPOW_MARK_APART},
        {put_root_late, AUXPOW_ROOT_LATE},
        {put_root_early, AUXPOW_VALID},
        {cut_size, AUXPOW_NO_SIZE},
        {write_other_size, AUXPOW_WRONG_SIZE},
        {write_other_nonce, AUXPOW_WRONG_SLOT},
        {spoil_bits, AUXPOW_BAD_BITS},
        {hash_high, AUXPOW_HIGH_HASH},
    };
    struct mined m;

    (void)state;
    mine(&m);
    assert_int_equal(verdict_of(&m), AUXPOW_VALID);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mine(&m);
        rows[i].spoil(&m);
        if (verdict_of(&m) != rows[i].verdict)
            fail_msg("row %zu, should be \"%s\": %s", i, auxpow_text(rows[i].verdict),
                     auxpow_text(verdict_of(&m)));
    }
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void a_written_proof_reads_back(void **state)
{
    uint8_t bytes[PROOF_ROOM], again[PROOF_ROOM];
    struct auxpow read;
    struct mined m;

    (void)state;
    mine(&m);
    size_t len = auxpow_write(&m.proof, bytes, sizeof bytes);
    assert_int_equal(auxpow_parse(bytes, len, &read, NULL), 0);
    assert_int_equal(auxpow_verify(&read, m.header, CHAIN_ID, m.pow), AUXPOW_VALID);
    assert_int_equal(auxpow_write(&read, again, sizeof again), len);
    assert_memory_equal(bytes, again, len);
}

static void nothing_is_written_without_room(void **state)
{
    uint8_t bytes[PROOF_ROOM] = {0};
    struct mined m;

    (void)state;
    mine(&m);
    size_t len = auxpow_write(&m.proof, NULL, 0);
    assert_int_equal(auxpow_write(&m.proof, bytes, len - 1), len);
    assert_int_equal(bytes[0], 0);
}

static void a_cut_proof_is_refused_at_every_length(void **state)
{
    uint8_t bytes[PROOF_ROOM];
    struct auxpow read;
    struct fault why;
    struct mined m;

    (void)state;
    mine(&m);
    size_t len = auxpow_write(&m.proof, bytes, sizeof bytes);
    for (size_t cut = 0; cut < len; cut++) {
        why.text[0] = '\0';
        assert_int_equal(auxpow_parse(bytes, cut, &read, &why), ERR_FIELD);
        assert_true(why.text[0] != '\0');
    }
    assert_int_equal(auxpow_parse(bytes, len + 1, &read, &why), ERR_FIELD);
    assert_non_null(strstr(why.text, "something follows"));
}

/* The count of a branch stands after the coinbase and the parent's hash. */
static void a_branch_too_long_is_refused(void **state)
{
    uint8_t bytes[PROOF_ROOM] = {0};
    struct auxpow read;
    struct fault why = {0};
    struct mined m;

    (void)state;
    mine(&m);
    (void)auxpow_write(&m.proof, bytes, sizeof bytes);
    bytes[m.proof.coinbase_len + 32] = AUXPOW_BRANCH_MAX + 1;
    assert_int_equal(auxpow_parse(bytes, sizeof bytes, &read, &why), ERR_FIELD);
    assert_non_null(strstr(why.text, "too many steps"));
    memset(bytes + m.proof.coinbase_len + 32, 0xff, 9);
    assert_int_equal(auxpow_parse(bytes, sizeof bytes, &read, &why), ERR_FIELD);
}

static void a_coinbase_with_witnesses_is_refused(void **state)
{
    uint8_t bytes[PROOF_ROOM], *at = bytes;
    static const uint8_t marker[2] = {0, 1}, witness[1] = {0};
    struct auxpow read;
    struct fault why = {0};
    struct mined m;

    (void)state;
    mine(&m);
    size_t body = m.proof.coinbase_len - 4;
    at = (uint8_t *)mempcpy(at, m.coinbase, 4);
    at = (uint8_t *)mempcpy(at, marker, 2);
    at = (uint8_t *)mempcpy(at, m.coinbase + 4, body - 4);
    at = (uint8_t *)mempcpy(at, witness, 1);
    memset(at, 0, sizeof bytes - (size_t)(at - bytes));
    assert_int_equal(auxpow_parse(bytes, sizeof bytes, &read, &why), ERR_FIELD);
    assert_non_null(strstr(why.text, "witnesses"));
}

static void compact_sizes_have_one_form(void **state)
{
    static const struct {
        uint8_t bytes[9];
        unsigned len;
        bool ok;
        uint64_t value;
    } rows[] = {
        {{0}, 0, false, 0},
        {{0xfc}, 1, true, 0xfc},
        {{0xfd, 0xfd}, 2, false, 0},
        {{0xfd, 0xfd, 0}, 3, true, 0xfd},
        {{0xfd, 0xfc, 0}, 3, false, 0},
        {{0xfe, 0xff, 0xff, 0, 0}, 5, false, 0},
        {{0xfe, 0, 0, 1, 0}, 5, true, 0x10000},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}, 9, false, 0},
        {{0xff, 0, 0, 0, 0, 1, 0, 0, 0}, 9, true, UINT64_C(1) << 32},
        {{0xff, 0, 0, 0, 0, 1, 0, 0}, 8, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const uint8_t *at = rows[i].bytes, *end = at + rows[i].len;
        uint64_t value = 0;
        assert_int_equal(varint_take(&at, end, &value), rows[i].ok);
        assert_int_equal(value, rows[i].value);
        assert_ptr_equal(at, rows[i].ok ? end : rows[i].bytes);
    }
}

/* --- trees ------------------------------------------------------------------------------------ */

static void assert_folds(const struct aux_leaf *leaves, size_t count, const struct aux_tree *tree)
{
    uint8_t branch[AUX_HEIGHT_MAX][32], hash[32];

    for (size_t i = 0; i < count; i++) {
        unsigned steps = aux_tree_branch(leaves, count, tree, i, branch);
        assert_int_equal(steps, tree->height);
        memcpy(hash, leaves[i].hash, 32);
        aux_fold(hash, (const uint8_t *)branch, steps,
                 aux_slot(tree->nonce, leaves[i].chain_id, tree->height));
        assert_memory_equal(hash, tree->root, 32);
    }
}

static void one_chain_is_its_own_root(void **state)
{
    const struct aux_leaf leaf = {CHAIN_ID, {1, 2, 3}};
    struct aux_tree tree;

    (void)state;
    assert_int_equal(aux_tree_build(&leaf, 1, &tree, NULL), 0);
    assert_int_equal(tree.height, 0);
    assert_memory_equal(tree.root, leaf.hash, 32);
    assert_folds(&leaf, 1, &tree);
}

static void each_chain_of_a_tree_reaches_the_root(void **state)
{
    struct aux_leaf leaves[AUX_CHAINS_MAX] = {{0}};
    struct aux_tree tree;

    (void)state;
    for (unsigned i = 0; i < AUX_CHAINS_MAX; i++) {
        leaves[i].chain_id = i * i * 3 + 1;
        memset(leaves[i].hash, (int)i + 1, 32);
        assert_int_equal(aux_tree_build(leaves, i + 1, &tree, NULL), 0);
        assert_folds(leaves, i + 1, &tree);
    }
}

/* 2^20 leaves, all but two of them zero. */
static void ids_far_apart_give_a_high_tree(void **state)
{
    const struct aux_leaf leaves[2] = {{1, {1}}, {1 + (1 << 19), {2}}};
    struct aux_tree tree;

    (void)state;
    assert_int_equal(aux_tree_build(leaves, 2, &tree, NULL), 0);
    assert_int_equal(tree.height, 20);
    assert_folds(leaves, 2, &tree);
}

/* Why the nonce need not be searched. */
static void no_nonce_parts_what_another_does_not(void **state)
{
    static const uint32_t ids[][2] = {{1, 98}, {1, 9}, {5, 1000005}, {0, 16}, {3, 3 + 64}};

    (void)state;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        for (unsigned height = 0; height <= 8; height++) {
            bool same = aux_slot(0, ids[i][0], height) == aux_slot(0, ids[i][1], height);
            for (uint32_t nonce = 1; nonce < 600; nonce++)
                assert_int_equal(
                    aux_slot(nonce, ids[i][0], height) == aux_slot(nonce, ids[i][1], height), same);
        }
}

static void chains_without_a_tree_are_refused(void **state)
{
    static const struct aux_leaf twins[2] = {{5, {1}}, {5 + (UINT32_C(1) << 30), {2}}};
    static const struct aux_leaf many[AUX_CHAINS_MAX + 1];
    struct fault why = {0};
    struct aux_tree tree;

    (void)state;
    assert_int_equal(aux_tree_build(twins, 2, &tree, &why), ERR_FIELD);
    assert_int_equal(aux_tree_build(many, 0, &tree, &why), ERR_FIELD);
    assert_int_equal(aux_tree_build(many, AUX_CHAINS_MAX + 1, &tree, &why), ERR_FIELD);
}

/* --- Monero ----------------------------------------------------------------------------------- */

static void parameters_of_every_tree_read_back(void **state)
{
    static const uint32_t nonces[] = {0, 1, 65535, UINT32_MAX};

    (void)state;
    for (unsigned leaves = 1; leaves <= MONERO_AUX_MAX; leaves++)
        for (size_t i = 0; i < sizeof nonces / sizeof *nonces; i++) {
            unsigned got = 0;
            uint32_t nonce = 0;
            uint64_t params = monero_aux_params(leaves, nonces[i]);
            assert_true(monero_aux_params_read(params, &got, &nonce));
            assert_int_equal(got, leaves);
            assert_int_equal(nonce, nonces[i]);
        }
}

static void parameters_past_every_nonce_are_refused(void **state)
{
    unsigned leaves;
    uint32_t nonce;

    (void)state;
    assert_false(monero_aux_params_read(UINT64_MAX, &leaves, &nonce));
    assert_false(
        monero_aux_params_read(UINT64_C(1) << (32 + 3 + 1), &leaves, &nonce)); /* a 33rd bit */
}

static void each_chain_of_monero_has_its_leaf(void **state)
{
    uint8_t ids[MONERO_AUX_CHAINS_MAX][32] = {{0}};
    bool taken[MONERO_AUX_MAX] = {false};
    unsigned leaves = 0;
    uint32_t nonce = 0;

    (void)state;
    for (unsigned i = 0; i < MONERO_AUX_CHAINS_MAX; i++)
        memset(ids[i], (int)i + 1, 32);
    assert_int_equal(monero_aux_place((const uint8_t(*)[32])ids, 1, &leaves, &nonce, NULL), 0);
    assert_int_equal(leaves, 1);
    assert_int_equal(
        monero_aux_place((const uint8_t(*)[32])ids, MONERO_AUX_CHAINS_MAX, &leaves, &nonce, NULL),
        0);
    assert_in_range(leaves, MONERO_AUX_CHAINS_MAX, MONERO_AUX_MAX);
    for (unsigned i = 0; i < MONERO_AUX_CHAINS_MAX; i++) {
        bool *slot = &taken[monero_aux_slot(ids[i], nonce, leaves)];
        assert_false(*slot);
        *slot = true;
    }
}

static void twins_of_monero_are_refused(void **state)
{
    static const uint8_t ids[2][32];
    struct fault why = {0};
    unsigned leaves;
    uint32_t nonce;

    (void)state;
    assert_int_equal(monero_aux_place(ids, 2, &leaves, &nonce, &why), ERR_FIELD);
    assert_non_null(strstr(why.text, "same id"));
    assert_int_equal(monero_aux_place(ids, 0, &leaves, &nonce, &why), ERR_FIELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_has_its_name),
        cmocka_unit_test(a_written_proof_reads_back),
        cmocka_unit_test(nothing_is_written_without_room),
        cmocka_unit_test(a_cut_proof_is_refused_at_every_length),
        cmocka_unit_test(a_branch_too_long_is_refused),
        cmocka_unit_test(a_coinbase_with_witnesses_is_refused),
        cmocka_unit_test(compact_sizes_have_one_form),
        cmocka_unit_test(one_chain_is_its_own_root),
        cmocka_unit_test(each_chain_of_a_tree_reaches_the_root),
        cmocka_unit_test(ids_far_apart_give_a_high_tree),
        cmocka_unit_test(no_nonce_parts_what_another_does_not),
        cmocka_unit_test(chains_without_a_tree_are_refused),
        cmocka_unit_test(parameters_of_every_tree_read_back),
        cmocka_unit_test(parameters_past_every_nonce_are_refused),
        cmocka_unit_test(each_chain_of_monero_has_its_leaf),
        cmocka_unit_test(twins_of_monero_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

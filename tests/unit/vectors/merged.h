/* SPDX-License-Identifier: MIT */
/* Vectors of merge mining. */
#pragma once

#include "algo/hasher.h"
#include "chain/aux_tree.h"
#include "chain/auxpow.h"
#include "chain/monero_aux.h"
#include "chain/monero_blob.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "tests/unit/vectors/kind.h"

/* The hash of an algorithm that needs no dataset. */
static void hash_header(const char *algo_name, const uint8_t *header, size_t len, uint8_t out[32])
{
    const struct algo *algo = algo_find(algo_name);
    const struct algo_input input = {
        .bytes = header, .len = (uint16_t)len, .nonce_at = algo->nonce_at};
    struct hasher hasher;
    struct algo_result result;

    hasher_init(&hasher, algo, NULL);
    assert_int_equal(hasher_ready(&hasher, &(struct algo_key){0}, NULL), 0);
    assert_int_equal(algo->hash(hasher.ctx, &input, &result), 0);
    memcpy(out, result.hash, 32);
    hasher_fini(&hasher);
}

static void check_auxpow(const json_t *input, const json_t *expect)
{
    uint8_t bytes[BYTES_MAX], again[BYTES_MAX], header[AUXPOW_HEADER], hash[32], pow[32];
    size_t len = bytes_of(input, "auxpow_hex", bytes, sizeof bytes);
    uint32_t chain_id = (uint32_t)number_of(input, "chain_id");
    struct auxpow a;
    struct fault why = {0};
    struct u256 target;

    assert_int_equal(bytes_of(input, "aux_header_hex", header, sizeof header), sizeof header);
    if (auxpow_parse(bytes, len, &a, &why) < 0)
        fail_msg("%s", why.text);
    assert_int_equal(auxpow_write(&a, again, sizeof again), len);
    assert_memory_equal(again, bytes, len);

    assert_int_equal(le32(header), word_of(expect, "version"));
    sha256d(header, sizeof header, hash);
    assert_shown(expect, "aux_block_hash_display", hash);
    assert_int_equal(a.chain_steps, number_of(expect, "chain_branch_len"));
    assert_int_equal(a.chain_index, number_of(expect, "chain_index"));
    assert_int_equal(a.coinbase_steps, number_of(expect, "coinbase_branch_len"));
    assert_bytes(expect, "parent_header_hex", a.parent, AUXPOW_HEADER);

    struct aux_tree tree = {.height = a.chain_steps,
                            .nonce = (uint32_t)number_of(expect, "merkle_nonce")};
    uint8_t commitment[AUX_COMMITMENT];
    memcpy(tree.root, hash, 32);
    aux_fold(tree.root, a.chain_branch, a.chain_steps, a.chain_index);
    aux_commitment(&tree, commitment);
    assert_bytes(expect, "chain_root_in_coinbase_hex", commitment + 4, 32);
    assert_int_equal(le32(commitment + 36), number_of(expect, "merkle_size"));
    assert_non_null(memmem(a.coinbase, a.coinbase_len, commitment, sizeof commitment));

    hash_header("scrypt", a.parent, AUXPOW_HEADER, pow);
    assert_shown(expect, "parent_scrypt_pow_display", pow);
    assert_true(target_from_bits(le32(header + 72), &target));
    assert_target(expect, "target_hex", &target);
    enum auxpow_verdict verdict = auxpow_verify(&a, header, chain_id, pow);
    assert_int_equal(verdict == AUXPOW_VALID, truth_of(expect, "valid"));
}

static void check_aux_slot(const json_t *input, const json_t *expect)
{
    assert_int_equal(aux_slot((uint32_t)number_of(input, "merkle_nonce"),
                              (uint32_t)number_of(input, "chain_id"),
                              (unsigned)number_of(input, "merkle_height")),
                     number_of(expect, "slot"));
}

static void check_monero_aux(const json_t *input, const json_t *expect)
{
    unsigned leaves = (unsigned)number_of(input, "n_aux_chains"), got_leaves;
    uint32_t nonce = (uint32_t)number_of(input, "nonce"), got_nonce;
    uint64_t params = monero_aux_params(leaves, nonce);
    uint8_t id[32], varint[LEB128_MAX], tag[MONERO_AUX_TAG_MAX];

    hash_of(input, "chain_id", id);
    assert_int_equal(params, number_of(expect, "tree_params"));
    unsigned len = leb128_put(varint, params);
    assert_bytes(expect, "tree_params_varint_hex", varint, len);
    assert_int_equal(monero_aux_tag(params, id, tag), 2 + len + 32);
    assert_bytes(expect, "tree_params_varint_hex", tag + 2, len);
    assert_true(monero_aux_params_read(params, &got_leaves, &got_nonce));
    assert_int_equal(got_leaves, leaves);
    assert_int_equal(got_nonce, nonce);
    assert_int_equal(monero_aux_slot(id, nonce, leaves), number_of(expect, "slot_of_zero_id"));
}

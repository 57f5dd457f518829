/* SPDX-License-Identifier: MIT */
/* Vectors of Monero: blocks, trees, seeds, targets on the wire, addresses. */
#pragma once

#include "chain/monero_template.h"
#include "coin/monero.h"
#include "core/seed_height.h"
#include "core/target.h"
#include "crypto/keccak.h"
#include "crypto/monero_keys.h"
#include "stratum/monero.h"
#include "tests/unit/vectors/kind.h"

static void check_tree_hash(const json_t *input, const json_t *expect)
{
    const json_t *leaves = in(input, "leaves"), *leaf;
    uint8_t all[64][32], branch[MERKLE_MAX][32], pair[2][32];
    size_t i;

    assert_in_range(json_array_size(leaves), 1, 64);
    json_array_foreach(leaves, i, leaf)
        assert_true(hex_decode(json_string_value(leaf), all[i], 32));
    unsigned steps = monero_branch(all[1], i - 1, branch);
    memcpy(pair[0], all[0], 32);
    for (unsigned at = 0; at < steps; at++) {
        memcpy(pair[1], branch[at], 32);
        keccak256(pair, 64, pair[0]);
    }
    assert_bytes(expect, "root", pair[0], 32);
}

static void check_hashing_blob(const json_t *input, const json_t *expect)
{
    uint8_t bytes[BYTES_MAX], blob[ALGO_INPUT_MAX], root[32], id[32];
    size_t len = bytes_of(input, "blocktemplate_blob", bytes, sizeof bytes);
    struct monero_block b;
    struct fault why = {0};

    if (monero_block_parse(bytes, len, &b, &why) < 0)
        fail_msg("%s", why.text);
    assert_int_equal(b.major, number_of(expect, "major"));
    assert_int_equal(b.minor, number_of(expect, "minor"));
    assert_int_equal(b.timestamp, number_of(expect, "timestamp"));
    assert_bytes(expect, "prev_id", b.prev, 32);
    assert_int_equal(b.nonce_at, number_of(expect, "nonce_offset"));
    assert_int_equal(b.height, number_of(expect, "height"));
    assert_int_equal(b.tx_count + 1, number_of(expect, "num_hashes"));
    assert_int_equal(b.output_sum, number_of(json_array_get(in(expect, "outputs"), 0), "amount"));
    if (json_object_get(expect, "extra_offset"))
        assert_int_equal(b.extra_at, number_of(expect, "extra_offset"));
    /* the whole transaction as coinb1 and coinb2, without extranonces */
    const struct block_plan plan = {.coinb1 = bytes + b.miner_at,
                                    .coinb1_len = 40,
                                    .coinb2 = bytes + b.miner_at + 40,
                                    .coinb2_len = (uint32_t)(b.miner_end - b.miner_at - 40)};
    form_monero.root(&plan, NULL, 0, NULL, 0, root);
    assert_bytes(expect, "tree_root", root, 32);
    assert_bytes(expect, "miner_tx_hash", root, 32);
    uint16_t blob_len = monero_input(&b, blob);
    memcpy(blob + b.nonce_at, bytes + b.nonce_at, 4);
    memcpy(blob + b.nonce_at + 4, root, 32);
    assert_bytes(expect, "hashing_blob", blob, blob_len);
    assert_int_equal(monero_nonce_at(blob, blob_len), b.nonce_at); /* what a miner finds */
    monero_block_id(blob, blob_len, id);
    assert_bytes(expect, "block_id_with_this_nonce", id, 32);
    if (json_object_get(expect, "seed_height"))
        assert_int_equal(randomx_seed_height(b.height), number_of(expect, "seed_height"));
}

static void check_seed_height(const json_t *input, const json_t *expect)
{
    uint64_t height = number_of(input, "height");

    assert_int_equal(randomx_seed_height(height), number_of(expect, "seed_height"));
    assert_int_equal(randomx_next_seed_height(height), number_of(expect, "next_seed_height"));
    assert_int_equal(monero_seed_height(height), number_of(expect, "seed_height"));
}

/* --- targets --------------------------------------------------------------------------------- */

/* What a miner that reads the target counts: hashes below it, as many as 2^64 holds of it. */
static void assert_reads(const char *wire, uint64_t below, uint64_t difficulty)
{
    struct u256 target;

    assert_true(monero_target_read(wire, &target));
    assert_int_equal(target.w[3], below - 1);
    assert_int_equal(UINT64_MAX / below, difficulty);
}

static void check_wire_target(const json_t *input, const json_t *expect)
{
    uint64_t difficulty = number_of(input, "difficulty"), below;
    const char *eight = text_of(expect, "target_8byte_le");
    struct u256 target = target_from_difficulty(&algo_find("randomx")->diff1, (double)difficulty);
    uint8_t bytes[8];
    char wire[17];

    assert_true(hex_decode(eight, bytes, 8));
    below = le64(bytes);
    assert_reads(eight, below, UINT64_MAX / below);
    monero_target_write(&target, wire);
    if (strlen(wire) == 16) {
        assert_string_equal(wire, eight);
    } else {
        assert_string_equal(wire, text_of(expect, "target_4byte_le"));
    }
    if (json_object_get(expect, "target_4byte_le"))
        assert_reads(text_of(expect, "target_4byte_le"),
                     strtoull(text_of(expect, "xmrig_expanded_target64"), NULL, 16),
                     number_of(expect, "xmrig_displayed_difficulty"));
}

/* --- addresses ------------------------------------------------------------------------------- */

static void check_bad_address(const char *text, const char *reason)
{
    static const struct {
        const char *reason, *says;
    } rows[] = {
        {"checksum", "checksum"}, {"alphabet", "character"}, {"block_overflow", "too large"}};
    struct monero_address a;
    struct fault why = {0};

    assert_int_equal(monero_address_read(coin_find("monero"), NETWORK_MAIN, text, &a, &why),
                     ERR_FIELD);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!strcmp(rows[i].reason, reason)) {
            assert_non_null(strstr(why.text, rows[i].says));
            return;
        }
    fail_msg("nothing is known of the reason \"%s\"", reason);
}

/* Stagenet is none of our networks: its addresses are known and refused everywhere. */
static void check_address(const json_t *input, const json_t *expect)
{
    const struct coin *monero = coin_find("monero");
    const char *text = text_of(input, "address");
    struct monero_address a;
    struct fault why = {0};

    if (!truth_of(expect, "valid")) {
        check_bad_address(text, text_of(expect, "reason"));
        return;
    }
    const char *network = text_of(expect, "network");
    bool test = !strcmp(network, "testnet");
    int err = monero_address_read(monero, test ? NETWORK_TEST : NETWORK_MAIN, text, &a, &why);
    if (!strcmp(network, "stagenet")) {
        assert_int_equal(err, ERR_FIELD);
        assert_non_null(strstr(why.text, "stagenet"));
        return;
    }
    assert_int_equal(err, 0);
    assert_int_equal(
        monero_address_read(monero, test ? NETWORK_MAIN : NETWORK_TEST, text, &a, &why), ERR_FIELD);
    assert_int_equal(
        monero_address_read(monero, test ? NETWORK_TEST : NETWORK_MAIN, text, &a, &why), 0);
    assert_int_equal(a.kind, truth_of(expect, "subaddress") ? MONERO_SUBADDRESS : MONERO_STANDARD);
    assert_bytes(expect, "spend_public", a.spend, 32);
    assert_bytes(expect, "view_public", a.view, 32);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void check_key_derivation(const json_t *input, const json_t *expect)
{
    uint8_t view[32], secret[32], derivation[32];

    hash_of(input, "public_view_key", view);
    hash_of(input, "tx_secret_key", secret);
    assert_true(monero_derivation(view, secret, derivation));
    assert_bytes(expect, "derivation", derivation, 32);
}

static void check_output_key(const json_t *input, const json_t *expect)
{
    uint8_t derivation[32], spend[32], key[32];

    hash_of(input, "derivation", derivation);
    hash_of(input, "public_spend_key", spend);
    assert_true(monero_output_key(derivation, number_of(input, "output_index"), spend, key));
    assert_bytes(expect, "output_key", key, 32);
}

static void check_view_tag(const json_t *input, const json_t *expect)
{
    uint8_t derivation[32], tag;

    hash_of(input, "derivation", derivation);
    tag = monero_view_tag(derivation, number_of(input, "output_index"));
    assert_bytes(expect, "view_tag", &tag, 1);
}

/* SPDX-License-Identifier: MIT */
/* Vectors of Ethash, Etchash and KawPow: epochs, shares, headers. */
#pragma once

#include "algo/dataset.h"
#include "core/form.h"
#include "core/target.h"
#include "kernels/kawpow/progpow.h"
#include "stratum/seeds.h"
#include "tests/unit/vectors/kind.h"

/* --- epochs ---------------------------------------------------------------------------------- */

static void check_ethash_epoch(const json_t *input, const json_t *expect)
{
    const struct algo *algo =
        algo_find(strcmp(text_of(input, "coin"), "etc") ? "ethash" : "etchash");
    uint64_t block = number_of(input, "block_number"), length = number_of(expect, "epoch_length");
    uint64_t epoch = number_of(expect, "epoch"), height;
    const struct algo_key key = {.height = block}, first = {.height = epoch * length};
    struct dataset_plan plan, at_first;
    char name[DATASET_NAME_MAX];
    uint8_t seed[32];

    assert_int_equal(algo->dataset->plan(&key, &plan, NULL), 0);
    assert_int_equal(plan.light_bytes, number_of(expect, "cache_bytes"));
    assert_int_equal(plan.full_bytes, number_of(expect, "dataset_bytes"));
    (void)snprintf(name, sizeof name, "epoch-%llu-seed-%llu", (unsigned long long)epoch,
                   (unsigned long long)number_of(expect, "seed_keccak_iterations"));
    assert_string_equal(plan.name, name);
    if (first.height >= 11700000 || length == 30000) { /* ECIP-1099 begins within its first epoch */
        assert_int_equal(algo->dataset->plan(&first, &at_first, NULL), 0);
        assert_string_equal(at_first.name, name);
    }
    assert_true(seed_of_height(algo, block, seed));
    assert_bytes(expect, "seedhash", seed, 32);
    assert_true(seed_to_height(algo, seed, &height));
    assert_int_equal(algo->dataset->plan(&(struct algo_key){.height = height}, &at_first, NULL), 0);
    assert_string_equal(at_first.name, name);
}

/* --- hashes ---------------------------------------------------------------------------------- */

/* Hash and mix of a header and a nonce, with the epoch that a pool's seed stands for. */
static void hash_by_seed(const struct algo *algo, const json_t *input, uint64_t nonce,
                         struct dataset_plan *plan, struct algo_result *got)
{
    const struct dataset_choices choices = {.huge_pages = false};
    struct algo_key key = {0};
    struct dataset *dataset;
    struct algo_ctx *ctx;
    uint8_t seed[32], bytes[40];

    hash_of(input, "seedhash", seed);
    hash_of(input, "header", bytes);
    put_le64(bytes + 32, nonce);
    assert_true(seed_to_height(algo, seed, &key.height));
    assert_int_equal(algo->dataset->plan(&key, plan, NULL), 0);
    assert_int_equal(dataset_build(algo, &key, &choices, false, 1, NULL, &dataset, NULL), 0);
    assert_int_equal(algo->ctx_new(dataset, &ctx, NULL), 0);
    const struct algo_input hashed = {bytes, sizeof bytes, 32, &key};
    assert_int_equal(algo->hash(ctx, &hashed, got), 0);
    algo->ctx_free(ctx);
    dataset_unref(dataset);
}

/* The nonce reaches the pool without the miner's prefix. */
static void check_ethash_share(const json_t *input, const json_t *expect)
{
    const struct algo *algo = algo_find("ethash");
    json_t *params = json_pack("[sss]", "user.worker", "1", text_of(input, "minernonce"));
    const struct submission s = submit("ethereum1", "ethash", in(input, "extranonce"), 0, params);
    uint64_t nonce = strtoull(text_of(input, "full_nonce"), NULL, 16);
    const struct u256 diff1 = u256_of(expect, "target_for_difficulty_1");
    struct dataset_plan plan;
    struct algo_result got;
    char title[DATASET_TITLE_MAX];

    assert_int_equal(s.nonce, nonce);
    hash_by_seed(algo, input, s.nonce, &plan, &got);
    (void)snprintf(title, sizeof title, "epoch %llu",
                   (unsigned long long)number_of(expect, "epoch"));
    assert_string_equal(plan.title, title);
    assert_bytes(expect, "mix", got.mix, 32);
    assert_bytes(expect, "result", got.hash, 32);
    struct u256 value = algo_hash_value(algo, got.hash);
    assert_int_equal(u256_cmp(&algo->diff1, &diff1), 0);
    assert_near(target_difficulty(&algo->diff1, &value),
                json_number_value(in(expect, "difficulty_diff1_00000000ffff")), 1e-12);
    struct u256 easiest = target_from_difficulty(&algo->diff1, 1);
    assert_int_equal(u256_cmp(&value, &easiest) <= 0, truth_of(expect, "accept_at_difficulty_1"));
    json_decref(params);
}

/* One seed stands for two epochs: only the algorithm that was configured tells which. */
static void check_etchash_distinguish(const json_t *input, const json_t *expect)
{
    static const char *const names[] = {"ethash", "etchash"};

    for (size_t i = 0; i < 2; i++) {
        char key[6][32], title[DATASET_TITLE_MAX];
        static const char *const parts[] = {"epoch", "cache", "dataset", "mix", "result"};
        struct dataset_plan plan;
        struct algo_result got;
        for (size_t k = 0; k < 5; k++)
            (void)snprintf(key[k], sizeof key[k], "%s_%s", names[i], parts[k]);
        hash_by_seed(algo_find(names[i]), input, strtoull(text_of(input, "nonce"), NULL, 16), &plan,
                     &got);
        (void)snprintf(title, sizeof title, "epoch %llu",
                       (unsigned long long)number_of(expect, key[0]));
        assert_string_equal(plan.title, title);
        assert_int_equal(plan.light_bytes, number_of(expect, key[1]));
        assert_int_equal(plan.full_bytes, number_of(expect, key[2]));
        assert_bytes(expect, key[3], got.mix, 32);
        assert_bytes(expect, key[4], got.hash, 32);
    }
}

/* --- KawPow ---------------------------------------------------------------------------------- */

static void check_kawpow_final(const json_t *input, const json_t *expect)
{
    const struct algo *algo = algo_find("kawpow");
    const struct algo_key key = {.height = number_of(input, "block_number")};
    const json_t *words = in(expect, "kawpow_seed_words_0_1");
    uint64_t nonce = strtoull(text_of(input, "nonce"), NULL, 16);
    uint8_t bytes[40], mix[32], hash[32];
    uint32_t seed[KAWPOW_SEED_WORDS], want;

    hash_of(input, "header_hash", bytes);
    hash_of(input, "mix_hash", mix);
    put_le64(bytes + 32, nonce);
    const struct algo_input hashed = {bytes, sizeof bytes, 32, &key};
    assert_int_equal(algo->quick(&hashed, mix, hash), 0);
    assert_bytes(expect, "final_hash", hash, 32);
    kawpow_seed(bytes, nonce, seed);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(hex_u32(json_string_value(json_array_get(words, i)), &want));
        assert_int_equal(seed[i], want);
    }
}

/* What our server hears of a miner that submits that block. */
static void check_kawpow_submit(const json_t *expect, const uint8_t input[40],
                                const uint8_t mix[32])
{
    const struct submission s =
        submit("kawpow", "kawpow", NULL, 0, in(expect, "stratum_submit_params"));

    assert_int_equal(s.nonce, le64(input + 32));
    assert_true(s.has_header && s.has_mix);
    assert_memory_equal(s.header, input, 32);
    assert_memory_equal(s.mix, mix, 32);
}

static void check_kawpow_header(const json_t *input, const json_t *expect)
{
    const struct algo *algo = algo_find("kawpow");
    uint8_t header[120], hashed[40], mix[32], hash[32];
    struct header_fields fields;
    struct dataset_plan plan;
    struct u256 target;
    char title[DATASET_TITLE_MAX];

    assert_int_equal(bytes_of(input, "header120_hex", header, sizeof header),
                     form_of_algo(algo)->header_len);
    assert_true(form_of_algo(algo)->read(header, &fields));
    assert_true(fields.has_height);
    assert_int_equal(fields.height, number_of(expect, "height"));
    assert_int_equal(fields.bits, word_of(expect, "bits"));
    form_of_algo(algo)->unseal(header, hashed, mix);
    assert_bytes(expect, "kawpow_header_hash", hashed, 32);
    assert_int_equal(le64(hashed + 32), strtoull(text_of(expect, "nonce64"), NULL, 16));
    assert_bytes(expect, "mix_hash", mix, 32);
    const struct algo_key key = {.height = fields.height};
    const struct algo_input what = {hashed, sizeof hashed, 32, &key};
    assert_int_equal(algo->quick(&what, mix, hash), 0);
    assert_bytes(expect, "block_hash_display", hash, 32);
    assert_true(target_from_bits(fields.bits, &target));
    assert_target(expect, "target_hex", &target);
    struct u256 value = algo_hash_value(algo, hash);
    assert_true(u256_cmp(&value, &target) <= 0);
    assert_int_equal(algo->dataset->plan(&key, &plan, NULL), 0);
    (void)snprintf(title, sizeof title, "epoch %llu",
                   (unsigned long long)number_of(expect, "epoch"));
    assert_string_equal(plan.title, title);
    check_kawpow_submit(expect, hashed, mix);
}

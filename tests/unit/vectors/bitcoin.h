/* SPDX-License-Identifier: MIT */
/* Vectors of the Bitcoin family: jobs, shares, targets, blocks. */
#pragma once

#include "chain/coinbase.h"
#include "chain/template.h"
#include "core/share.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "stratum/v1.h"
#include "tests/unit/vectors/kind.h"

/* --- jobs and shares ------------------------------------------------------------------------- */

/* The job that our client reads. */
static struct job *read_job(const json_t *input)
{
    struct job *job = job_new(algo_find(text_of(input, "algo")));
    json_t *params = json_deep_copy(in(input, "notify_params"));
    struct message m = {.params = params};
    struct fault why = {0};

    if (v1_read_notify(&m, job, &why) < 0)
        fail_msg("%s", why.text);
    json_decref(params);
    job->plan.extranonce1_len =
        (uint8_t)bytes_of(input, "extranonce1", job->plan.extranonce1, EXTRANONCE_MAX);
    return job;
}

/* What our own server would say of the job is read back as the same job. */
static void assert_round_trip(struct job *job)
{
    AUTO_STR struct str body = {0}, line = {0};
    struct job *again = job_new(job->algo);
    struct message m;

    v1_job_body(&body, job);
    const struct notice notice = {
        .job = job, .body = &body, .id = job->id, .ntime = job->plan.ntime, .clean = job->clean};
    v1_notify(&line, &notice);
    assert_int_equal(message_parse(line.s, line.len - 1, &m, NULL), 0);
    assert_int_equal(v1_read_notify(&m, again, NULL), 0);
    message_fini(&m);
    assert_string_equal(again->id, job->id);
    assert_int_equal(again->clean, job->clean);
    assert_int_equal(again->plan.version, job->plan.version);
    assert_int_equal(again->plan.bits, job->plan.bits);
    assert_int_equal(again->plan.ntime, job->plan.ntime);
    assert_int_equal(again->plan.branch_count, job->plan.branch_count);
    assert_memory_equal(again->plan.branch, job->plan.branch, sizeof job->plan.branch);
    assert_memory_equal(again->plan.prevhash, job->plan.prevhash, 32);
    assert_int_equal(again->plan.coinb1_len, job->plan.coinb1_len);
    assert_memory_equal(again->plan.coinb1, job->plan.coinb1, job->plan.coinb1_len);
    assert_int_equal(again->plan.coinb2_len, job->plan.coinb2_len);
    assert_memory_equal(again->plan.coinb2, job->plan.coinb2, job->plan.coinb2_len);
    job_unref(again);
}

/* The share that our server makes of the submission, checked by hashing it. */
static struct share read_share(const json_t *input, struct job *job)
{
    const json_t *params = in(input, "submit_params");
    const char *extranonce2 = json_string_value(json_array_get(params, 2));
    const struct submission s = submit("stratum1", job->algo->name, in(input, "extranonce1"),
                                       (unsigned)strlen(extranonce2) / 2, params);
    const struct u256 any = u256_max();
    struct share share = {.job = job,
                          .extranonce1_len = job->plan.extranonce1_len,
                          .extranonce2_len = s.extranonce2_len,
                          .ntime = s.ntime,
                          .nonce = s.nonce};

    memcpy(share.extranonce1, job->plan.extranonce1, share.extranonce1_len);
    memcpy(share.extranonce2, s.extranonce2, s.extranonce2_len);
    assert_true(
        version_merge(job->plan.version, VERSION_ROLLING_MASK, s.version_bits, &share.version));
    share.version = s.version_bits ? share.version : job->plan.version;
    assert_int_equal(share_check(&share, &any, NULL), 0);
    return share;
}

static void assert_coinbase(const json_t *expect, const char *key, const struct share *share)
{
    const struct block_plan *plan = &share->job->plan;
    uint8_t bytes[BYTES_MAX], id[32];
    size_t len = 0;
    const struct {
        const uint8_t *at;
        size_t len;
    } parts[] = {{plan->coinb1, plan->coinb1_len},
                 {share->extranonce1, share->extranonce1_len},
                 {share->extranonce2, share->extranonce2_len},
                 {plan->coinb2, plan->coinb2_len}};

    for (size_t i = 0; i < 4; i++) {
        assert_true(len + parts[i].len <= sizeof bytes);
        memcpy(bytes + len, parts[i].at, parts[i].len);
        len += parts[i].len;
    }
    sha256d(bytes, len, id);
    assert_bytes(expect, key, id, 32);
}

static void check_job_to_header(const json_t *input, const json_t *expect)
{
    struct job *job = read_job(input);
    const struct share share = read_share(input, job);

    assert_bytes(expect, "header_hex", share.header, 80);
    assert_bytes(expect, "merkle_root_header_bytes", share.header + 36, 32);
    assert_shown(expect, "merkle_root_display", share.header + 36);
    assert_coinbase(expect, "coinbase_txid_internal", &share);
    assert_shown(expect, "pow_hash_display", share.hash);
    uint8_t id[32];
    sha256d(share.header, 80, id);
    assert_shown(expect, "block_hash_display", id);
    assert_target(expect, "network_target_hex", &job->block_target);
    assert_int_equal(share.is_block, truth_of(expect, "meets_network_target"));
    assert_true(floor(share.difficulty) == (double)number_of(expect, "share_difficulty_floor"));
    assert_round_trip(job);
    job_unref(job);
}

static void check_share_difficulty(const json_t *input, const json_t *expect)
{
    struct job *job = read_job(input);
    struct share share = read_share(input, job);
    static const struct {
        const char *key;
        double difficulty;
    } rows[] = {{"meets_512", 512}, {"meets_1024", 1024}};

    assert_bytes(expect, "header_hex", share.header, 80);
    assert_bytes(expect, "merkle_root_header_bytes", share.header + 36, 32);
    assert_shown(expect, "hash_display", share.hash);
    assert_near(share.difficulty, json_number_value(in(expect, "difficulty")), 1e-12);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct u256 target = target_from_difficulty(&job->algo->diff1, rows[i].difficulty);
        int err = share_check(&share, &target, NULL);
        assert_int_equal(err, truth_of(expect, rows[i].key) ? 0 : ERR_LOW_DIFF);
    }
    assert_int_equal(share.is_block, truth_of(expect, "meets_network"));
    assert_round_trip(job);
    job_unref(job);
}

static void check_merkle_root(const json_t *input, const json_t *expect)
{
    uint8_t b1[BYTES_MAX], b2[BYTES_MAX], en1[EXTRANONCE_MAX], en2[16], root[32], coinbase[32];
    struct block_plan plan = {.coinb1 = b1, .coinb2 = b2};
    const json_t *step;
    size_t i;

    plan.coinb1_len = (uint32_t)bytes_of(input, "coinb1", b1, sizeof b1);
    plan.coinb2_len = (uint32_t)bytes_of(input, "coinb2", b2, sizeof b2);
    size_t len1 = bytes_of(input, "extranonce1", en1, sizeof en1);
    size_t len2 = bytes_of(input, "extranonce2", en2, sizeof en2);
    plan_merkle_root(&plan, en1, len1, en2, len2, coinbase); /* no branch yet */
    assert_bytes(expect, "coinbase_hash_internal", coinbase, 32);
    json_array_foreach(in(input, "merkle_branch"), i, step)
        assert_true(hex_decode(json_string_value(step), plan.branch[plan.branch_count++], 32));
    plan_merkle_root(&plan, en1, len1, en2, len2, root);
    assert_bytes(expect, "merkle_root_header_bytes", root, 32);
}

/* --- versions -------------------------------------------------------------------------------- */

/* Where conventions differ, BIP310's counts. */
static void check_version_rolling(const json_t *input, const json_t *expect)
{
    uint32_t version;
    bool ok = version_merge(word_of(input, "job_version"), word_of(input, "mask"),
                            word_of(input, "submitted_version_bits"), &version);

    assert_int_equal(ok, truth_of(expect, "accept"));
    if (ok)
        assert_int_equal(version, word_of(expect, "bip310_replace"));
}

static uint32_t server_mask;

static uint32_t on_roll(struct miner *m, uint32_t mask)
{
    (void)m;
    return mask & server_mask;
}

static void check_rolling_negotiation(const json_t *input, const json_t *expect)
{
    static const struct miner_hooks hooks = {.roll = on_roll};
    AUTO_STR struct str out = {0};
    struct miner miner = {.dialect = dialects[0], .hooks = &hooks, .out = &out};
    char line[256];

    server_mask = word_of(input, "server_mask");
    int len =
        snprintf(line, sizeof line,
                 "{\"id\":1,\"method\":\"mining.configure\",\"params\":[[\"version-rolling\"],"
                 "{\"version-rolling.mask\":\"%s\",\"version-rolling.min-bit-count\":%d}]}",
                 text_of(input, "client_mask"), (int)number_of(input, "client_min_bit_count"));
    assert_int_equal(miner_line(&miner, line, (size_t)len, NULL), 0);
    assert_int_equal(miner.rolling, truth_of(expect, "client_min_satisfied"));
    assert_int_equal(miner.version_mask, word_of(expect, "response_mask"));
    assert_int_equal(__builtin_popcount(miner.version_mask), number_of(expect, "bit_count"));
    assert_non_null(strstr(out.s, text_of(expect, "response_mask")));
}

/* --- targets --------------------------------------------------------------------------------- */

static void check_compact_bits(const json_t *input, const json_t *expect)
{
    const struct algo *algo = algo_find("sha256d");
    struct u256 target;

    assert_true(target_from_bits(word_of(input, "bits"), &target));
    assert_target(expect, "target_hex", &target);
    assert_int_equal(target_to_bits(&target), word_of(input, "bits"));
    assert_near(target_difficulty(&algo->diff1, &target),
                json_number_value(in(expect, "bdiff_as_getdifficulty")), 1e-14);
    assert_near(target_hashes(&target) / 4294967296.0,
                json_number_value(in(expect, "pdiff_untruncated")), 1e-14);
}

/* The wire's number is a double, so its target is exact for what the double holds: vectors with
 * decimals are met to the double's 53 bits. */
static void check_difficulty_to_target(const json_t *input, const json_t *expect)
{
    struct u256 diff1 = u256_of(input, "diff1_hex"), want = u256_of(expect, "target_hex");
    double difficulty = strtod(text_of(input, "difficulty"), NULL);
    struct u256 got = target_from_difficulty(&diff1, difficulty);

    assert_int_equal(u256_cmp(&diff1, &algo_find(text_of(input, "algo"))->diff1), 0);
    if (difficulty == floor(difficulty))
        assert_int_equal(u256_cmp(&got, &want), 0);
    else
        assert_near(u256_to_double(&got), u256_to_double(&want), 1e-15);
}

/* --- blocks ---------------------------------------------------------------------------------- */

static void check_height_push(const json_t *input, const json_t *expect)
{
    uint8_t push[HEIGHT_PUSH_MAX];
    unsigned len = coinbase_height(number_of(input, "height"), push);

    assert_bytes(expect, "scriptsig_prefix_hex", push, len);
}

/* Puts the coinbase of the example into a job, without its witness and cut in its middle. */
static void use_coinbase(struct job *job, const json_t *input)
{
    uint8_t full[BYTES_MAX], old[BYTES_MAX];
    size_t len = bytes_of(input, "coinbase_full_hex", full, sizeof full);
    size_t stripped = len - COINBASE_WITNESS_BYTES, cut = 60;
    struct block_plan *plan = &job->plan;

    memcpy(old, full, 4); /* the version; then marker and flag; at the end, the lock time */
    memcpy(old + 4, full + 6, stripped - 8);
    memcpy(old + stripped - 4, full + len - 4, 4);
    free(plan->coinb1);
    free(plan->coinb2);
    plan->coinb1 = xmalloc(cut);
    plan->coinb1_len = (uint32_t)cut;
    memcpy(plan->coinb1, old, cut);
    plan->coinb2 = xmalloc(stripped);
    plan->coinb2_len = (uint32_t)(stripped - cut);
    memcpy(plan->coinb2, old + cut, stripped - cut);
}

static void assert_block(const struct share *share, const json_t *expect)
{
    uint8_t id[32], pow[32];
    size_t len;
    uint8_t *block = block_assemble(share, &len, id);
    const struct algo *algo = share->job->algo;
    const struct algo_input hashed = {.bytes = share->header, .len = 80, .nonce_at = 76};
    struct algo_result got;

    assert_bytes(expect, "submitblock_hex", block, len);
    assert_shown(expect, "block_hash_display", id);
    assert_int_equal(algo->hash(NULL, &hashed, &got), 0);
    memcpy(pow, got.hash, 32);
    assert_shown(expect, "scrypt_pow_display", pow);
    free(block);
}

static void check_submitblock_mweb(const json_t *input, const json_t *expect)
{
    const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, 1, NULL, 4, 4};
    json_t *gbt = json_deep_copy(in(input, "gbt"));
    struct share share = {0};
    struct chain_template *t;
    uint8_t root[32], coinbase[32];

    json_object_set_new(gbt, "rules", json_pack("[ss]", "!segwit", "mweb"));
    assert_int_equal(template_from_json(gbt, coin_find("litecoin"), algo_find("scrypt"), &t, NULL),
                     0);
    assert_bytes(expect, "witness_commitment_script", t->commitment, t->commitment_len);
    share.job = template_job(t, &plan);
    use_coinbase(share.job, input);
    share.header_len = (uint16_t)bytes_of(input, "header_hex", share.header, sizeof share.header);
    struct block_plan bare = share.job->plan;
    bare.branch_count = 0;
    plan_merkle_root(&bare, NULL, 0, NULL, 0, coinbase);
    assert_bytes(expect, "coinbase_txid_internal", coinbase, 32);
    plan_merkle_root(&share.job->plan, NULL, 0, NULL, 0, root);
    assert_bytes(expect, "merkle_root_header_bytes", root, 32);
    assert_shown(expect, "hogex_txid", t->txs[t->tx_count - 1].txid);
    assert_block(&share, expect);
    job_unref(share.job);
    template_unref(t);
    json_decref(gbt);
}

/* SPDX-License-Identifier: MIT */
/* Ethash and Etchash through the algorithm's interface: epochs, known hashes, the life of a DAG. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "algo/algo.h"
#include "algo/dataset.h"
#include "base/endian.h"
#include "base/hex.h"
#include "crypto/keccak.h"
#include "kernels/ethash/dag.h"
#include "tests/fake/row.h"

static json_t *vectors;
static struct dataset *epoch0; /* light */
static struct algo_ctx *ctx0;
static const struct algo_key key0;

/* --- epochs ---------------------------------------------------------------------------------- */

static void check_plan(const char *algo, uint64_t block, unsigned size_epoch, unsigned seed_epoch)
{
    const struct algo_key key = {.height = block};
    const struct ethash_sizes sizes = ethash_sizes_of(size_epoch, 256);
    struct dataset_plan plan;
    char name[DATASET_NAME_MAX];

    assert_int_equal(algo_find(algo)->dataset->plan(&key, &plan, NULL), 0);
    (void)snprintf(name, sizeof name, "epoch-%u-seed-%u", size_epoch, seed_epoch);
    assert_string_equal(plan.name, name);
    assert_int_equal(plan.light_bytes, ethash_cache_bytes(&sizes));
    assert_int_equal(plan.full_bytes, ethash_dag_bytes(&sizes));
    assert_int_equal(plan.items, plan.full_bytes / 64);
}

static void etchash_follows_ecip_1099(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "etc_epoch_mapping"), i, row)
        check_plan("etchash", row_number(row, "block"), (unsigned)row_number(row, "size_epoch"),
                   (unsigned)row_number(row, "seed_keccak_count"));
    assert_true(i > 5);
}

static void ethash_has_epochs_of_30000_blocks_for_ever(void **state)
{
    (void)state;
    check_plan("ethash", 0, 0, 0);
    check_plan("ethash", 29999, 0, 0);
    check_plan("ethash", 30000, 1, 1);
    check_plan("ethash", 11700000, 390, 390);
    check_plan("ethash", UINT64_C(30000) * 32639, 32639, 32639);
}

static void a_height_past_the_last_epoch_is_refused_in_words(void **state)
{
    static const struct {
        const char *algo;
        uint64_t height;
    } rows[] = {
        {"ethash", UINT64_C(30000) * 32640},
        {"ethash", UINT64_MAX},
        {"etchash", UINT64_C(60000) * 32640},
        {"etchash", UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct algo_key key = {.height = rows[i].height};
        struct dataset_plan plan;
        struct fault why = {0};
        assert_int_equal(algo_find(rows[i].algo)->dataset->plan(&key, &plan, &why), ERR_KEY);
        assert_non_null(strstr(why.text, "32639"));
    }
}

/* --- hashes ---------------------------------------------------------------------------------- */

static void input_of(const json_t *row, const char *header, uint8_t input[40])
{
    assert_true(hex_decode(row_text(row, header), input, 32));
    put_le64(input + 32, strtoull(row_text(row, "nonce"), NULL, 16));
}

static void check_hash(const json_t *row, const char *header)
{
    const struct algo *algo = algo_find("ethash");
    uint8_t input[40], hash[32], mix[32], quick[32];
    struct algo_result got;
    const struct algo_input in = {.bytes = input, .len = 40, .nonce_at = 32, .key = &key0};

    input_of(row, header, input);
    assert_true(hex_decode(row_text(row, "final_hash"), hash, 32));
    assert_true(hex_decode(row_text(row, "mix_hash"), mix, 32));
    assert_int_equal(algo->hash(ctx0, &in, &got), 0);
    assert_memory_equal(got.hash, hash, 32);
    assert_memory_equal(got.mix, mix, 32);
    assert_int_equal(algo->quick(&in, mix, quick), 0);
    assert_memory_equal(quick, hash, 32);
}

static void epoch_0_hashes_to_the_known_answers(void **state)
{
    const json_t *row;
    unsigned count = 0;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "hashes"), i,
                       row) if (!row_number(row, "size_epoch"))
    {
        check_hash(row, "header_hash");
        count++;
    }
    json_array_foreach(json_object_get(vectors, "headers"), i,
                       row) if (!row_number(row, "size_epoch"))
    {
        check_hash(row, "seal_hash");
        count++;
    }
    assert_int_equal(count, 6);
}

static void the_cache_of_epoch_0_has_the_known_digest_and_items(void **state)
{
    const struct ethash_dag *dag = dataset_memory(epoch0);
    const json_t *row = json_array_get(json_object_get(vectors, "light_cache_keccak256"), 0);
    uint8_t got[32], want[128];
    const char *index;
    json_t *item;

    (void)state;
    assert_true(hex_decode(row_text(row, "keccak256"), want, 32));
    keccak256(dag->cache.items, ethash_cache_bytes(&dag->cache.sizes), got);
    assert_memory_equal(got, want, 32);
    row = json_array_get(json_object_get(vectors, "dataset_items_128B"), 0);
    json_object_foreach(json_object_get(row, "items"), index, item)
    {
        struct ethash_item pair[2];
        assert_true(hex_decode(json_string_value(item), want, 128));
        ethash_items_from(&dag->cache, 2 * (uint32_t)strtoul(index, NULL, 10), 2, pair);
        assert_memory_equal(pair, want, 128);
    }
}

static void another_epoch_than_the_contexts_is_refused(void **state)
{
    static const struct algo_key next = {.height = 30000};
    const uint8_t input[40] = {0};
    struct algo_input in = {.bytes = input, .len = 40, .nonce_at = 32, .key = &next};
    struct algo_result got;

    (void)state;
    assert_int_equal(algo_find("ethash")->hash(ctx0, &in, &got), ERR_KEY);
    in.key = NULL;
    assert_int_equal(algo_find("ethash")->hash(ctx0, &in, &got), ERR_KEY);
    assert_int_equal(algo_find("ethash")->ctx_new(NULL, &(struct algo_ctx *){NULL}, NULL), ERR_KEY);
}

/* A boundary is met by the nonce of its block, and by none of its neighbours. */
static void real_blocks_are_found_by_every_implementation(void **state)
{
    const struct algo *algo = algo_find("ethash");
    const json_t *row = json_array_get(json_object_get(vectors, "headers"), 0);
    uint8_t input[ALGO_INPUT_MAX] = {0}, boundary[32];

    (void)state;
    input_of(row, "seal_hash", input);
    assert_true(hex_decode(row_text(row, "boundary"), boundary, 32));
    for (const struct algo_impl *impl = algo->impls; impl->name; impl++) {
        struct scan scan = {.in = {.bytes = input, .len = 40, .nonce_at = 32, .key = &key0},
                            .first = le64(input + 32) - 1,
                            .count = 3,
                            .target = u256_from_be(boundary)};
        if (!algo_impl_pick(algo, impl->name, NULL))
            continue;
        impl->scan(ctx0, &scan);
        assert_int_equal(scan.done, 3);
        assert_int_equal(scan.found, 1);
        assert_int_equal(scan.hit[0].nonce, le64(input + 32));
    }
}

static void share_difficulty_1_is_bitcoins(void **state)
{
    uint8_t target[32];
    char hex[65];

    (void)state;
    u256_to_be(&algo_find("ethash")->diff1, target);
    hex_encode(target, 32, hex);
    assert_string_equal(hex, "00000000ffff0000000000000000000000000000000000000000000000000000");
}

/* --- the life of a DAG ----------------------------------------------------------------------- */

static const struct ethash_sizes tiny = {.cache_items = 1021, .entries = 8191, .parents = 256};

struct part {
    struct ethash_dag *dag;
    uint64_t first, count;
};

static void *fill(void *arg)
{
    struct part *part = arg;

    for (uint64_t done = 0; done < part->count; done += 100)
        ethash_dag_fill(part->dag, part->first + done,
                        part->count - done < 100 ? part->count - done : 100);
    return NULL;
}

static void make_tiny(struct ethash_dag *dag)
{
    const struct dataset_choices choices = {.huge_pages = true};
    const uint8_t seed[32] = {0};
    bool complete = true;

    assert_int_equal(ethash_dag_light(dag, &tiny, seed, &choices, NULL, NULL, NULL), 0);
    assert_int_equal(ethash_dag_reserve(dag, NULL, &complete, NULL), 0);
    assert_false(complete);
    struct part parts[2] = {{dag, 0, 9000}, {dag, 9000, 16382 - 9000}};
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, fill, &parts[1]), 0);
    (void)fill(&parts[0]);
    assert_int_equal(pthread_join(other, NULL), 0);
}

static void a_dag_made_by_two_threads_is_the_known_one(void **state)
{
    const json_t *row = json_array_get(json_object_get(vectors, "small_dag"), 0);
    struct ethash_dag dag = {0};
    struct dataset_plan plan;
    uint8_t got[32], want[32];
    char words[96];

    (void)state;
    make_tiny(&dag);
    assert_int_equal(ethash_dag_finish(&dag, NULL), 0);
    ethash_dag_plan(&tiny, &plan);
    assert_int_equal(plan.items, 16382);
    keccak256(ethash_dag_items(&dag), plan.full_bytes, got);
    assert_true(hex_decode(row_text(row, "dataset_keccak256"), want, 32));
    assert_memory_equal(got, want, 32);
    ethash_dag_describe(&dag, words, sizeof words);
    assert_non_null(strstr(words, "cache"));
    ethash_dag_drop(&dag);
}

static void a_flipped_bit_is_noticed(void **state)
{
    static const uint32_t ends[] = {0, 16381};
    struct ethash_dag dag = {0};
    struct fault why = {0};

    (void)state;
    make_tiny(&dag);
    for (size_t i = 0; i < 2; i++) {
        ethash_dag_items(&dag)[ends[i]].word[7] ^= 0x10000;
        assert_int_equal(ethash_dag_finish(&dag, &why), ERR_CHECK);
        assert_non_null(strstr(why.text, "memory"));
        ethash_dag_items(&dag)[ends[i]].word[7] ^= 0x10000;
    }
    assert_int_equal(ethash_dag_finish(&dag, NULL), 0);
    ethash_dag_drop(&dag);
}

static int load(void **state)
{
    const struct dataset_choices choices = {.huge_pages = true};
    const struct algo *algo = algo_find("ethash");

    (void)state;
    vectors = json_load_file("tests/vectors/ethash.json", 0, NULL);
    if (!vectors || dataset_build(algo, &key0, &choices, false, 1, NULL, &epoch0, NULL) < 0)
        return -1;
    return algo->ctx_new(epoch0, &ctx0, NULL);
}

static int unload(void **state)
{
    (void)state;
    algo_find("ethash")->ctx_free(ctx0);
    dataset_unref(epoch0);
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(etchash_follows_ecip_1099),
        cmocka_unit_test(ethash_has_epochs_of_30000_blocks_for_ever),
        cmocka_unit_test(a_height_past_the_last_epoch_is_refused_in_words),
        cmocka_unit_test(epoch_0_hashes_to_the_known_answers),
        cmocka_unit_test(the_cache_of_epoch_0_has_the_known_digest_and_items),
        cmocka_unit_test(another_epoch_than_the_contexts_is_refused),
        cmocka_unit_test(real_blocks_are_found_by_every_implementation),
        cmocka_unit_test(share_difficulty_1_is_bitcoins),
        cmocka_unit_test(a_dag_made_by_two_threads_is_the_known_one),
        cmocka_unit_test(a_flipped_bit_is_noticed),
    };

    return cmocka_run_group_tests(tests, load, unload);
}

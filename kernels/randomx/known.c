/* SPDX-License-Identifier: MIT */
/* RandomX's known answers, hashed in light mode. */
#include "kernels/known.h"

#include <stdlib.h>

#include "algo/dataset.h"
#include "base/endian.h"
#include "base/hex.h"
#include "kernels/randomx/data.h"

extern const struct algo algo_randomx;

/* What our files count with; the rest of the parameters is the library's own. */
static bool check_parameters(struct known *k)
{
    return known_equal(k, k->row, "dataset_items", RX_ITEMS) &&
           known_equal(k, k->row, "scratchpad", RX_SCRATCHPAD) &&
           known_equal(k, k->row, "argon_memory_KiB", RX_CACHE_BYTES / 1024) &&
           known_equal(k, k->row, "dataset_bytes", RX_SET_BYTES);
}

static bool seed_of(const json_t *set, const json_t *row, struct algo_key *key)
{
    const char *hex = json_string_value(json_object_get(row, "key"));

    if (!hex) /* all cases have the set's */
        hex = json_string_value(json_object_get(set, "key"));
    long len = hex ? hex_decode_any(hex, key->seed, sizeof key->seed) : -1;
    key->seed_len = (uint8_t)(len < 0 ? 0 : len);
    key->seed_is_empty = len == 0;
    return true;
}

static bool check_v1(struct known *k)
{
    const char *hex = json_string_value(json_object_get(k->row, "input"));
    uint8_t input[ALGO_INPUT_MAX], hash[32];
    long len = hex ? hex_decode_any(hex, input, sizeof input) : -1;

    return len < 0 ? known_wrong(k, "no input")
                   : known_bytes(k, k->row, "hash_v1", hash, sizeof hash) &&
                         known_hash(k, input, (size_t)len, hash, NULL);
}

/* With v2 targets are compared with the commitment. */
static bool check_v2(struct known *k)
{
    const char *hex = json_string_value(json_object_get(k->row, "input"));
    uint8_t input[ALGO_INPUT_MAX], hash[32], commitment[32];
    long len = hex ? hex_decode_any(hex, input, sizeof input) : -1;

    return len < 0 ? known_wrong(k, "no input")
                   : known_bytes(k, k->row, "hash_v2", hash, sizeof hash) &&
                         known_bytes(k, k->row, "commitment_v2", commitment, sizeof commitment) &&
                         known_hash(k, input, (size_t)len, commitment, hash);
}

/* A nonce in the set's blob. */
static bool check_nonce(struct known *k)
{
    uint8_t input[76], hash[32];
    uint64_t nonce;

    if (!known_bytes(k, k->set, "blob", input, sizeof input) ||
        !known_number(k, k->row, "nonce", &nonce) ||
        !known_bytes(k, k->row, "hash_v1", hash, sizeof hash))
        return false;
    algo_put_nonce(k->algo, input, k->algo->nonce_at, nonce);
    return known_hash(k, input, sizeof input, hash, NULL);
}

/* --- inside ---------------------------------------------------------------------------------- */

static bool check_item(struct known *k)
{
    struct rx_data *data = dataset_memory(k->dataset);
    const _Atomic bool cancel = false;
    bool complete = false;
    struct fault why = {0};
    uint64_t at = strtoull(k->name, NULL, 10);

    if (at >= RX_ITEMS)
        return known_wrong(k, "there is no such item");
    if (!data->copy_count && rx_reserve(data, &cancel, &complete, &why) < 0)
        return known_left_out(k, why.text);
    rx_fill(data, at, 1);
    return known_same(k, json_object_get(k->set, "items"), k->name,
                      rx_items(data, &data->copies[0]) + at * RX_ITEM_BYTES, RX_ITEM_BYTES);
}

static bool check_cache_word(struct known *k)
{
    struct rx_data *data = dataset_memory(k->dataset);
    uint64_t want, at = strtoull(k->name, NULL, 10);

    const uint8_t *bytes = rx_cache_memory(data->rx, data->cache);

    if (!bytes)
        return known_left_out(k, "this librandomx does not show its cache");
    if (at >= RX_CACHE_BYTES / 8)
        return known_wrong(k, "there is no such word");
    return known_hex(k, json_object_get(k->set, "words"), k->name, &want) &&
           (le64(bytes + 8 * at) == want || known_wrong(k, "the word differs"));
}

const struct known_set randomx_known[] = {
    {.algo = &algo_randomx, .name = "parameters", .check = check_parameters, .whole = true},
    {.algo = &algo_randomx,
     .name = "hashes",
     .check = check_v1,
     .key = seed_of,
     .choice = "v1",
     .part = "v1"},
    {.algo = &algo_randomx,
     .name = "hashes",
     .check = check_v2,
     .key = seed_of,
     .choice = "v2",
     .part = "v2"},
    {.algo = &algo_randomx,
     .name = "nonce_series",
     .check = check_nonce,
     .key = seed_of,
     .choice = "v1",
     .inside = "items"},
    {.algo = &algo_randomx,
     .name = "cache_words_u64",
     .check = check_cache_word,
     .key = seed_of,
     .choice = "v1",
     .inside = "words"},
    {.algo = &algo_randomx,
     .name = "dataset_items",
     .check = check_item,
     .key = seed_of,
     .choice = "v1",
     .inside = "items"},
    {0},
};

/* SPDX-License-Identifier: MIT */
/* SHA-256d's known answers: hashes, searches, and what is prepared for a search. */
#include "kernels/known.h"

#include <string.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "base/hex.h"
#include "kernels/sha256d/prepare.h"
#include "kernels/sha256d/sha256.h"

enum { HEADER = 80, MESSAGE_MAX = 119 }; /* two blocks with their padding */

/* SHA-256 with the kernel's own compression. */
static void digest(const char *message, size_t len, uint8_t out[32])
{
    uint8_t padded[128] = {0};
    uint32_t state[8], block[16];
    size_t blocks = (len + 9 + 63) / 64;

    memcpy(padded, message, len);
    padded[len] = 0x80;
    put_be32(padded + 64 * blocks - 4, (uint32_t)(8 * len));
    memcpy(state, sha256_iv, sizeof state);
    for (size_t b = 0; b < blocks; b++) {
        for (unsigned i = 0; i < 16; i++)
            block[i] = be32(padded + 64 * b + 4 * i);
        sha256_compress(state, block);
    }
    for (unsigned i = 0; i < 8; i++)
        put_be32(out + 4 * i, state[i]);
}

static bool check_basic(struct known *k)
{
    const char *message = json_string_value(json_object_get(k->row, "message_utf8"));
    uint8_t out[32];

    if (!message || strlen(message) > MESSAGE_MAX)
        return known_wrong(k, "no message of at most %d bytes", MESSAGE_MAX);
    digest(message, strlen(message), out);
    return known_same(k, k->row, "sha256", out, sizeof out);
}

/* --- headers --------------------------------------------------------------------------------- */

/* Rounds 0..2 of the second block are worked out once for all nonces. */
static bool check_prepared(struct known *k, const uint8_t header[HEADER])
{
    static const unsigned places[] = {1, 2, 3, 5, 6, 7}; /* b, c, d and f, g, h of round 3... */
    const struct scan scan = {.in = {header, HEADER, 76, NULL}};
    const json_t *after = json_object_get(k->row, "state_after_3_rounds");
    struct sha256d_prepared p;
    uint64_t w16, w17;

    sha256d_prepare(&p, &scan);
    if (!known_words(k, json_object_get(k->row, "midstate"), p.version[0].mid, 8) ||
        !known_hex(k, k->row, "W16", &w16) || !known_hex(k, k->row, "W17", &w17))
        return false;
    if (p.c[C_W16] != w16 || p.c[C_W17] != w17)
        return known_wrong(k, "a prepared word of the message schedule differs");
    for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
        uint32_t want = 0; /* ...are a, b, c and e, f, g after round 2 */
        const char *hex = json_string_value(json_array_get(after, places[i] - 1));
        if (!hex || !hex_u32(hex, &want) || want != p.version[0].start[places[i]])
            return known_wrong(k, "the state after three rounds differs");
    }
    return true;
}

/* The first hash is made of the midstate. */
static bool check_words(struct known *k, const uint8_t header[HEADER], const uint8_t hash[32])
{
    uint8_t first[32];
    uint32_t words[8];

    digest((const char *)header, HEADER, first);
    for (unsigned i = 0; i < 8; i++)
        words[i] = be32(first + 4 * i);
    if (!known_words(k, json_object_get(k->row, "first_hash_words"), words, 8))
        return false;
    for (unsigned i = 0; i < 8; i++)
        words[i] = be32(hash + 4 * i);
    return known_words(k, json_object_get(k->row, "second_hash_words"), words, 8);
}

static bool check_header(struct known *k)
{
    uint8_t header[HEADER], hash[32];

    return known_bytes(k, k->row, "header", header, sizeof header) &&
           known_bytes(k, k->row, "hash_bytes", hash, sizeof hash) && check_prepared(k, header) &&
           check_words(k, header, hash) && known_meets(k, "target", hash) &&
           known_hash(k, header, sizeof header, hash, NULL);
}

/* --- searches -------------------------------------------------------------------------------- */

static bool check_scan(struct known *k)
{
    return known_header_scan(k, "header_with_nonce_zeroed", 80, "hash_display");
}

static bool compares(struct known *k, const uint8_t header[HEADER], const json_t *one)
{
    bool accept = json_is_true(json_object_get(one, "accept"));
    struct u256 target;

    if (!known_u256(k, one, "target", &target))
        return false;
    for (const struct algo_impl *impl = k->algo->impls; impl->name; impl++) {
        struct scan scan = {.in = {header, HEADER, 76, NULL},
                            .first = le32(header + 76),
                            .count = 1,
                            .target = target};
        if (impl->needs & ~cpu_features())
            continue;
        impl->scan(k->ctx, &scan);
        if (scan.found != accept || scan.done != 1)
            return known_wrong(k, "%s: %s", impl->name,
                               json_string_value(json_object_get(one, "why")));
    }
    return true;
}

static bool check_edges(struct known *k)
{
    const json_t *cases = json_object_get(k->row, "cases"), *one;
    uint8_t header[HEADER];
    size_t i;

    if (!known_bytes(k, k->row, "header", header, sizeof header) || !json_array_size(cases))
        return known_wrong(k, "no header, or no cases");
    json_array_foreach(cases, i, one)
    {
        if (!compares(k, header, one))
            return false;
    }
    return true;
}

/* --- versions -------------------------------------------------------------------------------- */

/* The header of a version, its nonce zero. */
static bool rolled_header(struct known *k, uint8_t header[HEADER])
{
    memset(header, 0, HEADER);
    return known_bytes(k, k->row, "prevhash_bytes", header + 4, 32) &&
           known_bytes(k, k->row, "merkle_root_bytes", header + 36, 32) &&
           known_bytes(k, k->row, "ntime_nbits_bytes", header + 68, 8);
}

/* One version: among the others where an implementation rolls that many, else alone. */
static bool check_version(struct known *k, struct known_scan *rolled, const json_t *version,
                          uint8_t header[HEADER])
{
    const struct scan scan = {.in = {header, HEADER, 76, NULL}};
    struct sha256d_prepared p;

    put_le32(header, rolled->versions[rolled->version_at]);
    rolled->hits = json_object_get(version, "hits");
    struct known_scan alone = *rolled;
    alone.version_count = 0;
    sha256d_prepare(&p, &scan);
    if (!known_words(k, json_object_get(version, "midstate"), p.version[0].mid, 8))
        return false;
    for (const struct algo_impl *impl = k->algo->impls; impl->name; impl++) {
        bool rolls = impl->versions >= rolled->version_count;
        if (!(impl->needs & ~cpu_features()) && !known_finds(k, impl, rolls ? rolled : &alone))
            return false;
    }
    return true;
}

static bool check_rolling(struct known *k)
{
    const json_t *versions = json_object_get(k->row, "versions"), *one;
    uint8_t header[HEADER];
    struct known_scan want = {.input = header, .len = HEADER};
    uint64_t value, mask, base;
    size_t i;

    if (!rolled_header(k, header) || !known_number(k, k->row, "start_nonce", &want.first) ||
        !known_number(k, k->row, "count", &want.count) ||
        !known_u256(k, k->row, "target", &want.target) || !known_hex(k, k->row, "mask", &mask) ||
        !known_hex(k, k->row, "base_version", &base))
        return false;
    want.version_count = (unsigned)json_array_size(versions);
    if (!want.version_count || want.version_count > SCAN_VERSIONS_MAX)
        return known_wrong(k, "no versions, or too many");
    json_array_foreach(versions, i, one)
    {
        if (!known_hex(k, one, "version", &value))
            return false;
        want.versions[i] = (uint32_t)value;
        if ((value & ~mask) != (base & ~mask))
            return known_wrong(k, "a version differs outside the mask");
    }
    json_array_foreach(versions, i, one)
    {
        want.version_at = (unsigned)i;
        if (!check_version(k, &want, one, header))
            return false;
    }
    return true;
}

extern const struct algo algo_sha256d;

const struct known_set sha256d_known[] = {
    {.algo = &algo_sha256d, .name = "sha256_basic", .check = check_basic},
    {.algo = &algo_sha256d, .name = "headers", .check = check_header},
    {.algo = &algo_sha256d, .name = "scans", .check = check_scan},
    {.algo = &algo_sha256d, .name = "compare_edges", .check = check_edges},
    {.algo = &algo_sha256d, .name = "version_rolling", .check = check_rolling},
    {0},
};

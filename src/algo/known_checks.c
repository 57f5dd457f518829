/* SPDX-License-Identifier: MIT */
/* What checks of known answers are made of. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "algo/cpu.h"
#include "algo/known.h"
#include "base/endian.h"
#include "base/hex.h"

/* Nonces of a brief search; fewer where a hash needs memory of its own. */
enum { BRIEF = 4096, BRIEF_SLOW = 64 };

bool known_wrong(struct known *k, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(k->detail, KNOWN_DETAIL, format, args);
    va_end(args);
    return false;
}

bool known_left_out(struct known *k, const char *why)
{
    *k->told = KNOWN_LEFT_OUT;
    return known_wrong(k, "%s", why);
}

/* --- members --------------------------------------------------------------------------------- */

bool known_bytes(struct known *k, const json_t *row, const char *key, void *out, size_t len)
{
    const char *hex = json_string_value(json_object_get(row, key));

    return (hex && hex_decode(hex, out, len)) ||
           known_wrong(k, "\"%s\" is not %zu bytes in hex", key, len);
}

bool known_number(struct known *k, const json_t *row, const char *key, uint64_t *out)
{
    const json_t *n = json_object_get(row, key);

    *out = (uint64_t)json_integer_value(n);
    return json_is_integer(n) || known_wrong(k, "\"%s\" is not a number", key);
}

bool known_hex(struct known *k, const json_t *row, const char *key, uint64_t *out)
{
    const char *hex = json_string_value(json_object_get(row, key));
    char *end = NULL;

    *out = hex ? strtoull(hex, &end, 16) : 0;
    return (end && end != hex && !*end) || known_wrong(k, "\"%s\" is not a number in hex", key);
}

bool known_u256(struct known *k, const json_t *row, const char *key, struct u256 *out)
{
    uint8_t bytes[32];

    if (!known_bytes(k, row, key, bytes, sizeof bytes))
        return false;
    *out = u256_from_be(bytes);
    return true;
}

bool known_same(struct known *k, const json_t *row, const char *key, const void *got, size_t len)
{
    const char *hex = json_string_value(json_object_get(row, key));
    const uint8_t *bytes = got;
    uint8_t want;

    if (!hex || strlen(hex) != 2 * len)
        return known_wrong(k, "\"%s\" is not %zu bytes in hex", key, len);
    for (size_t i = 0; i < len; i++) {
        char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        if (!hex_decode(two, &want, 1) || want != bytes[i])
            return known_wrong(k, "\"%s\" differs in byte %zu", key, i);
    }
    return true;
}

bool known_equal(struct known *k, const json_t *row, const char *key, uint64_t got)
{
    uint64_t want;

    if (!known_number(k, row, key, &want))
        return false;
    return got == want || known_wrong(k, "\"%s\" is %llu, should be %llu", key,
                                      (unsigned long long)got, (unsigned long long)want);
}

bool known_words(struct known *k, const json_t *list, const uint32_t *got, size_t count)
{
    if (json_array_size(list) != count)
        return known_wrong(k, "a list has not %zu words", count);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(list, i);
        const char *hex = json_string_value(one);
        uint32_t want =
            (uint32_t)(hex ? strtoul(hex, NULL, 16) : (unsigned long long)json_integer_value(one));
        if (want != got[i])
            return known_wrong(k, "word %zu is %08x, should be %08x", i, got[i], want);
    }
    return true;
}

/* --- scans ----------------------------------------------------------------------------------- */

static uint64_t nonce_of(const json_t *hit)
{
    const json_t *nonce = json_object_get(hit, "nonce");
    const char *hex = json_string_value(nonce);

    return hex ? strtoull(hex, NULL, 16) : (uint64_t)json_integer_value(nonce);
}

/* What one scan found is what comes next in the list. */
static bool found_next(struct known *k, const struct algo_impl *impl, const struct known_scan *want,
                       const struct scan *scan, uint64_t sure, size_t *at)
{
    for (unsigned i = 0; i < scan->found; i++) {
        const json_t *hit = json_array_get(want->hits, *at);
        bool other =
            want->version_count && scan->hit[i].version != want->versions[want->version_at];
        if (other || scan->hit[i].nonce >= scan->first + sure)
            continue;
        if (!hit || scan->hit[i].nonce != nonce_of(hit))
            return known_wrong(k, "%s finds nonce %llu, which does not win", impl->name,
                               (unsigned long long)scan->hit[i].nonce);
        ++*at;
    }
    return true;
}

/* How many hits lie within the first nonces. */
static size_t hits_within(const struct known_scan *want, uint64_t count)
{
    const json_t *hit;
    size_t i, n = 0;

    json_array_foreach(want->hits, i, hit) n += nonce_of(hit) - want->first < count;
    return n;
}

bool known_finds(struct known *k, const struct algo_impl *impl, const struct known_scan *want)
{
    uint64_t brief = k->algo->ctx_new ? BRIEF_SLOW : BRIEF;
    uint64_t count = k->brief && want->count > brief ? brief : want->count;
    size_t at = 0, hits = hits_within(want, count);
    uint8_t input[ALGO_INPUT_MAX] = {0};

    memcpy(input, want->input, want->len);
    for (uint64_t done = 0, sure; done < count; done += sure) {
        struct scan scan = {.in = {input, (uint16_t)want->len, k->algo->nonce_at, &k->key},
                            .first = want->first + done,
                            .count = count - done,
                            .target = want->target,
                            .version_count = want->version_count};
        memcpy(scan.version, want->versions, sizeof scan.version);
        impl->scan(k->ctx, &scan);
        if (!scan.done || scan.done > scan.count)
            return known_wrong(k, "%s tries %llu nonces of %llu", impl->name,
                               (unsigned long long)scan.done, (unsigned long long)scan.count);
        /* what was lost with the rest of a nonce's versions is looked for again */
        bool full = scan.found == SCAN_FOUND_MAX && scan.version_count > 1 && scan.done > 1;
        sure = scan.done - full;
        if (!found_next(k, impl, want, &scan, sure, &at))
            return false;
    }
    return at == hits || known_wrong(k, "%s finds %zu nonces of %zu", impl->name, at, hits);
}

bool known_all_find(struct known *k, const struct known_scan *want)
{
    for (const struct algo_impl *impl = k->algo->impls; impl->name; impl++)
        if (!(impl->needs & ~cpu_features()) && !known_finds(k, impl, want))
            return false;
    return true;
}

/* --- hashes ---------------------------------------------------------------------------------- */

/* The input's nonce wins against its own hash, and does not against one less. */
static bool meets_itself(struct known *k, const struct algo_impl *impl, const uint8_t *input,
                         size_t len, const struct u256 *value)
{
    const struct u256 one = u256_from_u64(1);
    uint8_t bytes[ALGO_INPUT_MAX] = {0};
    struct scan scan = {.in = {bytes, (uint16_t)len, k->algo->nonce_at, &k->key}, .count = 1};

    memcpy(bytes, input, len);
    scan.first =
        k->algo->nonce_len == 8 ? le64(input + scan.in.nonce_at) : le32(input + scan.in.nonce_at);
    for (unsigned less = 0; less < 2; less++) {
        struct scan s = scan;
        s.target = *value;
        if (less && u256_sub(&s.target, &one))
            return true;
        impl->scan(k->ctx, &s);
        if (s.done != 1 || s.found != !less || (s.found && s.hit[0].nonce != scan.first))
            return known_wrong(k, "%s compares the hash wrongly, or makes another", impl->name);
    }
    return true;
}

bool known_hash(struct known *k, const uint8_t *input, size_t len, const uint8_t hash[32],
                const uint8_t *mix)
{
    const struct algo_input in = {input, (uint16_t)len, k->algo->nonce_at, &k->key};
    struct algo_result got;
    uint8_t quick[32];

    int err = k->algo->hash(k->ctx, &in, &got);
    if (err < 0)
        return known_wrong(k, "%s", err_str(err));
    if (memcmp(got.hash, hash, sizeof got.hash) != 0)
        return known_wrong(k, "the hash differs");
    if (mix && memcmp(got.mix, mix, sizeof got.mix) != 0)
        return known_wrong(k, "the mix differs");
    if (mix && k->algo->quick &&
        (k->algo->quick(&in, mix, quick) < 0 || memcmp(quick, hash, sizeof quick) != 0))
        return known_wrong(k, "the hash made from the mix alone differs");
    if (len < (size_t)k->algo->nonce_at + k->algo->nonce_len)
        return true; /* it has no nonce */
    const struct u256 value = algo_hash_value(k->algo, hash);
    for (const struct algo_impl *impl = k->algo->impls; impl->name; impl++)
        if (!(impl->needs & ~cpu_features()) && !meets_itself(k, impl, input, len, &value))
            return false;
    return true;
}

bool known_meets(struct known *k, const char *target, const uint8_t hash[32])
{
    struct u256 limit, value = algo_hash_value(k->algo, hash);

    return known_u256(k, k->row, target, &limit) &&
           (u256_cmp(&value, &limit) <= 0 || known_wrong(k, "the hash is above \"%s\"", target));
}

/* Each winner's hash is the one that is told. */
static bool hits_hash(struct known *k, uint8_t *input, size_t len, const json_t *hits,
                      const char *hash)
{
    const json_t *hit;
    size_t i;

    json_array_foreach(hits, i, hit)
    {
        if (k->brief && i == KNOWN_BRIEF_HITS)
            break;
        const struct algo_input in = {input, (uint16_t)len, k->algo->nonce_at, &k->key};
        struct algo_result got;
        struct u256 want;
        algo_put_nonce(k->algo, input, in.nonce_at, nonce_of(hit));
        if (k->algo->hash(k->ctx, &in, &got) < 0 || !known_u256(k, hit, hash, &want))
            return known_wrong(k, "a winner has no hash");
        struct u256 value = algo_hash_value(k->algo, got.hash);
        if (u256_cmp(&value, &want) != 0)
            return known_wrong(k, "a winner has another hash");
    }
    return true;
}

bool known_header_scan(struct known *k, const char *header, size_t len, const char *hash)
{
    uint8_t input[80] = {0};
    struct known_scan want = {
        .input = input, .len = sizeof input, .hits = json_object_get(k->row, "hits")};

    return known_bytes(k, k->row, header, input, len) &&
           known_number(k, k->row, "start_nonce", &want.first) &&
           known_number(k, k->row, "count", &want.count) &&
           known_u256(k, k->row, "target", &want.target) && known_all_find(k, &want) &&
           hits_hash(k, input, sizeof input, want.hits, hash);
}

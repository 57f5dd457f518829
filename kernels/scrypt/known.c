/* SPDX-License-Identifier: MIT */
/* scrypt's known answers: its parts, whole headers, searches. */
#include "kernels/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "crypto/sha256.h"
#include "kernels/scrypt/hmac.h"
#include "kernels/scrypt/romix.h"

enum { HEADER = 80, BLOCK = 4 * SCRYPT_WORDS };

static void to_words(const uint8_t *bytes, uint32_t *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        words[i] = le32(bytes + 4 * i);
}

static void to_bytes(const uint32_t *words, uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        put_le32(bytes + 4 * i, words[i]);
}

static bool check_parameters(struct known *k)
{
    return known_equal(k, k->row, "N", SCRYPT_N) && known_equal(k, k->row, "r", 1) &&
           known_equal(k, k->row, "p", 1) && known_equal(k, k->row, "dklen", 32);
}

static bool check_salsa(struct known *k)
{
    uint8_t bytes[64];
    uint32_t words[16];

    if (!known_bytes(k, k->row, "input", bytes, sizeof bytes))
        return false;
    to_words(bytes, words, 16);
    salsa20_8(words);
    to_bytes(words, bytes, 16);
    return known_same(k, k->row, "output", bytes, sizeof bytes);
}

static bool check_blockmix(struct known *k)
{
    uint8_t bytes[BLOCK];
    uint32_t words[SCRYPT_WORDS];

    if (!known_bytes(k, k->row, "input", bytes, sizeof bytes))
        return false;
    to_words(bytes, words, SCRYPT_WORDS);
    scrypt_blockmix(words);
    to_bytes(words, bytes, SCRYPT_WORDS);
    return known_same(k, k->row, "output", bytes, sizeof bytes);
}

static void romix(uint8_t block[BLOCK], uint32_t n)
{
    AUTO_FREE uint32_t *v = xreallocarray(NULL, n, sizeof *v * SCRYPT_WORDS);
    uint32_t words[SCRYPT_WORDS];

    to_words(block, words, SCRYPT_WORDS);
    scrypt_romix(words, v, n);
    to_bytes(words, block, SCRYPT_WORDS);
}

/* The member "N": a power of two, small. */
static bool cost_of(struct known *k, uint64_t *n)
{
    if (!known_number(k, k->row, "N", n))
        return false;
    return (*n >= 2 && *n <= SCRYPT_N && !(*n & (*n - 1))) || known_wrong(k, "N is out of range");
}

static bool check_romix(struct known *k)
{
    uint8_t block[BLOCK];
    uint64_t n;

    if (!cost_of(k, &n) || !known_bytes(k, k->row, "input", block, sizeof block))
        return false;
    romix(block, (uint32_t)n);
    return known_same(k, k->row, "output", block, sizeof block);
}

static bool check_rfc(struct known *k)
{
    const char *password = json_string_value(json_object_get(k->row, "P"));
    const char *salt = json_string_value(json_object_get(k->row, "S"));
    uint8_t block[BLOCK], out[64];
    uint64_t n;

    if (!password || !salt || !cost_of(k, &n) || !known_equal(k, k->row, "r", 1) ||
        !known_equal(k, k->row, "p", 1) || !known_equal(k, k->row, "dklen", sizeof out))
        return known_wrong(k, "parameters that are not ours");
    const uint8_t *p = (const uint8_t *)password, *s = (const uint8_t *)salt;
    pbkdf2_once(p, strlen(password), s, strlen(salt), block, sizeof block);
    romix(block, (uint32_t)n);
    pbkdf2_once(p, strlen(password), block, sizeof block, out, sizeof out);
    return known_same(k, k->row, "out", out, sizeof out);
}

static bool check_stages(struct known *k)
{
    uint8_t header[HEADER], block[BLOCK], out[32];

    if (!known_bytes(k, k->row, "header", header, sizeof header))
        return false;
    pbkdf2_once(header, sizeof header, header, sizeof header, block, sizeof block);
    if (!known_same(k, k->row, "pbkdf2_first_128", block, sizeof block))
        return false;
    romix(block, SCRYPT_N);
    if (!known_same(k, k->row, "after_romix_128", block, sizeof block))
        return false;
    pbkdf2_once(header, sizeof header, block, sizeof block, out, sizeof out);
    return known_same(k, k->row, "output", out, sizeof out);
}

static bool check_header(struct known *k)
{
    uint8_t header[HEADER], hash[32], id[32];

    if (!known_bytes(k, k->row, "header", header, sizeof header) ||
        !known_bytes(k, k->row, "pow_hash_bytes", hash, sizeof hash))
        return false;
    sha256d(header, sizeof header, id);
    for (unsigned i = 0; i < 16; i++) { /* shown as a number */
        uint8_t byte = id[i];
        id[i] = id[31 - i];
        id[31 - i] = byte;
    }
    return known_same(k, k->row, "sha256d_block_id", id, sizeof id) &&
           known_meets(k, "target", hash) && known_hash(k, header, sizeof header, hash, NULL);
}

static bool check_scan(struct known *k)
{
    return known_header_scan(k, "header_without_nonce", 76, "pow_hash_display");
}

extern const struct algo algo_scrypt;

const struct known_set scrypt_known[] = {
    {.algo = &algo_scrypt, .name = "parameters", .check = check_parameters, .whole = true},
    {.algo = &algo_scrypt, .name = "salsa20_8", .check = check_salsa},
    {.algo = &algo_scrypt, .name = "blockmix_r1", .check = check_blockmix},
    {.algo = &algo_scrypt, .name = "romix_small", .check = check_romix},
    {.algo = &algo_scrypt, .name = "rfc7914", .check = check_rfc},
    {.algo = &algo_scrypt, .name = "headers", .check = check_header},
    {.algo = &algo_scrypt, .name = "stages", .check = check_stages},
    {.algo = &algo_scrypt, .name = "scans", .check = check_scan},
    {0},
};

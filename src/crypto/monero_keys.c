/* SPDX-License-Identifier: MIT */
/* Monero's keys by libsodium's group of ed25519. Its multiplication takes no points outside of the
 * main subgroup, which Monero does; so the factor 8, which leads into it, comes first. Nothing here
 * needs sodium_init: there are no random numbers, and no choice of an implementation. */
#include "crypto/monero_keys.h"

#include <sodium.h>
#include <string.h>

#include "base/leb128.h"
#include "crypto/keccak.h"

static const uint8_t neutral[32] = {1};

/* Is the y of the point less than 2^255 - 19? */
static bool is_canonical(const uint8_t p[32])
{
    if ((p[31] & 0x7f) != 0x7f || p[0] < 0xed)
        return true;
    for (unsigned i = 1; i < 31; i++)
        if (p[i] != 0xff)
            return true;
    return false;
}

/* 8 * point. False where monero_point_ok is. */
static bool eight_times(const uint8_t point[32], uint8_t ret[32])
{
    uint8_t sum[32];

    if (!is_canonical(point))
        return false;
    memcpy(sum, point, 32);
    for (unsigned i = 0; i < 3; i++)
        if (crypto_core_ed25519_add(sum, sum, sum) != 0)
            return false; /* no point of the curve has this y */
    if (!memcmp(sum, neutral, 32))
        return false;
    memcpy(ret, sum, 32);
    return true;
}

bool monero_point_ok(const uint8_t point[32])
{
    uint8_t unused[32];

    return eight_times(point, unused);
}

bool monero_scalar_ok(const uint8_t scalar[32])
{
    uint8_t wide[64] = {0}, reduced[32];

    memcpy(wide, scalar, 32);
    crypto_core_ed25519_scalar_reduce(reduced, wide);
    bool ok = sodium_memcmp(reduced, scalar, 32) == 0 && !sodium_is_zero(scalar, 32);
    sodium_memzero(wide, sizeof wide);
    sodium_memzero(reduced, sizeof reduced);
    return ok;
}

bool monero_public(const uint8_t secret[32], uint8_t ret[32])
{
    return monero_scalar_ok(secret) && crypto_scalarmult_ed25519_base_noclamp(ret, secret) == 0;
}

bool monero_derivation(const uint8_t point[32], const uint8_t secret[32], uint8_t ret[32])
{
    uint8_t eight[32];

    return monero_scalar_ok(secret) && eight_times(point, eight) &&
           crypto_scalarmult_ed25519_noclamp(ret, secret, eight) == 0;
}

/* Keccak-256 of text, derivation and index. */
static void hash_index(const char *salt, const uint8_t derivation[32], uint64_t index,
                       uint8_t ret[32])
{
    uint8_t number[LEB128_MAX];
    struct keccak k;

    keccak_start(&k, KECCAK256_RATE);
    keccak_add(&k, salt, strlen(salt));
    keccak_add(&k, derivation, 32);
    keccak_add(&k, number, leb128_put(number, index));
    keccak_end(&k, ret, 32);
    sodium_memzero(&k, sizeof k);
}

bool monero_output_key(const uint8_t derivation[32], uint64_t index, const uint8_t spend[32],
                       uint8_t ret[32])
{
    uint8_t wide[64] = {0}, scalar[32], point[32];

    hash_index("", derivation, index, wide);
    crypto_core_ed25519_scalar_reduce(scalar, wide);
    bool ok = monero_point_ok(spend) &&
              crypto_scalarmult_ed25519_base_noclamp(point, scalar) == 0 &&
              crypto_core_ed25519_add(ret, point, spend) == 0;
    sodium_memzero(wide, sizeof wide);
    sodium_memzero(scalar, sizeof scalar);
    return ok;
}

uint8_t monero_view_tag(const uint8_t derivation[32], uint64_t index)
{
    uint8_t digest[32];

    hash_index("view_tag", derivation, index, digest);
    return digest[0];
}

void monero_wipe(void *secret, size_t len)
{
    sodium_memzero(secret, len);
}

/* SPDX-License-Identifier: MIT */
/* SHA-256 through OpenSSL's one-shot call, which picks the CPU's instructions itself. */
#include "crypto/sha256.h"

#include <string.h>

#include <openssl/sha.h>

void sha256(const void *data, size_t len, uint8_t out[32])
{
    (void)SHA256(data, len, out);
}

void sha256d(const void *data, size_t len, uint8_t out[32])
{
    uint8_t first[32];

    (void)SHA256(data, len, first);
    (void)SHA256(first, sizeof first, out);
}

void sha256d_pair(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    uint8_t both[64];

    memcpy(both, left, 32);
    memcpy(both + 32, right, 32);
    sha256d(both, sizeof both, out);
}

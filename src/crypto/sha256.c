/* SPDX-License-Identifier: MIT */
/* SHA-256 through OpenSSL's block function, which picks the CPU's instructions itself. The one-shot
 * calls of OpenSSL 3 look the algorithm up by its name each time, which costs several times what a
 * short message's hash does. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/sha256.h"

#include <string.h>

#include <openssl/sha.h>

#include "base/endian.h"

void sha256(const void *data, size_t len, uint8_t out[32])
{
    SHA256_CTX c;

    (void)SHA256_Init(&c);
    (void)SHA256_Update(&c, data, len);
    (void)SHA256_Final(out, &c);
}

static void put_state(const SHA256_CTX *c, uint8_t out[32])
{
    for (unsigned i = 0; i < 8; i++)
        put_be32(out + 4 * i, c->h[i]);
}

/* The SHA-256 of 32 bytes, where `block` begins with them. */
static void hash_again(uint8_t block[64], uint8_t out[32])
{
    static const uint8_t padding[32] = {[0] = 0x80, [30] = 1}; /* 256 bits */
    SHA256_CTX c;

    memcpy(block + 32, padding, sizeof padding);
    (void)SHA256_Init(&c);
    SHA256_Transform(&c, block);
    put_state(&c, out);
}

void sha256d(const void *data, size_t len, uint8_t out[32])
{
    uint8_t block[64];

    sha256(data, len, block);
    hash_again(block, out);
}

void sha256d_pair(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    static const uint8_t padding[64] = {[0] = 0x80, [62] = 2}; /* 512 bits */
    uint8_t block[64];
    SHA256_CTX c;

    memcpy(block, left, 32);
    memcpy(block + 32, right, 32);
    (void)SHA256_Init(&c);
    SHA256_Transform(&c, block);
    SHA256_Transform(&c, padding);
    put_state(&c, block);
    hash_again(block, out);
}

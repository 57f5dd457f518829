/* SPDX-License-Identifier: MIT */
/* HMAC-SHA256 and PBKDF2 of an 80-byte header, one nonce in each 32-bit lane (RFC 2104, RFC 8018).
 * Include after a kernels/simd header, which defines `vec` and LANES. */
#pragma once

#include <string.h>

#include "base/endian.h"
#include "kernels/sha256d/sha256.h"
#include "kernels/simd/sha256.h"

struct hmac_lanes { /* states behind the key's block */
    vec inner[8], outer[8];
};

static __attribute__((noinline)) void compress_lanes(vec state[8], const vec block[16])
{
    vec v[8], w[16];

    memcpy(v, state, sizeof v);
    memcpy(w, block, sizeof w);
#define R(i) ROUND(i, W(i) + SPLAT(sha256_k[i]))
    ROUNDS16(R, 0);
#undef R
#define R(i) ROUND(i, NEXT_W(i) + SPLAT(sha256_k[at + (i)]))
    for (int at = 16; at < 64; at += 16)
        ROUNDS16(R, 0);
#undef R
    for (int j = 0; j < 8; j++)
        state[j] += v[j];
}

static void splat_state(vec state[8], const uint32_t from[8])
{
    for (int j = 0; j < 8; j++)
        state[j] = SPLAT(from[j]);
}

/* Clears a block but for its padding: `words` of message, the length of all in bits. */
static void pad_block(vec block[16], unsigned words, uint32_t bits)
{
    for (unsigned i = words; i < 15; i++)
        block[i] = SPLAT(0);
    block[words] = SPLAT(0x80000000);
    block[15] = SPLAT(bits);
}

/* The key is SHA-256 of the header. */
static void hmac_begin(struct hmac_lanes *h, const uint8_t *header, vec nonces)
{
    uint32_t state[8], words[16];
    vec key[8], block[16];

    for (int i = 0; i < 16; i++)
        words[i] = be32(header + 4 * i);
    memcpy(state, sha256_iv, sizeof state);
    sha256_compress(state, words);
    splat_state(key, state);
    for (int i = 0; i < 3; i++)
        block[i] = SPLAT(be32(header + 64 + 4 * i));
    block[3] = nonces;
    pad_block(block, 4, 640);
    compress_lanes(key, block);
    splat_state(h->inner, sha256_iv);
    splat_state(h->outer, sha256_iv);
    for (int i = 0; i < 16; i++)
        block[i] = SPLAT(0x36363636) ^ (i < 8 ? key[i] : SPLAT(0));
    compress_lanes(h->inner, block);
    for (int i = 0; i < 16; i++)
        block[i] = SPLAT(0x5c5c5c5c) ^ (i < 8 ? key[i] : SPLAT(0));
    compress_lanes(h->outer, block);
}

/* The outer hash of the inner digest in `block`. */
static void hmac_end(const struct hmac_lanes *h, vec block[16], vec out[8])
{
    pad_block(block, 8, 768);
    memcpy(out, h->outer, sizeof h->outer);
    compress_lanes(out, block);
}

/* 128 bytes of PBKDF2 with the header as the salt: 32 little-endian words in each lane. */
static void expand(const struct hmac_lanes *h, const uint8_t *header, vec nonces, vec x[32])
{
    vec salted[8], block[16], out[8];

    for (int i = 0; i < 16; i++)
        block[i] = SPLAT(be32(header + 4 * i));
    memcpy(salted, h->inner, sizeof salted);
    compress_lanes(salted, block);
    for (unsigned n = 0; n < 4; n++) {
        for (int i = 0; i < 3; i++)
            block[i] = SPLAT(be32(header + 64 + 4 * i));
        block[3] = nonces;
        block[4] = SPLAT(n + 1);
        pad_block(block, 5, 1184);
        vec digest[8];
        memcpy(digest, salted, sizeof digest);
        compress_lanes(digest, block);
        memcpy(block, digest, sizeof digest);
        hmac_end(h, block, out);
        for (int k = 0; k < 8; k++)
            x[8 * n + (unsigned)k] = BSWAP(out[k]);
    }
}

/* 32 bytes of PBKDF2 with x as the salt. */
static void reduce(struct hmac_lanes *h, const vec x[32], vec out[8])
{
    vec block[16];

    for (int half = 0; half < 32; half += 16) {
        for (int i = 0; i < 16; i++)
            block[i] = BSWAP(x[half + i]);
        compress_lanes(h->inner, block);
    }
    block[0] = SPLAT(1);
    pad_block(block, 1, 1568);
    compress_lanes(h->inner, block);
    memcpy(block, h->inner, sizeof h->inner);
    hmac_end(h, block, out);
}

/* SPDX-License-Identifier: MIT */
/* scrypt of several nonces at once. Included by one file per instruction set, after the
 * kernels/simd header that defines `vec` (LANES words) and these:
 *   PER_VEC    hashes side by side in a vector, 128 bits each (LANES / 4)
 *   GROUPS     sets of vectors in flight, so that one hides the other's latency
 *   TURN(x, k) each 128-bit part's word i takes word i + k
 *   to_rows, from_rows: the 128-bit parts of four vectors sorted by hash, and back
 * The HMAC part holds one hash per 32-bit lane. Salsa20/8 holds the diagonals of the 4x4 matrix in
 * four vectors: columns, turn, rows, turn back. */
#pragma once

#include <string.h>

#include "base/endian.h"
#include "kernels/scrypt/romix.h"
#include "kernels/scrypt/scrypt.h"
#include "kernels/sha256d/sha256.h"
#include "kernels/simd/sha256.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define EACH          for (int g = 0; g < GROUPS; g++)
#define ROL(x, n)     ROR(x, 32 - (n))

enum {
    HASHES = PER_VEC * GROUPS,
    PARTS = 4 / PER_VEC, /* vectors that hold the 64 bytes of one hash */
};
_Static_assert((int)HASHES <= (int)LANES, "one HMAC lane for each hash");

/* Position in the diagonal order -> word of the 4x4 matrix. */
static const uint8_t diagonal[16] = {0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11};

/* --- HMAC-SHA256 over lanes ------------------------------------------------------------------ */

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

/* --- ROMix ----------------------------------------------------------------------------------- */

#define STEP(d, a, b, n) EACH d[g] ^= ROL(a[g] + b[g], n)
#define TURN_EACH(x, k)  EACH x[g] = TURN(x[g], k)

/* x[to..to+3] = Salsa20/8(x[to..] ^ x[from..]), both halves in diagonal order. */
static ALWAYS_INLINE void salsa_half(vec x[GROUPS][8], int to, int from)
{
    vec a[GROUPS], b[GROUPS], c[GROUPS], d[GROUPS];

    EACH
    {
        a[g] = x[g][to] ^= x[g][from];
        b[g] = x[g][to + 1] ^= x[g][from + 1];
        c[g] = x[g][to + 2] ^= x[g][from + 2];
        d[g] = x[g][to + 3] ^= x[g][from + 3];
    }
    for (int round = 0; round < 4; round++) {
        STEP(b, a, d, 7);
        STEP(c, b, a, 9);
        STEP(d, c, b, 13);
        STEP(a, d, c, 18);
        TURN_EACH(b, 3);
        TURN_EACH(c, 2);
        TURN_EACH(d, 1);
        STEP(d, a, b, 7);
        STEP(c, d, a, 9);
        STEP(b, c, d, 13);
        STEP(a, b, c, 18);
        TURN_EACH(b, 1);
        TURN_EACH(c, 2);
        TURN_EACH(d, 3);
    }
    EACH
    {
        x[g][to] += a[g];
        x[g][to + 1] += b[g];
        x[g][to + 2] += c[g];
        x[g][to + 3] += d[g];
    }
}

/* Row i of one hash: 128 bytes in a row, the two halves after each other. */
static ALWAYS_INLINE vec *row(uint8_t *pads, uint32_t i, int hash)
{
    return (vec *)(void *)(pads + ((size_t)i * HASHES + (size_t)hash) * 128);
}

static ALWAYS_INLINE void store_rows(uint8_t *pads, uint32_t i, vec x[GROUPS][8])
{
    EACH for (int half = 0; half < 2; half++)
    {
        vec rows[4];
        to_rows(x[g] + 4 * half, rows);
        for (int k = 0; k < 4; k++)
            row(pads, i, g * PER_VEC + k / PARTS)[half * PARTS + k % PARTS] = rows[k];
    }
}

static ALWAYS_INLINE void mix_rows(uint8_t *pads, vec x[GROUPS][8])
{
    EACH
    {
        const vec *at[PER_VEC];
        for (int k = 0; k < PER_VEC; k++) /* word 16 of each hash picks its row */
            at[k] = row(pads, x[g][4][4 * k] % SCRYPT_N, g * PER_VEC + k);
        for (int half = 0; half < 2; half++) {
            vec rows[4], mixed[4];
            for (int k = 0; k < 4; k++)
                rows[k] = at[k / PARTS][half * PARTS + k % PARTS];
            from_rows(rows, mixed);
            for (int k = 0; k < 4; k++)
                x[g][4 * half + k] ^= mixed[k];
        }
    }
}

static __attribute__((noinline)) void romix(uint8_t *pads, vec in_out[GROUPS][8])
{
    vec x[GROUPS][8];

    memcpy(x, in_out, sizeof x);
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        store_rows(pads, i, x);
        salsa_half(x, 0, 4);
        salsa_half(x, 4, 0);
    }
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        mix_rows(pads, x);
        salsa_half(x, 0, 4);
        salsa_half(x, 4, 0);
    }
    memcpy(in_out, x, sizeof x);
}

/* --- all of it ------------------------------------------------------------------------------- */

/* Word w (diagonal order within its half) of a hash, as an index into vec x[GROUPS][8]. */
static size_t place(unsigned hash, unsigned w)
{
    return ((size_t)hash / PER_VEC * 8 + w / 4) * LANES + hash % PER_VEC * 4 + w % 4;
}

static void batch(uint8_t *pads, const uint8_t *header, uint32_t nonce, uint8_t (*out)[32])
{
    vec nonces = BSWAP(SPLAT(nonce) + LANE_NUMBERS), lanes[32], digest[8];
    vec x[GROUPS][8];
    uint32_t *lane_words = (uint32_t *)lanes, *x_words = (uint32_t *)x;
    struct hmac_lanes h;

    hmac_begin(&h, header, nonces);
    expand(&h, header, nonces, lanes);
    for (unsigned hash = 0; hash < HASHES; hash++)
        for (unsigned w = 0; w < 32; w++)
            x_words[place(hash, w)] = lane_words[(w / 16 * 16 + diagonal[w % 16]) * LANES + hash];
    romix(pads, x);
    for (unsigned hash = 0; hash < HASHES; hash++)
        for (unsigned w = 0; w < 32; w++)
            lane_words[(w / 16 * 16 + diagonal[w % 16]) * LANES + hash] = x_words[place(hash, w)];
    reduce(&h, lanes, digest);
    for (unsigned hash = 0; hash < HASHES; hash++)
        for (unsigned k = 0; k < 8; k++)
            put_be32(out[hash] + 4 * k, ((uint32_t *)digest)[k * LANES + hash]);
}

/* SPDX-License-Identifier: MIT */
/* scrypt of few nonces at once, in little memory: each 128-bit part of a vector belongs to one hash
 * and holds a diagonal of Salsa20's 4x4 matrix (columns, turn, rows, turn back). Included by one
 * file per instruction set, after its kernels/simd header and these:
 *   PER_VEC    hashes side by side in a vector (LANES / 4)
 *   GROUPS     sets of vectors in flight, so that one hides the other's latency
 *   TURN(x, k) each 128-bit part's word i takes word i + k
 *   to_rows, from_rows: the 128-bit parts of four vectors sorted by hash, and back */
#pragma once

#include "kernels/scrypt/hmac_lanes.h"
#include "kernels/scrypt/romix.h"
#include "kernels/scrypt/scrypt.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define EACH          for (int g = 0; g < GROUPS; g++)

enum {
    HASHES = PER_VEC * GROUPS,
    PARTS = 4 / PER_VEC, /* vectors that hold the 64 bytes of one hash */
};
_Static_assert((int)HASHES <= (int)LANES, "one HMAC lane for each hash");

/* Position in the diagonal order -> word of the 4x4 matrix. */
static const uint8_t diagonal[16] = {0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11};

#define DIAGONAL_STEP(d, a, b, n) EACH d[g] ^= ROR(a[g] + b[g], 32 - (n))
#define TURN_EACH(x, k)           EACH x[g] = TURN(x[g], k)

/* x[to..to+3] = Salsa20/8(x[to..] ^ x[from..]), both halves in diagonal order. */
static ALWAYS_INLINE void diagonal_salsa(vec x[GROUPS][8], int to, int from)
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
        DIAGONAL_STEP(b, a, d, 7);
        DIAGONAL_STEP(c, b, a, 9);
        DIAGONAL_STEP(d, c, b, 13);
        DIAGONAL_STEP(a, d, c, 18);
        TURN_EACH(b, 3);
        TURN_EACH(c, 2);
        TURN_EACH(d, 1);
        DIAGONAL_STEP(d, a, b, 7);
        DIAGONAL_STEP(c, d, a, 9);
        DIAGONAL_STEP(b, c, d, 13);
        DIAGONAL_STEP(a, b, c, 18);
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

static ALWAYS_INLINE void diagonal_store(uint8_t *pads, uint32_t i, vec x[GROUPS][8])
{
    EACH for (int half = 0; half < 2; half++)
    {
        vec rows[4];
        to_rows(x[g] + 4 * half, rows);
        for (int k = 0; k < 4; k++)
            row(pads, i, g * PER_VEC + k / PARTS)[half * PARTS + k % PARTS] = rows[k];
    }
}

static ALWAYS_INLINE void diagonal_mix(uint8_t *pads, vec x[GROUPS][8])
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

static __attribute__((noinline)) void diagonal_romix(uint8_t *pads, vec in_out[GROUPS][8])
{
    vec x[GROUPS][8];

    memcpy(x, in_out, sizeof x);
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        diagonal_store(pads, i, x);
        diagonal_salsa(x, 0, 4);
        diagonal_salsa(x, 4, 0);
    }
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        diagonal_mix(pads, x);
        diagonal_salsa(x, 0, 4);
        diagonal_salsa(x, 4, 0);
    }
    memcpy(in_out, x, sizeof x);
}

/* Word w (diagonal order within its half) of a hash, as an index into vec x[GROUPS][8]. */
static size_t place(unsigned hash, unsigned w)
{
    return ((size_t)hash / PER_VEC * 8 + w / 4) * LANES + hash % PER_VEC * 4 + w % 4;
}

static void diagonal_batch(uint8_t *pads, const uint8_t *header, uint32_t nonce, uint8_t (*out)[32])
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
    diagonal_romix(pads, x);
    for (unsigned hash = 0; hash < HASHES; hash++)
        for (unsigned w = 0; w < 32; w++)
            lane_words[(w / 16 * 16 + diagonal[w % 16]) * LANES + hash] = x_words[place(hash, w)];
    reduce(&h, lanes, digest);
    for (unsigned hash = 0; hash < HASHES; hash++)
        for (unsigned k = 0; k < 8; k++)
            put_be32(out[hash] + 4 * k, ((uint32_t *)digest)[k * LANES + hash]);
}

/* SPDX-License-Identifier: MIT */
/* scrypt of LANES nonces at once: vector i holds word i of all of them, so that Salsa20 needs no
 * shuffles at all; only the rows of V, which lie one hash beside the other in memory, are
 * transposed on their way. Included by one file per instruction set, after its kernels/simd header
 * and these:
 *   transpose(t)       of LANES x LANES words
 *   XOR_ROL(x, t, n)   x ^ (t rotated left by n)
 *   FOUR               the four quarter rounds of a round: FOUR_AT_ONCE hides their latency with
 *                      many registers, FOUR_IN_TURN is for few */
#pragma once

#include "kernels/scrypt/hmac_lanes.h"
#include "kernels/scrypt/romix.h"
#include "kernels/scrypt/scrypt.h"

enum { PIECES = SCRYPT_WORDS / LANES }; /* vectors in a row of V */
_Static_assert((int)LANES <= (int)SCRYPT_LANES_MAX, "a pad for each lane");

#define STEP(b, a, d, n)                                                                           \
    do {                                                                                           \
        vec sum = x[a] + x[d];                                                                     \
        x[b] = XOR_ROL(x[b], sum, n);                                                              \
    } while (0)
#define QUARTER(a, b, c, d)                                                                        \
    do {                                                                                           \
        STEP(b, a, d, 7);                                                                          \
        STEP(c, b, a, 9);                                                                          \
        STEP(d, c, b, 13);                                                                         \
        STEP(a, d, c, 18);                                                                         \
    } while (0)
#define FOUR_IN_TURN(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                               \
    do {                                                                                           \
        QUARTER(a, b, c, d);                                                                       \
        QUARTER(e, f, g, h);                                                                       \
        QUARTER(i, j, k, l);                                                                       \
        QUARTER(m, n, o, p);                                                                       \
    } while (0)
#define STEPS(b, a, d, f, e, h, j, i, l, n, m, p, by)                                              \
    do {                                                                                           \
        STEP(b, a, d, by);                                                                         \
        STEP(f, e, h, by);                                                                         \
        STEP(j, i, l, by);                                                                         \
        STEP(n, m, p, by);                                                                         \
    } while (0)
#define FOUR_AT_ONCE(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)                               \
    do {                                                                                           \
        STEPS(b, a, d, f, e, h, j, i, l, n, m, p, 7);                                              \
        STEPS(c, b, a, g, f, e, k, j, i, o, n, m, 9);                                              \
        STEPS(d, c, b, h, g, f, l, k, j, p, o, n, 13);                                             \
        STEPS(a, d, c, e, h, g, i, l, k, m, p, o, 18);                                             \
    } while (0)

/* to = Salsa20/8(to ^ from), 16 words each. */
static inline __attribute__((always_inline)) void salsa_words(vec *restrict to,
                                                              const vec *restrict from)
{
    vec x[16];

    for (int i = 0; i < 16; i++)
        x[i] = to[i] ^= from[i];
#pragma GCC unroll 1
    for (int round = 0; round < 4; round++) {
        FOUR(0, 4, 8, 12, 5, 9, 13, 1, 10, 14, 2, 6, 15, 3, 7, 11);
        FOUR(0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14);
    }
    for (int i = 0; i < 16; i++)
        to[i] += x[i];
}

/* Row i of V of one lane: 128 bytes. */
static inline __attribute__((always_inline)) vec *row_of(uint8_t *pads, uint32_t i, int lane)
{
    return (vec *)(void *)(pads + ((size_t)i * LANES + (size_t)lane) * 128);
}

static inline __attribute__((always_inline)) void store_words(uint8_t *pads, uint32_t i,
                                                              const vec x[SCRYPT_WORDS])
{
    for (int piece = 0; piece < PIECES; piece++) {
        vec t[LANES];
        for (int k = 0; k < LANES; k++)
            t[k] = x[piece * LANES + k];
        transpose(t);
        for (int k = 0; k < LANES; k++)
            row_of(pads, i, k)[piece] = t[k];
    }
}

static inline __attribute__((always_inline)) void mix_words(uint8_t *pads, vec x[SCRYPT_WORDS])
{
    vec picks = x[16] & SPLAT(SCRYPT_N - 1); /* word 16 of each hash picks its row */
    const vec *at[LANES];
    uint32_t pick[LANES];

    memcpy(pick, &picks, sizeof pick);
    for (int k = 0; k < LANES; k++)
        at[k] = row_of(pads, pick[k], k);
    for (int piece = 0; piece < PIECES; piece++) {
        vec t[LANES];
        for (int k = 0; k < LANES; k++)
            t[k] = at[k][piece];
        transpose(t);
        for (int k = 0; k < LANES; k++)
            x[piece * LANES + k] ^= t[k];
    }
}

static __attribute__((noinline)) void words_romix(uint8_t *pads, vec in_out[SCRYPT_WORDS])
{
    vec x[SCRYPT_WORDS];

    memcpy(x, in_out, sizeof x);
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        store_words(pads, i, x);
        salsa_words(x, x + 16);
        salsa_words(x + 16, x);
    }
    for (uint32_t i = 0; i < SCRYPT_N; i++) {
        mix_words(pads, x);
        salsa_words(x, x + 16);
        salsa_words(x + 16, x);
    }
    memcpy(in_out, x, sizeof x);
}

static void words_batch(uint8_t *pads, const uint8_t *header, uint32_t nonce, uint8_t (*out)[32])
{
    vec nonces = BSWAP(SPLAT(nonce) + LANE_NUMBERS), x[SCRYPT_WORDS], digest[8];
    struct hmac_lanes h;

    hmac_begin(&h, header, nonces);
    expand(&h, header, nonces, x);
    words_romix(pads, x);
    reduce(&h, x, digest);
    for (unsigned lane = 0; lane < LANES; lane++)
        for (unsigned k = 0; k < 8; k++)
            put_be32(out[lane] + 4 * k, ((uint32_t *)digest)[k * LANES + lane]);
}

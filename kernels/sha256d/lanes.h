/* SPDX-License-Identifier: MIT */
/* The search over lanes, one nonce each: 64 - 4 rounds of the header's second block from a prepared
 * state, then the second hash up to the round that decides its most significant word. Included by
 * one file per instruction set, after the kernels/simd header that defines `vec`. */
#pragma once

#include "kernels/sha256d/prepare.h"
#include "kernels/simd/sha256.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* Digest of the first hash for nonce words n, into out[8]. */
static ALWAYS_INLINE void first_hash(const vec *c, vec n, vec *out)
{
    vec v[8], w[16];

    /* roles of round 4 */
    for (int j = 0; j < 8; j++)
        ROLE(j, 4) = c[C_R3 + j];
    ROLE(0, 4) += n;
    ROLE(4, 4) += n;
#define K(i) c[C_K1 + (i)]
#define R(i) ROUND(i, K(i))
    ROUND_SUM(4, K(4));
    ROUND_SUM(5, K(5));
    ROUND_SUM(6, K(6));
    R(7);
    ROUNDS8(R, 8);
    R(16);
    R(17);
#undef R
    W(16) = c[C_W16];
    W(17) = c[C_W17];
    W(18) = c[C_W18] + SMALL0(n);
    W(19) = c[C_W19] + n;
    W(20) = SMALL1(W(18)) + SPLAT(0x80000000);
    W(21) = SMALL1(W(19));
    W(22) = SMALL1(W(20)) + SPLAT(640);
    W(23) = SMALL1(W(21)) + W(16);
    W(24) = SMALL1(W(22)) + W(17);
#define R(i) ROUND(i, K(i) + W(i))
    R(18);
    R(19);
    ROUNDS4(R, 20);
    R(24);
#undef R
#define R(i)                                                                                       \
    W(i) = SMALL1(W((i)-2)) + W((i)-7);                                                            \
    ROUND(i, K(i) + W(i))
    ROUNDS4(R, 25);
    R(29);
#undef R
    W(30) = SMALL1(W(28)) + W(23) + SPLAT(0x00a00055); /* s0(640) */
    ROUND(30, K(30) + W(30));
    W(31) = SMALL1(W(29)) + W(24) + c[C_W31];
    ROUND(31, K(31) + W(31));
    W(32) = SMALL1(W(30)) + W(25) + c[C_W32];
    ROUND(32, K(32) + W(32));
#define R(i) ROUND(i, K(i) + NEXT_W(i))
    R(33);
    R(34);
    R(35);
    ROUNDS4(R, 36);
    ROUNDS8(R, 40);
    ROUNDS16(R, 48);
#undef R
#undef K
    for (int j = 0; j < 8; j++)
        out[j] = ROLE(j, 64) + c[C_MID + j];
}

/* The most significant word of the second hash, as it stands in the digest (big-endian read). The
 * last word is the initial h plus the e of round 60. */
static ALWAYS_INLINE vec second_hash_top(const vec *c, const vec *digest)
{
    vec v[8], w[16];

    for (int j = 0; j < 8; j++)
        W(j) = digest[j];
    /* round 0 from the initial state; roles of round 1 */
    ROLE(0, 1) = W(0) + SPLAT(0xfc08884d);
    ROLE(1, 1) = SPLAT(0x6a09e667);
    ROLE(2, 1) = SPLAT(0xbb67ae85);
    ROLE(3, 1) = SPLAT(0x3c6ef372);
    ROLE(4, 1) = W(0) + SPLAT(0x98c7e2a2);
    ROLE(5, 1) = SPLAT(0x510e527f);
    ROLE(6, 1) = SPLAT(0x9b05688c);
#define K(i) c[C_K2 + (i)]
    ROUND_SUM(1, K(1) + W(1));
    ROUND_SUM(2, K(2) + W(2));
    ROUND_SUM(3, K(3) + W(3));
#define R(i) ROUND(i, K(i) + W(i))
    ROUNDS4(R, 4);
#undef R
#define R(i) ROUND(i, K(i))
    ROUNDS8(R, 8);
#undef R
    W(0) += SMALL0(W(1)); /* 16 */
    W(1) += SMALL0(W(2)) + SPLAT(0x00a00000);
    W(2) += SMALL0(W(3)) + SMALL1(W(0));
    W(3) += SMALL0(W(4)) + SMALL1(W(1));
    W(4) += SMALL0(W(5)) + SMALL1(W(2));
    W(5) += SMALL0(W(6)) + SMALL1(W(3));
    W(6) += SMALL0(W(7)) + SMALL1(W(4)) + SPLAT(256);
    W(7) += SMALL1(W(5)) + W(0) + SPLAT(0x11002000); /* 23 */
    W(24) = SMALL1(W(22)) + W(17) + SPLAT(0x80000000);
#define R(i) ROUND(i, K(i) + W(i))
    ROUNDS8(R, 16);
    R(24);
#undef R
#define R(i)                                                                                       \
    W(i) = SMALL1(W((i)-2)) + W((i)-7);                                                            \
    ROUND(i, K(i) + W(i))
    ROUNDS4(R, 25);
    R(29);
#undef R
    W(30) = SMALL1(W(28)) + W(23) + SPLAT(0x00400022); /* s0(256) */
    ROUND(30, K(30) + W(30));
    W(31) = SMALL1(W(29)) + W(24) + SMALL0(W(16)) + SPLAT(256);
    ROUND(31, K(31) + W(31));
#define R(i) ROUND(i, K(i) + NEXT_W(i))
    ROUNDS16(R, 32);
    ROUNDS8(R, 48);
    R(56);
#undef R
    ROUND_E(57, K(57) + NEXT_W(57));
    ROUND_E(58, K(58) + NEXT_W(58));
    ROUND_E(59, K(59) + NEXT_W(59));
    ROUND_E(60, K(60) + NEXT_W(60));
#undef K
    return ROLE(3, 60) + SPLAT(0x5be0cd19);
}

static uint32_t search(const struct sha256d_prepared *p, uint32_t nonce, uint32_t vectors,
                       unsigned *lanes)
{
    vec c[C_COUNT], digest[8], at = SPLAT(nonce) + LANE_NUMBERS, limit = SPLAT(p->limit);
    uint32_t tried = 0;

    for (unsigned i = 0; i < C_COUNT; i++)
        c[i] = SPLAT(p->c[i]);
    do {
        first_hash(c, BSWAP(at), digest);
        vec top = second_hash_top(c, digest);
        *lanes = lanes_at_most(BSWAP(top), limit);
        at += SPLAT(LANES);
    } while (++tried < vectors && !*lanes);
    return tried;
}

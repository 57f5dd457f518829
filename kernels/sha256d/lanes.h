/* SPDX-License-Identifier: MIT */
/* The search over lanes, one nonce each, GROUPS vectors in flight to hide the latency of a round.
 * The message schedule of the header's second block is worked out once and used by every version;
 * then follow 64 - 4 rounds from a prepared state, and the second hash up to the round that decides
 * its most significant word. Included by one file per instruction set, after the kernels/simd
 * header that defines `vec`; that file says GROUPS. */
#pragma once

#include "kernels/sha256d/prepare.h"
#include "kernels/simd/sha256.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { STEP = GROUPS * LANES };

/* W + K of rounds 18..63 of the header's second block for nonce words n; before them K and W are
 * the same for all nonces. */
static ALWAYS_INLINE void schedule(const vec *c, vec n, vec *wk)
{
    vec w[16];

#define PUT(i) wk[i] = W(i) + c[C_K1 + (i)]
    W(16) = c[C_W16];
    W(17) = c[C_W17];
    W(18) = c[C_W18] + SMALL0(n);
    W(19) = c[C_W19] + n;
    W(20) = SMALL1(W(18)) + SPLAT(0x80000000);
    W(21) = SMALL1(W(19));
    W(22) = SMALL1(W(20)) + SPLAT(640);
    W(23) = SMALL1(W(21)) + W(16);
    W(24) = SMALL1(W(22)) + W(17);
    PUT(18);
    PUT(19);
    ROUNDS4(PUT, 20);
    PUT(24);
#define STEP_W(i)                                                                                  \
    W(i) = SMALL1(W((i)-2)) + W((i)-7);                                                            \
    PUT(i)
    ROUNDS4(STEP_W, 25);
    STEP_W(29);
#undef STEP_W
    W(30) = SMALL1(W(28)) + W(23) + SPLAT(0x00a00055); /* s0(640) */
    PUT(30);
    W(31) = SMALL1(W(29)) + W(24) + c[C_W31];
    PUT(31);
    W(32) = SMALL1(W(30)) + W(25) + c[C_W32];
    PUT(32);
#undef PUT
#define PUT(i) wk[i] = NEXT_W(i) + c[C_K1 + (i)]
    PUT(33);
    PUT(34);
    PUT(35);
    ROUNDS4(PUT, 36);
    ROUNDS8(PUT, 40);
    ROUNDS16(PUT, 48);
#undef PUT
}

/* Digests of the first hash with one version: of group g for nonce words n[g], into out[g]. */
static ALWAYS_INLINE void first_hash(const vec *c, const struct sha256d_version *from, const vec *n,
                                     const vec (*wk)[64], vec (*out)[8])
{
    vec state[GROUPS][8];

#define EACH_GROUP _Pragma("GCC unroll 2") for (int g = 0; g < GROUPS; g++)
#define ROUNDS_OF_GROUPS(i, sum)                                                                   \
    EACH_GROUP                                                                                     \
    {                                                                                              \
        vec *v = state[g];                                                                         \
        ROUND_SUM(i, sum);                                                                         \
    }
    EACH_GROUP
    {
        vec *v = state[g];
        for (int j = 0; j < 8; j++) /* roles of round 4 */
            ROLE(j, 4) = SPLAT(from->start[j]);
        ROLE(0, 4) += n[g];
        ROLE(4, 4) += n[g];
    }
#define R(i) ROUNDS_OF_GROUPS(i, SPLAT(from->sum[(i)-4]))
    R(4);
    R(5);
    R(6);
#undef R
#define R(i) ROUNDS_OF_GROUPS(i, ROLE(7, i) + c[C_K1 + (i)])
    R(7);
    ROUNDS8(R, 8);
    R(16);
    R(17);
#undef R
#define R(i) ROUNDS_OF_GROUPS(i, ROLE(7, i) + wk[g][i])
    R(18);
    R(19);
    ROUNDS4(R, 20);
    ROUNDS8(R, 24);
    ROUNDS16(R, 32);
    ROUNDS16(R, 48);
#undef R
    EACH_GROUP
    {
        const vec *v = state[g];
        for (int j = 0; j < 8; j++)
            out[g][j] = ROLE(j, 64) + SPLAT(from->mid[j]);
    }
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

static uint32_t search(const struct sha256d_prepared *p, uint32_t nonce, uint32_t steps,
                       uint32_t candidates[SCAN_VERSIONS_MAX])
{
    vec c[C_COUNT], n[GROUPS], wk[GROUPS][64], digest[GROUPS][8], limit = SPLAT(p->limit);
    uint32_t tried = 0, any;

    for (unsigned i = 0; i < C_COUNT; i++)
        c[i] = SPLAT(p->c[i]);
    do {
        EACH_GROUP
        {
            n[g] = BSWAP(SPLAT(nonce) + LANE_NUMBERS);
            schedule(c, n[g], wk[g]);
            nonce += LANES;
        }
        any = 0;
        for (unsigned i = 0; i < p->versions; i++) {
            first_hash(c, p->version + i, n, (const vec(*)[64])wk, digest);
            candidates[i] = 0;
            EACH_GROUP
            {
                vec top = second_hash_top(c, digest[g]);
                candidates[i] |= lanes_at_most(BSWAP(top), limit) << g * LANES;
            }
            any |= candidates[i];
        }
    } while (++tried < steps && !any);
    return tried;
}

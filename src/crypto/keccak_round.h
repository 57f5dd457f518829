/* SPDX-License-Identifier: MIT */
/* One round of Keccak-f[1600], for words of any kind that know ^: one 64-bit number, or a vector
 * of them, one for each state. The including file defines
 *   KECCAK_WORD        the type
 *   KECCAK_ROL(x, n)   rotation to the left, 0 < n < 64
 *   KECCAK_CHI(a,b,c)  a ^ (~b & c)
 *   KECCAK_XOR3(a,b,c)
 * Lane (x, y) of the specification stands at index x + 5 y. */
#pragma once

/* Row y of the result, from the five lanes s0..s4 that pi brings there, rotated by r0..r4. */
#define KECCAK_ROW(to, from, d, y, s0, r0, s1, r1, s2, r2, s3, r3, s4, r4)                         \
    do {                                                                                           \
        KECCAK_WORD b0_ = (from)[s0] ^ (d)[(s0) % 5];                                              \
        KECCAK_WORD b1_ = KECCAK_ROL((from)[s1] ^ (d)[(s1) % 5], r1);                              \
        KECCAK_WORD b2_ = KECCAK_ROL((from)[s2] ^ (d)[(s2) % 5], r2);                              \
        KECCAK_WORD b3_ = KECCAK_ROL((from)[s3] ^ (d)[(s3) % 5], r3);                              \
        KECCAK_WORD b4_ = KECCAK_ROL((from)[s4] ^ (d)[(s4) % 5], r4);                              \
        if (r0)                                                                                    \
            b0_ = KECCAK_ROL(b0_, (r0) ? (r0) : 1);                                                \
        (to)[5 * (y)] = KECCAK_CHI(b0_, b1_, b2_);                                                 \
        (to)[5 * (y) + 1] = KECCAK_CHI(b1_, b2_, b3_);                                             \
        (to)[5 * (y) + 2] = KECCAK_CHI(b2_, b3_, b4_);                                             \
        (to)[5 * (y) + 3] = KECCAK_CHI(b3_, b4_, b0_);                                             \
        (to)[5 * (y) + 4] = KECCAK_CHI(b4_, b0_, b1_);                                             \
    } while (0)

/* Theta: what each column is changed by. */
#define KECCAK_PARITY(a, x)                                                                        \
    KECCAK_XOR3(KECCAK_XOR3((a)[x], (a)[(x) + 5], (a)[(x) + 10]), (a)[(x) + 15], (a)[(x) + 20])
#define KECCAK_THETA(a, d)                                                                         \
    do {                                                                                           \
        KECCAK_WORD c0_ = KECCAK_PARITY(a, 0), c1_ = KECCAK_PARITY(a, 1);                          \
        KECCAK_WORD c2_ = KECCAK_PARITY(a, 2), c3_ = KECCAK_PARITY(a, 3);                          \
        KECCAK_WORD c4_ = KECCAK_PARITY(a, 4);                                                     \
        (d)[0] = c4_ ^ KECCAK_ROL(c1_, 1);                                                         \
        (d)[1] = c0_ ^ KECCAK_ROL(c2_, 1);                                                         \
        (d)[2] = c1_ ^ KECCAK_ROL(c3_, 1);                                                         \
        (d)[3] = c2_ ^ KECCAK_ROL(c4_, 1);                                                         \
        (d)[4] = c3_ ^ KECCAK_ROL(c0_, 1);                                                         \
    } while (0)

/* from[25] -> to[25], which do not overlap; `rc` is a KECCAK_WORD. */
#define KECCAK_ROUND(to, from, rc)                                                                 \
    do {                                                                                           \
        KECCAK_WORD d_[5];                                                                         \
        KECCAK_THETA(from, d_);                                                                    \
        KECCAK_ROW(to, from, d_, 0, 0, 0, 6, 44, 12, 43, 18, 21, 24, 14);                          \
        (to)[0] ^= (rc);                                                                           \
        KECCAK_ROW(to, from, d_, 1, 3, 28, 9, 20, 10, 3, 16, 45, 22, 61);                          \
        KECCAK_ROW(to, from, d_, 2, 1, 1, 7, 6, 13, 25, 19, 8, 20, 18);                            \
        KECCAK_ROW(to, from, d_, 3, 4, 27, 5, 36, 11, 10, 17, 15, 23, 56);                         \
        KECCAK_ROW(to, from, d_, 4, 2, 62, 8, 55, 14, 39, 15, 41, 21, 2);                          \
    } while (0)

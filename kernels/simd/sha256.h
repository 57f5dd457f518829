/* SPDX-License-Identifier: MIT */
/* SHA-256 rounds over lanes. Include after one of the kernels/simd headers that define `vec`. The
 * eight working variables stand still in v[8] and the roles a..h move: role j of round i is
 * v[(j - i) mod 8]. The schedule is a ring w[16]. All indices are literals. */
#pragma once

#define BIG0(x)   XOR3(ROR(x, 2), ROR(x, 13), ROR(x, 22))
#define BIG1(x)   XOR3(ROR(x, 6), ROR(x, 11), ROR(x, 25))
#define SMALL0(x) XOR3(ROR(x, 7), ROR(x, 18), (x) >> 3)
#define SMALL1(x) XOR3(ROR(x, 17), ROR(x, 19), (x) >> 10)
#define BSWAP(x)  ((ROR(x, 8) & SPLAT(0xff00ff00)) | (ROR(x, 24) & SPLAT(0x00ff00ff)))

#define ROLE(j, i) v[((j) - (i)) & 7]

/* Round i where h + K[i] + W[i] is known as one sum. */
#define ROUND_SUM(i, sum)                                                                          \
    do {                                                                                           \
        vec t1 = (sum) + BIG1(ROLE(4, i)) + CH(ROLE(4, i), ROLE(5, i), ROLE(6, i));                \
        ROLE(3, i) += t1;                                                                          \
        ROLE(7, i) = t1 + BIG0(ROLE(0, i)) + MAJ(ROLE(0, i), ROLE(1, i), ROLE(2, i));              \
    } while (0)
#define ROUND(i, kw) ROUND_SUM(i, ROLE(7, i) + (kw))

/* Round i for its new e only: the last rounds of an early test need no new a. */
#define ROUND_E(i, kw)                                                                             \
    (ROLE(3, i) += ROLE(7, i) + (kw) + BIG1(ROLE(4, i)) + CH(ROLE(4, i), ROLE(5, i), ROLE(6, i)))

#define W(i) w[(i)&15]

/* The general schedule step; as an expression it is W[i]. */
#define NEXT_W(i) (W(i) += SMALL1(W((i)-2)) + W((i)-7) + SMALL0(W((i)-15)))

#define ROUNDS4(M, i)                                                                              \
    do {                                                                                           \
        M(i);                                                                                      \
        M((i) + 1);                                                                                \
        M((i) + 2);                                                                                \
        M((i) + 3);                                                                                \
    } while (0)
#define ROUNDS8(M, i)                                                                              \
    do {                                                                                           \
        ROUNDS4(M, i);                                                                             \
        ROUNDS4(M, (i) + 4);                                                                       \
    } while (0)
#define ROUNDS16(M, i)                                                                             \
    do {                                                                                           \
        ROUNDS8(M, i);                                                                             \
        ROUNDS8(M, (i) + 8);                                                                       \
    } while (0)

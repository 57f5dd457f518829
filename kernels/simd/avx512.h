/* SPDX-License-Identifier: MIT */
/* Sixteen lanes of 32-bit numbers (AVX-512F): native rotate and three-operand logic. */
#pragma once

#include <immintrin.h>
#include <stdint.h>

typedef uint32_t vec __attribute__((vector_size(64)));
enum { LANES = 16 };

#define TERNARY(x, y, z, table)                                                                    \
    ((vec)_mm512_ternarylogic_epi32((__m512i)(x), (__m512i)(y), (__m512i)(z), table))
#define SPLAT(x)      ((vec)_mm512_set1_epi32((int)(x)))
#define LANE_NUMBERS  ((vec){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
#define ROR(x, n)     ((vec)_mm512_ror_epi32((__m512i)(x), n))
#define CH(x, y, z)   TERNARY(x, y, z, 0xca)
#define MAJ(x, y, z)  TERNARY(x, y, z, 0xe8)
#define XOR3(x, y, z) TERNARY(x, y, z, 0x96)

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    return _mm512_cmple_epu32_mask((__m512i)a, (__m512i)b);
}

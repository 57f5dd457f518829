/* SPDX-License-Identifier: MIT */
/* Eight lanes of 32-bit numbers (AVX2). */
#pragma once

#include <immintrin.h>
#include <stdint.h>

typedef uint32_t vec __attribute__((vector_size(32)));
enum { LANES = 8 };

#define SPLAT(x)      ((vec)_mm256_set1_epi32((int)(x)))
#define LANE_NUMBERS  ((vec){0, 1, 2, 3, 4, 5, 6, 7})
#define ROR(x, n)     ((x) >> (n) | (x) << (32 - (n)))
#define CH(x, y, z)   ((((y) ^ (z)) & (x)) ^ (z))
#define MAJ(x, y, z)  ((((x) ^ (y)) & ((y) ^ (z))) ^ (y))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    __m256i same = _mm256_cmpeq_epi32(_mm256_min_epu32((__m256i)a, (__m256i)b), (__m256i)a);

    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(same));
}

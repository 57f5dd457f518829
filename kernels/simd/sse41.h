/* SPDX-License-Identifier: MIT */
/* Four lanes of 32-bit numbers (SSE4.1 for the unsigned compare, the rest is SSE2). */
#pragma once

#include <smmintrin.h>
#include <stdint.h>

typedef uint32_t vec __attribute__((vector_size(16)));
enum { LANES = 4 };

#define SPLAT(x)      ((vec)_mm_set1_epi32((int)(x)))
#define LANE_NUMBERS  ((vec){0, 1, 2, 3})
#define ROR(x, n)     ((x) >> (n) | (x) << (32 - (n)))
#define CH(x, y, z)   ((((y) ^ (z)) & (x)) ^ (z))
#define MAJ(x, y, z)  ((((x) ^ (y)) & ((y) ^ (z))) ^ (y))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    __m128i same = _mm_cmpeq_epi32(_mm_min_epu32((__m128i)a, (__m128i)b), (__m128i)a);

    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(same));
}

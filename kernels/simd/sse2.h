/* SPDX-License-Identifier: MIT */
/* Four lanes of 32-bit numbers (SSE2: every x86-64). */
#pragma once

#include <emmintrin.h>
#include <stdint.h>

typedef uint32_t vec __attribute__((vector_size(16)));
enum { LANES = 4 };

#define SPLAT(x)      ((vec)_mm_set1_epi32((int)(x)))
#define LANE_NUMBERS  ((vec){0, 1, 2, 3})
#define ROR(x, n)     ((x) >> (n) | (x) << (32 - (n)))
#define CH(x, y, z)   ((((y) ^ (z)) & (x)) ^ (z))
#define MAJ(x, y, z)  ((((x) ^ (y)) & ((y) ^ (z))) ^ (y))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))

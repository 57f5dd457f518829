/* SPDX-License-Identifier: MIT */
/* A "vector" of one 32-bit number: the portable form of the lane code. */
#pragma once

#include <stdint.h>

typedef uint32_t vec;
enum { LANES = 1 };

#define SPLAT(x)      ((uint32_t)(x))
#define LANE_NUMBERS  0u
#define ROR(x, n)     ((x) >> (n) | (x) << (32 - (n)))
#define CH(x, y, z)   ((((y) ^ (z)) & (x)) ^ (z))
#define MAJ(x, y, z)  ((((x) ^ (y)) & ((y) ^ (z))) ^ (y))
#define XOR3(x, y, z) ((x) ^ (y) ^ (z))

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    return a <= b;
}

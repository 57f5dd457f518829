/* SPDX-License-Identifier: MIT */
/* Four lanes of 32-bit numbers (Advanced SIMD: every 64-bit ARM). A rotation is a shift and a
 * shift-with-insert; selecting bits is one instruction. */
#pragma once

#include <arm_neon.h>
#include <stdint.h>

typedef uint32_t vec __attribute__((vector_size(16)));
enum { LANES = 4 };

#define SPLAT(x)        ((vec)vdupq_n_u32((uint32_t)(x)))
#define LANE_NUMBERS    ((vec){0, 1, 2, 3})
#define ROR(x, n)       ((vec)vsriq_n_u32(vshlq_n_u32((uint32x4_t)(x), 32 - (n)), (uint32x4_t)(x), n))
#define SELECT(x, y, z) ((vec)vbslq_u32((uint32x4_t)(x), (uint32x4_t)(y), (uint32x4_t)(z)))
#define CH(x, y, z)     SELECT(x, y, z)
#define MAJ(x, y, z)    SELECT((x) ^ (y), z, y)
#define XOR3(x, y, z)   ((x) ^ (y) ^ (z))

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    static const vec bit = {1, 2, 4, 8};

    return vaddvq_u32(vandq_u32(vcleq_u32((uint32x4_t)a, (uint32x4_t)b), (uint32x4_t)bit));
}

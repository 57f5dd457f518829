/* SPDX-License-Identifier: MIT */
/* Advanced SIMD (64-bit ARM): four hashes word by word. */
#include "kernels/simd/neon.h"

#define FOUR             FOUR_AT_ONCE
#define XOR_ROL(x, t, n) ((x) ^ ROR(t, 32 - (n)))

static inline void transpose(vec t[4])
{
    uint64x2_t low01 = vreinterpretq_u64_u32(vtrn1q_u32((uint32x4_t)t[0], (uint32x4_t)t[1]));
    uint64x2_t low23 = vreinterpretq_u64_u32(vtrn1q_u32((uint32x4_t)t[2], (uint32x4_t)t[3]));
    uint64x2_t high01 = vreinterpretq_u64_u32(vtrn2q_u32((uint32x4_t)t[0], (uint32x4_t)t[1]));
    uint64x2_t high23 = vreinterpretq_u64_u32(vtrn2q_u32((uint32x4_t)t[2], (uint32x4_t)t[3]));

    t[0] = (vec)vtrn1q_u64(low01, low23);
    t[1] = (vec)vtrn1q_u64(high01, high23);
    t[2] = (vec)vtrn2q_u64(low01, low23);
    t[3] = (vec)vtrn2q_u64(high01, high23);
}

#include "kernels/scrypt/words.h"

void scrypt_scan_neon(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(words_batch, LANES, ctx, scan);
}

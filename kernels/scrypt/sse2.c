/* SPDX-License-Identifier: MIT */
/* SSE2: one hash in a vector, three in flight. */
#include "kernels/simd/sse2.h"

enum { PER_VEC = 1, GROUPS = 3 };

#define TURN(x, k) ((vec)_mm_shuffle_epi32((__m128i)(x), TURN_##k))
#define TURN_1     0x39
#define TURN_2     0x4e
#define TURN_3     0x93

static inline void to_rows(const vec x[4], vec rows[4])
{
    for (int k = 0; k < 4; k++)
        rows[k] = x[k];
}

#define from_rows to_rows

#include "kernels/scrypt/lanes.h"

void scrypt_scan_sse2(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(batch, HASHES, ctx, scan);
}

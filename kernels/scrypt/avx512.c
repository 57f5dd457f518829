/* SPDX-License-Identifier: MIT */
/* AVX-512: four hashes in a vector, three vectors' worth in flight. */
#include "kernels/simd/avx512.h"

enum { PER_VEC = 4, GROUPS = 3 };

#define TURN(x, k)        ((vec)_mm512_shuffle_epi32((__m512i)(x), (_MM_PERM_ENUM)TURN_##k))
#define TURN_1            0x39
#define TURN_2            0x4e
#define TURN_3            0x93
#define QUARTERS(a, b, k) ((vec)_mm512_shuffle_i32x4((__m512i)(a), (__m512i)(b), k))

/* A 4x4 transposition of 128-bit parts: its own inverse. */
static inline void to_rows(const vec x[4], vec rows[4])
{
    vec low01 = QUARTERS(x[0], x[1], 0x44), high01 = QUARTERS(x[0], x[1], 0xee);
    vec low23 = QUARTERS(x[2], x[3], 0x44), high23 = QUARTERS(x[2], x[3], 0xee);

    rows[0] = QUARTERS(low01, low23, 0x88);
    rows[1] = QUARTERS(low01, low23, 0xdd);
    rows[2] = QUARTERS(high01, high23, 0x88);
    rows[3] = QUARTERS(high01, high23, 0xdd);
}

#define from_rows to_rows

#include "kernels/scrypt/lanes.h"

void scrypt_scan_avx512(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(batch, HASHES, ctx, scan);
}

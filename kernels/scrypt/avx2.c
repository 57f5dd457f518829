/* SPDX-License-Identifier: MIT */
/* AVX2: two hashes in a vector, three vectors' worth in flight. */
#include "kernels/simd/avx2.h"

enum { PER_VEC = 2, GROUPS = 3 };

#define TURN(x, k)      ((vec)_mm256_shuffle_epi32((__m256i)(x), TURN_##k))
#define TURN_1          0x39
#define TURN_2          0x4e
#define TURN_3          0x93
#define HALVES(a, b, k) ((vec)_mm256_permute2x128_si256((__m256i)(a), (__m256i)(b), k))

static inline void to_rows(const vec x[4], vec rows[4])
{
    rows[0] = HALVES(x[0], x[1], 0x20);
    rows[1] = HALVES(x[2], x[3], 0x20);
    rows[2] = HALVES(x[0], x[1], 0x31);
    rows[3] = HALVES(x[2], x[3], 0x31);
}

static inline void from_rows(const vec rows[4], vec x[4])
{
    x[0] = HALVES(rows[0], rows[2], 0x20);
    x[1] = HALVES(rows[0], rows[2], 0x31);
    x[2] = HALVES(rows[1], rows[3], 0x20);
    x[3] = HALVES(rows[1], rows[3], 0x31);
}

#include "kernels/scrypt/lanes.h"

void scrypt_scan_avx2(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(batch, HASHES, ctx, scan);
}

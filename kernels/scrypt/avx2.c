/* SPDX-License-Identifier: MIT */
/* AVX2: eight hashes word by word; or, in half the memory, two sets of two side by side. */
#include "kernels/simd/avx2.h"

#define FOUR             FOUR_IN_TURN
#define XOR_ROL(x, t, n) (((x) ^ (t) << (n)) ^ (t) >> (32 - (n)))

#define LOW32(a, b)     ((vec)_mm256_unpacklo_epi32((__m256i)(a), (__m256i)(b)))
#define HIGH32(a, b)    ((vec)_mm256_unpackhi_epi32((__m256i)(a), (__m256i)(b)))
#define LOW64(a, b)     ((vec)_mm256_unpacklo_epi64((__m256i)(a), (__m256i)(b)))
#define HIGH64(a, b)    ((vec)_mm256_unpackhi_epi64((__m256i)(a), (__m256i)(b)))
#define HALVES(a, b, k) ((vec)_mm256_permute2x128_si256((__m256i)(a), (__m256i)(b), k))

/* Words of each 4x4 block first, then the blocks. */
static inline void transpose(vec t[8])
{
    vec by_lane[4][2];

    for (int h = 0; h < 2; h++) {
        const vec *s = t + 4 * h;
        vec low01 = LOW32(s[0], s[1]), high01 = HIGH32(s[0], s[1]);
        vec low23 = LOW32(s[2], s[3]), high23 = HIGH32(s[2], s[3]);
        by_lane[0][h] = LOW64(low01, low23);
        by_lane[1][h] = HIGH64(low01, low23);
        by_lane[2][h] = LOW64(high01, high23);
        by_lane[3][h] = HIGH64(high01, high23);
    }
    for (int k = 0; k < 4; k++) {
        t[k] = HALVES(by_lane[k][0], by_lane[k][1], 0x20);
        t[4 + k] = HALVES(by_lane[k][0], by_lane[k][1], 0x31);
    }
}

enum { PER_VEC = 2, GROUPS = 2 };

#define TURN(x, k) ((vec)_mm256_shuffle_epi32((__m256i)(x), TURN_##k))
#define TURN_1     0x39
#define TURN_2     0x4e
#define TURN_3     0x93

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

#include "kernels/scrypt/diagonal.h"
#include "kernels/scrypt/words.h"

void scrypt_scan_avx2(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(words_batch, LANES, ctx, scan);
}

void scrypt_scan_avx2_4(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(diagonal_batch, HASHES, ctx, scan);
}

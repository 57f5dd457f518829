/* SPDX-License-Identifier: MIT */
/* AVX-512: sixteen hashes word by word; or, in half the memory, two sets of four side by side. */
#include "kernels/simd/avx512.h"

#define FOUR             FOUR_AT_ONCE
#define XOR_ROL(x, t, n) ((x) ^ ROR(t, 32 - (n)))

#define LOW32(a, b)       ((vec)_mm512_unpacklo_epi32((__m512i)(a), (__m512i)(b)))
#define HIGH32(a, b)      ((vec)_mm512_unpackhi_epi32((__m512i)(a), (__m512i)(b)))
#define LOW64(a, b)       ((vec)_mm512_unpacklo_epi64((__m512i)(a), (__m512i)(b)))
#define HIGH64(a, b)      ((vec)_mm512_unpackhi_epi64((__m512i)(a), (__m512i)(b)))
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

/* Words of each 4x4 block first, then the blocks. */
static inline void transpose(vec t[16])
{
    vec by_lane[4][4], rows[4];

    for (int q = 0; q < 4; q++) {
        const vec *s = t + 4 * q;
        vec low01 = LOW32(s[0], s[1]), high01 = HIGH32(s[0], s[1]);
        vec low23 = LOW32(s[2], s[3]), high23 = HIGH32(s[2], s[3]);
        by_lane[0][q] = LOW64(low01, low23);
        by_lane[1][q] = HIGH64(low01, low23);
        by_lane[2][q] = LOW64(high01, high23);
        by_lane[3][q] = HIGH64(high01, high23);
    }
    for (int k = 0; k < 4; k++) {
        to_rows(by_lane[k], rows);
        for (int q = 0; q < 4; q++)
            t[4 * q + k] = rows[q];
    }
}

enum { PER_VEC = 4, GROUPS = 2 };

#define from_rows  to_rows
#define TURN(x, k) ((vec)_mm512_shuffle_epi32((__m512i)(x), (_MM_PERM_ENUM)TURN_##k))
#define TURN_1     0x39
#define TURN_2     0x4e
#define TURN_3     0x93

#include "kernels/scrypt/diagonal.h"
#include "kernels/scrypt/words.h"

void scrypt_scan_avx512(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(words_batch, LANES, ctx, scan);
}

void scrypt_scan_avx512_8(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(diagonal_batch, HASHES, ctx, scan);
}

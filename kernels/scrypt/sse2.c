/* SPDX-License-Identifier: MIT */
/* SSE2: four hashes word by word. */
#include "kernels/simd/sse2.h"

#define FOUR             FOUR_IN_TURN
#define XOR_ROL(x, t, n) (((x) ^ (t) << (n)) ^ (t) >> (32 - (n)))

static inline void transpose(vec t[4])
{
    __m128i low01 = _mm_unpacklo_epi32((__m128i)t[0], (__m128i)t[1]);
    __m128i low23 = _mm_unpacklo_epi32((__m128i)t[2], (__m128i)t[3]);
    __m128i high01 = _mm_unpackhi_epi32((__m128i)t[0], (__m128i)t[1]);
    __m128i high23 = _mm_unpackhi_epi32((__m128i)t[2], (__m128i)t[3]);

    t[0] = (vec)_mm_unpacklo_epi64(low01, low23);
    t[1] = (vec)_mm_unpackhi_epi64(low01, low23);
    t[2] = (vec)_mm_unpacklo_epi64(high01, high23);
    t[3] = (vec)_mm_unpackhi_epi64(high01, high23);
}

#include "kernels/scrypt/words.h"

void scrypt_scan_sse2(struct algo_ctx *ctx, struct scan *scan)
{
    scrypt_scan_by(words_batch, LANES, ctx, scan);
}

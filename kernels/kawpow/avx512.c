/* SPDX-License-Identifier: MIT */
/* AVX-512: a vector is a register of all sixteen lanes. */
#include "kernels/simd/avx512.h"

#include <string.h>

#include "kernels/kawpow/kawpow.h"

enum { PER_REG = KAWPOW_LANES / LANES };

#define TURN_LEFT(x, n)  ((vec)_mm512_rolv_epi32((__m512i)(x), (__m512i)(n)))
#define TURN_RIGHT(x, n) ((vec)_mm512_rorv_epi32((__m512i)(x), (__m512i)(n)))
#define MULHI(a, b)      mulhi(a, b)
#define MIN(a, b)        ((vec)_mm512_min_epu32((__m512i)(a), (__m512i)(b)))
#define CLZ(x)           (SPLAT(32) - popcount(smear(x)))
#define POPCOUNT(x)      popcount(x)

static inline vec mulhi(vec a, vec b)
{
    __m512i even = _mm512_mul_epu32((__m512i)a, (__m512i)b);
    __m512i odd =
        _mm512_mul_epu32(_mm512_srli_epi64((__m512i)a, 32), _mm512_srli_epi64((__m512i)b, 32));

    return (vec)_mm512_mask_mov_epi32(_mm512_srli_epi64(even, 32), 0xaaaa, odd);
}

/* All bits below the highest one set. */
static inline vec smear(vec x)
{
    x |= x >> 1;
    x |= x >> 2;
    x |= x >> 4;
    x |= x >> 8;
    return x | x >> 16;
}

static inline vec popcount(vec x)
{
    const __m512i table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i nibble = _mm512_set1_epi8(15);
    __m512i low = _mm512_shuffle_epi8(table, _mm512_and_si512((__m512i)x, nibble));
    __m512i high = _mm512_shuffle_epi8(table, _mm512_and_si512((__m512i)(x >> 4), nibble));
    __m512i bytes = _mm512_add_epi8(low, high);

    return (vec)_mm512_madd_epi16(_mm512_maddubs_epi16(bytes, _mm512_set1_epi8(1)),
                                  _mm512_set1_epi16(1));
}

static inline void lookup(const uint32_t *l1, const vec *index, vec *out)
{
    *out = (vec)_mm512_i32gather_epi32((__m512i)*index, l1, 4);
}

/* Lane l takes word 4 * (l ^ loop) + t: its low five bits pick in the half that bit 3 of the lane
 * and of the loop name. */
static inline void dag_word(const uint32_t *group, unsigned loop, unsigned t, vec *out)
{
    const uint32_t *low = group + (loop & 8) * 4, *high = group + (~loop & 8) * 4;
    __m512i index = _mm512_xor_si512((__m512i)(LANE_NUMBERS << 2),
                                     _mm512_set1_epi32((int)(4 * (loop & 15) + t)));
    __m512i a =
        _mm512_permutex2var_epi32(_mm512_loadu_si512(low), index, _mm512_loadu_si512(low + 16));
    __m512i b =
        _mm512_permutex2var_epi32(_mm512_loadu_si512(high), index, _mm512_loadu_si512(high + 16));

    *out = (vec)_mm512_mask_mov_epi32(a, 0xff00, b);
}

#include "kernels/kawpow/lanes.h"

const struct kawpow_engine kawpow_avx512 = ENGINE;

void kawpow_scan_avx512(struct algo_ctx *ctx, struct scan *scan)
{
    kawpow_scan_by(&kawpow_avx512, false, ctx, scan);
}

void kawpow_scan_avx512_jit(struct algo_ctx *ctx, struct scan *scan)
{
    kawpow_scan_by(&kawpow_avx512, true, ctx, scan);
}

/* SPDX-License-Identifier: MIT */
/* AVX2: two vectors for each register. */
#include "kernels/simd/avx2.h"

#include <string.h>

#include "kernels/kawpow/kawpow.h"

enum { PER_REG = KAWPOW_LANES / LANES };

#define TURN_LEFT(x, n)  turn_left(x, n)
#define TURN_RIGHT(x, n) turn_left(x, -(n))
#define MULHI(a, b)      mulhi(a, b)
#define MIN(a, b)        ((vec)_mm256_min_epu32((__m256i)(a), (__m256i)(b)))
#define CLZ(x)           (SPLAT(32) - popcount(smear(x)))
#define POPCOUNT(x)      popcount(x)

static inline vec turn_left(vec x, vec n)
{
    __m256i by = _mm256_and_si256((__m256i)n, _mm256_set1_epi32(31));
    __m256i back = _mm256_sub_epi32(_mm256_set1_epi32(32), by); /* 32 shifts all bits out */

    return (vec)_mm256_or_si256(_mm256_sllv_epi32((__m256i)x, by),
                                _mm256_srlv_epi32((__m256i)x, back));
}

static inline vec mulhi(vec a, vec b)
{
    __m256i even = _mm256_mul_epu32((__m256i)a, (__m256i)b);
    __m256i odd =
        _mm256_mul_epu32(_mm256_srli_epi64((__m256i)a, 32), _mm256_srli_epi64((__m256i)b, 32));

    return (vec)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
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
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, /**/
                                           0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i low = _mm256_shuffle_epi8(table, _mm256_and_si256((__m256i)x, nibble));
    __m256i high = _mm256_shuffle_epi8(table, _mm256_and_si256((__m256i)(x >> 4), nibble));
    __m256i bytes = _mm256_add_epi8(low, high);

    return (vec)_mm256_madd_epi16(_mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1)),
                                  _mm256_set1_epi16(1));
}

static inline void lookup(const uint32_t *l1, const vec *index, vec *out)
{
    for (int i = 0; i < PER_REG; i++)
        out[i] = (vec)_mm256_i32gather_epi32((const int *)(const void *)l1, (__m256i)index[i], 4);
}

/* The four words of lanes `low` and `high`. */
static inline __m256i two_quads(const uint32_t *group, unsigned loop, unsigned low, unsigned high)
{
    const __m128i *quad = (const __m128i *)(const void *)group;
    const __m128i *a = quad + (low ^ loop) % KAWPOW_LANES, *b = quad + (high ^ loop) % KAWPOW_LANES;

    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(a)), _mm_loadu_si128(b),
                                   1);
}

static inline void dag_word(const uint32_t *group, unsigned loop, unsigned t, vec *out)
{
    for (unsigned i = 0; i < PER_REG; i++) {
        __m256i q[4];
        for (unsigned j = 0; j < 4; j++)
            q[j] = two_quads(group, loop, 8 * i + j, 8 * i + j + 4);
        __m256i a = t & 2 ? _mm256_unpackhi_epi32(q[0], q[1]) : _mm256_unpacklo_epi32(q[0], q[1]);
        __m256i b = t & 2 ? _mm256_unpackhi_epi32(q[2], q[3]) : _mm256_unpacklo_epi32(q[2], q[3]);
        out[i] = (vec)(t & 1 ? _mm256_unpackhi_epi64(a, b) : _mm256_unpacklo_epi64(a, b));
    }
}

#include "kernels/kawpow/lanes.h"

const struct kawpow_engine kawpow_avx2 = ENGINE;

void kawpow_scan_avx2(struct algo_ctx *ctx, struct scan *scan)
{
    kawpow_scan_by(&kawpow_avx2, false, ctx, scan);
}

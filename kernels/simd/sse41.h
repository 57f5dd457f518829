/* SPDX-License-Identifier: MIT */
/* SSE4.1 adds the unsigned compare to the four lanes of SSE2. */
#pragma once

#include <smmintrin.h>

#include "kernels/simd/sse2.h"

/* A mask of the lanes where a <= b, unsigned. */
static inline unsigned lanes_at_most(vec a, vec b)
{
    __m128i same = _mm_cmpeq_epi32(_mm_min_epu32((__m128i)a, (__m128i)b), (__m128i)a);

    return (unsigned)_mm_movemask_ps(_mm_castsi128_ps(same));
}

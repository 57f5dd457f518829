/* SPDX-License-Identifier: MIT */
/* Portable: one lane at a time as written, as many as the compiler makes of it. */
#include "kernels/simd/scalar.h"

#include <string.h>

#include "kernels/kawpow/engine.h"

enum { PER_REG = KAWPOW_LANES / LANES };

#define TURN_LEFT(x, n)  ((x) << ((n)&31) | (x) >> (-(n)&31))
#define TURN_RIGHT(x, n) ((x) >> ((n)&31) | (x) << (-(n)&31))
#define MULHI(a, b)      ((uint32_t)((uint64_t)(a) * (b) >> 32))
#define MIN(a, b)        ((a) < (b) ? (a) : (b))
#define CLZ(x)           ((x) ? (uint32_t)__builtin_clz(x) : 32u)
#define POPCOUNT(x)      ((uint32_t)__builtin_popcount(x))

static inline void lookup(const uint32_t *l1, const vec *index, vec *out)
{
    for (int i = 0; i < PER_REG; i++)
        out[i] = l1[index[i]];
}

static inline void dag_word(const uint32_t *group, unsigned loop, unsigned t, vec *out)
{
    for (unsigned i = 0; i < PER_REG; i++)
        out[i] = group[(i ^ loop) % KAWPOW_LANES * KAWPOW_DAG_OPS + t];
}

#include "kernels/kawpow/lanes.h"

const struct kawpow_engine kawpow_scalar = ENGINE;

/* SPDX-License-Identifier: MIT */
/* AVX-512: an item is one vector, Keccak eight states at once. */
#include <immintrin.h>

#include "algo/cpu.h"

enum { VEC_BYTES = 64 };
#define TERNARY64(a, b, c, table)                                                                  \
    ((lanes)_mm512_ternarylogic_epi64((__m512i)(a), (__m512i)(b), (__m512i)(c), table))
#define KECCAK_ROL(x, n)     ((lanes)_mm512_rol_epi64((__m512i)(x), n))
#define KECCAK_CHI(a, b, c)  TERNARY64(a, b, c, 0xd2)
#define KECCAK_XOR3(a, b, c) TERNARY64(a, b, c, 0x96)

#include "kernels/ethash/lanes.h"

const struct ethash_engine ethash_avx512 = {
    .name = "avx512",
    .needs = CPU_AVX512,
    .items = make_items,
    .scan = scan_by,
    .hash = hash_one,
};

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

/* One state by itself, a lane in each register: fewer instructions than with plain numbers. */
typedef uint64_t pair __attribute__((vector_size(16)));
#undef KECCAK_WORD
#undef KECCAK_ROL
#undef KECCAK_CHI
#undef KECCAK_XOR3
#define TERNARY_PAIR(a, b, c, table)                                                               \
    ((pair)_mm_ternarylogic_epi64((__m128i)(a), (__m128i)(b), (__m128i)(c), table))
#define KECCAK_WORD          pair
#define KECCAK_ROL(x, n)     ((pair)_mm_rol_epi64((__m128i)(x), n))
#define KECCAK_CHI(a, b, c)  TERNARY_PAIR(a, b, c, 0xd2)
#define KECCAK_XOR3(a, b, c) TERNARY_PAIR(a, b, c, 0x96)

static void rehash(struct ethash_item *item)
{
    pair a[25] = {[8] = {UINT64_C(0x8000000000000001)}}, b[25];

    for (unsigned i = 0; i < 8; i++)
        a[i][0] = item->lane[i];
    for (unsigned round = 0; round < KECCAK_ROUNDS; round += 2) {
        KECCAK_ROUND(b, a, keccak_round_constants[round] - (pair){0});
        KECCAK_ROUND(a, b, keccak_round_constants[round + 1] - (pair){0});
    }
    for (unsigned i = 0; i < 8; i++)
        item->lane[i] = a[i][0];
}

const struct ethash_engine ethash_avx512 = {
    .name = "avx512",
    .needs = CPU_AVX512,
    .items = make_items,
    .scan = scan_by,
    .hash = hash_some,
    .rehash = rehash,
};

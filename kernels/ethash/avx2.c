/* SPDX-License-Identifier: MIT */
/* AVX2: an item is two vectors, Keccak four states at once. */
#include "algo/cpu.h"

enum { VEC_BYTES = 32 };
#define KECCAK_ROL(x, n)     ((x) << (n) | (x) >> (64 - (n)))
#define KECCAK_CHI(a, b, c)  ((a) ^ (~(b) & (c)))
#define KECCAK_XOR3(a, b, c) ((a) ^ (b) ^ (c))

#include "kernels/ethash/lanes.h"

const struct ethash_engine ethash_avx2 = {
    .name = "avx2",
    .needs = CPU_AVX2,
    .items = make_items,
    .scan = scan_by,
    .hash = hash_some,
};

/* SPDX-License-Identifier: MIT */
/* Any processor: 16 bytes at a time, as the compiler can. */
enum { VEC_BYTES = 16 };
#define KECCAK_ROL(x, n)     ((x) << (n) | (x) >> (64 - (n)))
#define KECCAK_CHI(a, b, c)  ((a) ^ (~(b) & (c)))
#define KECCAK_XOR3(a, b, c) ((a) ^ (b) ^ (c))

#include "kernels/ethash/lanes.h"

const struct ethash_engine ethash_scalar = {
    .name = "scalar",
    .items = make_items,
    .scan = scan_by,
    .hash = hash_some,
};

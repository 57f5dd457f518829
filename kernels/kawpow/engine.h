/* SPDX-License-Identifier: MIT */
/* What an instruction set brings to KawPow: the parts of the hash for sixteen lanes or sixteen
 * nonces at once. Arrays [word][16] hold a word of sixteen nonces in a row; all rows are 64-byte
 * aligned. */
#pragma once

#include <stdint.h>

#include "kernels/kawpow/progpow.h"

struct kawpow_words {
    _Alignas(64) uint32_t word[8][KAWPOW_LANES];
};

struct kawpow_engine {
    /* Seeds of the nonces first .. first + 15. */
    void (*seeds)(const uint8_t header[32], uint64_t first, struct kawpow_words *seed);
    void (*init)(uint32_t seed0, uint32_t seed1, struct kawpow_mix *);
    /* Runs the program once, as kawpow_mix_loop does. */
    void (*loop)(const struct kawpow_program *, struct kawpow_mix *, const uint32_t *l1,
                 const uint32_t *group, unsigned loop);
    void (*digest)(const struct kawpow_mix *, uint32_t digest[KAWPOW_DIGEST_WORDS]);
    /* Hashes of sixteen nonces, as words. */
    void (*finals)(const struct kawpow_words *seed, const struct kawpow_words *digest,
                   struct kawpow_words *hash);
};

extern const struct kawpow_engine kawpow_avx512, kawpow_avx2, kawpow_scalar;

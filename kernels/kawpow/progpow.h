/* SPDX-License-Identifier: MIT */
/* KawPow by its definition, one hash at a time: slow, clear, and what the engines are checked
 * against. Every size is a parameter, so that tiny datasets work too. Words of a dataset are in
 * this machine's (little-endian) order. */
#pragma once

#include <stdint.h>

#include "algo/algo.h"
#include "kernels/kawpow/program.h"

enum {
    F800_WORDS = 25,
    F800_ROUNDS = 22,
    KAWPOW_SEED_WORDS = 8,
    KAWPOW_DIGEST_WORDS = 8,
};

extern const uint32_t f800_constants[F800_ROUNDS];
extern const uint32_t kawpow_pad[15]; /* "rAVENCOINKAWPOW", a letter in each word */

/* Keccak-f[800]: 22 rounds. */
void keccak_f800(uint32_t state[F800_WORDS]);

/* State after the first f800: of its first eight words, two seed the registers and all go into the
 * last f800. `header` is the header hash in display order. */
void kawpow_seed(const uint8_t header[32], uint64_t nonce, uint32_t seed[KAWPOW_SEED_WORDS]);

/* The registers of a lane before the first loop. */
void kawpow_lane_init(uint32_t seed0, uint32_t seed1, unsigned lane, uint32_t regs[KAWPOW_REGS]);

uint32_t kawpow_math(enum kawpow_math, uint32_t a, uint32_t b);
uint32_t kawpow_merge(const struct kawpow_op *, uint32_t a, uint32_t b);

/* Registers of all lanes; a row is a register. */
struct kawpow_mix {
    _Alignas(64) uint32_t reg[KAWPOW_REGS][KAWPOW_LANES];
};

void kawpow_mix_init(const uint32_t seed[KAWPOW_SEED_WORDS], struct kawpow_mix *);
/* One of the 64 loops: `group` is the 256 bytes that kawpow_group_wanted named. */
void kawpow_mix_loop(const struct kawpow_program *, struct kawpow_mix *, const uint32_t *l1,
                     const uint32_t *group, unsigned loop);
void kawpow_mix_digest(const struct kawpow_mix *, uint32_t digest[KAWPOW_DIGEST_WORDS]);

/* Which group of the dataset a loop reads, known before it begins. */
static inline uint32_t kawpow_group_wanted(const struct kawpow_mix *mix, uint32_t groups,
                                           unsigned loop)
{
    return mix->reg[0][loop % KAWPOW_LANES] % groups;
}

/* The hash, from the seed and the digest of the registers. */
void kawpow_final(const uint32_t seed[KAWPOW_SEED_WORDS],
                  const uint32_t digest[KAWPOW_DIGEST_WORDS], uint8_t hash[32]);

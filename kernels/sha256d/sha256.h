/* SPDX-License-Identifier: MIT */
/* SHA-256's constants and compression function in plain C (FIPS 180-4). Any thread. */
#pragma once

#include <stdint.h>

extern const uint32_t sha256_k[64], sha256_iv[8];

/* One block of sixteen big-endian words, already read into numbers, into the state. */
void sha256_compress(uint32_t state[8], const uint32_t block[16]);

/* `count` rounds from round `first` on, without the final addition. `words` holds W[first]... */
void sha256_rounds(uint32_t state[8], const uint32_t *words, unsigned first, unsigned count);

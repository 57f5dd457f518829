/* SPDX-License-Identifier: MIT */
/* Keccak as it was before it became SHA-3: the padding's first byte is 0x01, not 0x06. Ethereum's
 * and Ethash's hash functions. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    KECCAK256_RATE = 136, /* bytes taken in between two permutations */
    KECCAK512_RATE = 72,
    KECCAK_ROUNDS = 24,
};

/* `out` may be where `data` is. */
void keccak256(const void *data, size_t len, uint8_t out[32]);
void keccak512(const void *data, size_t len, uint8_t out[64]);

/* For data that comes in pieces. */
struct keccak {
    uint64_t state[25];
    unsigned rate, at; /* bytes; at < rate */
};
void keccak_start(struct keccak *, unsigned rate);
void keccak_add(struct keccak *, const void *data, size_t len);
/* The digest's first `len` bytes, len <= rate. The state is used up. */
void keccak_end(struct keccak *, uint8_t *out, size_t len);

/* The permutation Keccak-f[1600] on lanes x + 5 y in the machine's byte order. */
void keccak_f1600(uint64_t state[25]);

extern const uint64_t keccak_round_constants[KECCAK_ROUNDS];

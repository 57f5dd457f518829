/* SPDX-License-Identifier: MIT */
/* Salsa20/8 core, BlockMix and ROMix in plain C (RFC 7914, sections 3 to 5). */
#include "kernels/scrypt/romix.h"

#include <string.h>

static inline uint32_t rol(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static inline void quarter(uint32_t *x, int a, int b, int c, int d)
{
    x[b] ^= rol(x[a] + x[d], 7);
    x[c] ^= rol(x[b] + x[a], 9);
    x[d] ^= rol(x[c] + x[b], 13);
    x[a] ^= rol(x[d] + x[c], 18);
}

void salsa20_8(uint32_t block[16])
{
    uint32_t x[16];

    memcpy(x, block, sizeof x);
    for (unsigned i = 0; i < 4; i++) {
        quarter(x, 0, 4, 8, 12);
        quarter(x, 5, 9, 13, 1);
        quarter(x, 10, 14, 2, 6);
        quarter(x, 15, 3, 7, 11);
        quarter(x, 0, 1, 2, 3);
        quarter(x, 5, 6, 7, 4);
        quarter(x, 10, 11, 8, 9);
        quarter(x, 15, 12, 13, 14);
    }
    for (unsigned i = 0; i < 16; i++)
        block[i] += x[i];
}

void scrypt_blockmix(uint32_t x[SCRYPT_WORDS])
{
    for (unsigned i = 0; i < 16; i++)
        x[i] ^= x[16 + i];
    salsa20_8(x);
    for (unsigned i = 0; i < 16; i++)
        x[16 + i] ^= x[i];
    salsa20_8(x + 16);
}

void scrypt_romix(uint32_t x[SCRYPT_WORDS], uint32_t *v, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        memcpy(v + (size_t)i * SCRYPT_WORDS, x, SCRYPT_WORDS * sizeof *x);
        scrypt_blockmix(x);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *row = v + (size_t)(x[16] % n) * SCRYPT_WORDS;
        for (unsigned k = 0; k < SCRYPT_WORDS; k++)
            x[k] ^= row[k];
        scrypt_blockmix(x);
    }
}

/* SPDX-License-Identifier: MIT */
/* AesGenerator1R, AesGenerator4R and AesHash1R with the AES instructions. */
#include <immintrin.h>
#include <stdbool.h>

#include "kernels/randomx/pad.h"

enum { COLUMNS = 4, FORWARD = 4096 };

static const uint8_t keys_1r[COLUMNS][16] = {
    {0x53, 0xa5, 0xac, 0x6d, 0x09, 0x66, 0x71, 0x62, 0x2b, 0x55, 0xb5, 0xdb, 0x17, 0x49, 0xf4,
     0xb4},
    {0x07, 0xaf, 0x7c, 0x6d, 0x0d, 0x71, 0x6a, 0x84, 0x78, 0xd3, 0x25, 0x17, 0x4e, 0xdc, 0xa1,
     0x0d},
    {0xf1, 0x62, 0x12, 0x3f, 0xc6, 0x7e, 0x94, 0x9f, 0x4f, 0x79, 0xc0, 0xf4, 0x45, 0xe3, 0x20,
     0x3e},
    {0x35, 0x81, 0xef, 0x6a, 0x7c, 0x31, 0xba, 0xb1, 0x88, 0x4c, 0x31, 0x16, 0x54, 0x91, 0x16,
     0x49},
};

static const uint8_t keys_4r[8][16] = {
    {0xdd, 0xaa, 0x21, 0x64, 0xdb, 0x3d, 0x83, 0xd1, 0x2b, 0x6d, 0x54, 0x2f, 0x3f, 0xd2, 0xe5,
     0x99},
    {0x50, 0x34, 0x0e, 0xb2, 0x55, 0x3f, 0x91, 0xb6, 0x53, 0x9d, 0xf7, 0x06, 0xe5, 0xcd, 0xdf,
     0xa5},
    {0x04, 0xd9, 0x3e, 0x5c, 0xaf, 0x7b, 0x5e, 0x51, 0x9f, 0x67, 0xa4, 0x0a, 0xbf, 0x02, 0x1c,
     0x17},
    {0x63, 0x37, 0x62, 0x85, 0x08, 0x5d, 0x8f, 0xe7, 0x85, 0x37, 0x67, 0xcd, 0x91, 0xd2, 0xde,
     0xd8},
    {0x73, 0x6f, 0x82, 0xb5, 0xa6, 0xa7, 0xd6, 0xe3, 0x6d, 0x8b, 0x51, 0x3d, 0xb4, 0xff, 0x9e,
     0x22},
    {0xf3, 0x6b, 0x56, 0xc7, 0xd9, 0xb3, 0x10, 0x9c, 0x4e, 0x4d, 0x02, 0xe9, 0xd2, 0xb7, 0x72,
     0xb2},
    {0xe7, 0xc9, 0x73, 0xf2, 0x8b, 0xa3, 0x65, 0xf7, 0x0a, 0x66, 0xa9, 0x2b, 0xa7, 0xef, 0x3b,
     0xf6},
    {0x09, 0xd6, 0x7c, 0x7a, 0xde, 0x39, 0x58, 0x91, 0xfd, 0xd1, 0x06, 0x0c, 0x2d, 0x76, 0xb0,
     0xc0},
};

static const uint8_t hash_start[COLUMNS][16] = {
    {0x0d, 0x2c, 0xb5, 0x92, 0xde, 0x56, 0xa8, 0x9f, 0x47, 0xdb, 0x82, 0xcc, 0xad, 0x3a, 0x98,
     0xd7},
    {0x6e, 0x99, 0x8d, 0x33, 0x98, 0xb7, 0xc7, 0x15, 0x5a, 0x12, 0x9e, 0xf5, 0x57, 0x80, 0xe7,
     0xac},
    {0x17, 0x00, 0x77, 0x6a, 0xd0, 0xc7, 0x62, 0xae, 0x6b, 0x50, 0x79, 0x50, 0xe4, 0x7c, 0xa0,
     0xe8},
    {0x0c, 0x24, 0x0a, 0x63, 0x8d, 0x82, 0xad, 0x07, 0x05, 0x00, 0xa1, 0x79, 0x48, 0x49, 0x99,
     0x7e},
};

static const uint8_t hash_end[2][16] = {
    {0x89, 0x83, 0xfa, 0xf6, 0x9f, 0x94, 0x24, 0x8b, 0xbf, 0x56, 0xdc, 0x90, 0x01, 0x02, 0x89,
     0x06},
    {0xd1, 0x63, 0xb2, 0x61, 0x3c, 0xe0, 0xf4, 0x51, 0xc6, 0x43, 0x10, 0xee, 0x9b, 0xf9, 0x18,
     0xed},
};

static inline __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline void store(uint8_t *at, __m128i v)
{
    _mm_storeu_si128((__m128i *)(void *)at, v);
}

static inline void load_columns(__m128i s[COLUMNS], const uint8_t *at)
{
    for (unsigned c = 0; c < COLUMNS; c++)
        s[c] = load(at + 16 * c);
}

static inline void store_columns(uint8_t *at, const __m128i s[COLUMNS])
{
    for (unsigned c = 0; c < COLUMNS; c++)
        store(at + 16 * c, s[c]);
}

/* Columns 0 and 2 backwards, 1 and 3 forwards. */
static inline void generate(__m128i s[COLUMNS], const __m128i key[COLUMNS])
{
    s[0] = _mm_aesdec_si128(s[0], key[0]);
    s[1] = _mm_aesenc_si128(s[1], key[1]);
    s[2] = _mm_aesdec_si128(s[2], key[2]);
    s[3] = _mm_aesenc_si128(s[3], key[3]);
}

/* The other way round. */
static inline void absorb(__m128i s[COLUMNS], const __m128i key[COLUMNS])
{
    s[0] = _mm_aesenc_si128(s[0], key[0]);
    s[1] = _mm_aesdec_si128(s[1], key[1]);
    s[2] = _mm_aesenc_si128(s[2], key[2]);
    s[3] = _mm_aesdec_si128(s[3], key[3]);
}

static inline void finish(__m128i s[COLUMNS])
{
    for (unsigned i = 0; i < 2; i++) {
        const __m128i k = load(hash_end[i]), key[COLUMNS] = {k, k, k, k};
        absorb(s, key);
    }
}

/* One pass that hashes, fills or does both; inlining leaves out of the code what it does not. */
static inline __attribute__((always_inline)) void pass(uint8_t *const pad[],
                                                       uint8_t out[][PAD_STATE],
                                                       uint8_t state[][PAD_STATE], bool hashes,
                                                       bool fills, unsigned count)
{
    __m128i key[COLUMNS], hash[PADS_MAX][COLUMNS], fill[PADS_MAX][COLUMNS], line[COLUMNS];

    load_columns(key, keys_1r[0]);
    for (unsigned i = 0; i < count; i++) {
        load_columns(hash[i], hash_start[0]);
        if (fills)
            load_columns(fill[i], state[i]);
    }
    for (size_t at = 0; at < PAD_BYTES; at += PAD_STATE)
        for (unsigned i = 0; i < count; i++) {
            uint8_t *here = pad[i] + at;
            if (hashes) {
                _mm_prefetch((const char *)here + FORWARD, _MM_HINT_T0);
                load_columns(line, here);
                absorb(hash[i], line);
            }
            if (fills) {
                generate(fill[i], key);
                store_columns(here, fill[i]);
            }
        }
    for (unsigned i = 0; i < count; i++) {
        if (hashes) {
            finish(hash[i]);
            store_columns(out[i], hash[i]);
        }
        if (fills)
            store_columns(state[i], fill[i]);
    }
}

void pad_fill(uint8_t *const pad[], uint8_t state[][PAD_STATE], unsigned count)
{
    if (count == 1)
        pass(pad, NULL, state, false, true, 1);
    else
        pass(pad, NULL, state, false, true, 2);
}

void pad_hash(uint8_t *const pad[], uint8_t out[][PAD_STATE], unsigned count)
{
    if (count == 1)
        pass(pad, out, NULL, true, false, 1);
    else
        pass(pad, out, NULL, true, false, 2);
}

void pad_hash_fill(uint8_t *const pad[], uint8_t out[][PAD_STATE], uint8_t state[][PAD_STATE],
                   unsigned count)
{
    if (count == 1)
        pass(pad, out, state, true, true, 1);
    else
        pass(pad, out, state, true, true, 2);
}

void pad_program(const uint8_t state[PAD_STATE], uint8_t *out, size_t len)
{
    __m128i s[COLUMNS];

    load_columns(s, state);
    for (size_t at = 0; at < len; at += PAD_STATE) {
        for (unsigned i = 0; i < 4; i++) {
            const __m128i a = load(keys_4r[i]), b = load(keys_4r[4 + i]);
            const __m128i key[COLUMNS] = {a, a, b, b};
            generate(s, key);
        }
        store_columns(out + at, s);
    }
}

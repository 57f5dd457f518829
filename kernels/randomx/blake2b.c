/* SPDX-License-Identifier: MIT */
/* BLAKE2b (RFC 7693), written for little-endian and big-endian machines alike. */
#include "kernels/randomx/blake2b.h"

#include <stdbool.h>
#include <string.h>

#include "base/endian.h"

enum { BLOCK = 128, ROUNDS = 12 };

static const uint64_t start[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* Message words in the order of use; the last two rounds repeat the first two. */
static const uint8_t order[ROUNDS][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
};

static inline uint64_t ror(uint64_t x, unsigned n)
{
    return x >> n | x << (64 - n);
}

static inline void mix(uint64_t v[16], unsigned a, unsigned b, unsigned c, unsigned d, uint64_t x,
                       uint64_t y)
{
    v[a] += v[b] + x;
    v[d] = ror(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = ror(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = ror(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = ror(v[b] ^ v[c], 63);
}

static void compress(uint64_t h[8], const uint8_t *block, uint64_t counter, bool last)
{
    uint64_t v[16], m[16];

    for (unsigned i = 0; i < 16; i++)
        m[i] = le64(block + 8 * i);
    memcpy(v, h, 64);
    memcpy(v + 8, start, 64);
    v[12] ^= counter;
    v[14] ^= last ? UINT64_MAX : 0;
    for (unsigned r = 0; r < ROUNDS; r++) {
        const uint8_t *s = order[r];
        mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
        mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
        mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
        mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
        mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
        mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
        mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
        mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (unsigned i = 0; i < 8; i++)
        h[i] ^= v[i] ^ v[8 + i];
}

void rx_blake2b(const void *in, size_t len, void *out, size_t out_len)
{
    const uint8_t *at = in;
    uint8_t block[BLOCK] = {0}, digest[64];
    uint64_t h[8], counter = 0;

    memcpy(h, start, sizeof h);
    h[0] ^= 0x01010000 ^ out_len; /* no key, depth and fan-out 1 */
    for (; len > BLOCK; len -= BLOCK, at += BLOCK)
        compress(h, at, counter += BLOCK, false);
    if (len)
        memcpy(block, at, len);
    compress(h, block, counter + len, true);
    for (unsigned i = 0; i < 8; i++)
        put_le64(digest + 8 * i, h[i]);
    memcpy(out, digest, out_len);
}

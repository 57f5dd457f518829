/* SPDX-License-Identifier: MIT */
/* Keccak-f[1600] and the sponge around it (The Keccak reference, version 3.0). */
#include "crypto/keccak.h"

#include <string.h>

#include "base/endian.h"

#define KECCAK_WORD          uint64_t
#define KECCAK_ROL(x, n)     ((x) << (n) | (x) >> (64 - (n)))
#define KECCAK_CHI(a, b, c)  ((a) ^ (~(b) & (c)))
#define KECCAK_XOR3(a, b, c) ((a) ^ (b) ^ (c))
#include "crypto/keccak_round.h"

const uint64_t keccak_round_constants[KECCAK_ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

void keccak_f1600(uint64_t state[25])
{
    uint64_t a[25], b[25];

    memcpy(a, state, sizeof a);
    for (unsigned round = 0; round < KECCAK_ROUNDS; round += 2) {
        KECCAK_ROUND(b, a, keccak_round_constants[round]);
        KECCAK_ROUND(a, b, keccak_round_constants[round + 1]);
    }
    memcpy(state, a, sizeof a);
}

void keccak_start(struct keccak *k, unsigned rate)
{
    memset(k, 0, sizeof *k);
    k->rate = rate;
}

static void add_byte(struct keccak *k, unsigned at, uint8_t byte)
{
    k->state[at / 8] ^= (uint64_t)byte << (8 * (at % 8));
}

void keccak_add(struct keccak *k, const void *data, size_t len)
{
    const uint8_t *p = data;

    while (len) {
        if (k->at % 8 == 0 && len >= 8) {
            k->state[k->at / 8] ^= le64(p);
            k->at += 8;
            p += 8;
            len -= 8;
        } else {
            add_byte(k, k->at++, *p++);
            len--;
        }
        if (k->at == k->rate) {
            keccak_f1600(k->state);
            k->at = 0;
        }
    }
}

void keccak_end(struct keccak *k, uint8_t *out, size_t len)
{
    add_byte(k, k->at, 0x01);
    add_byte(k, k->rate - 1, 0x80);
    keccak_f1600(k->state);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(k->state[i / 8] >> (8 * (i % 8)));
}

static void keccak(unsigned rate, const void *data, size_t len, uint8_t *out, size_t out_len)
{
    struct keccak k;

    keccak_start(&k, rate);
    keccak_add(&k, data, len);
    keccak_end(&k, out, out_len);
}

void keccak256(const void *data, size_t len, uint8_t out[32])
{
    keccak(KECCAK256_RATE, data, len, out, 32);
}

void keccak512(const void *data, size_t len, uint8_t out[64])
{
    keccak(KECCAK512_RATE, data, len, out, 64);
}

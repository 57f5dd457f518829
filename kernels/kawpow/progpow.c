/* SPDX-License-Identifier: MIT */
/* KawPow by its definition: ProgPoW 0.9.4 as in Ravencoin's sources, with the padding of the
 * permutation that Ravencoin chose. */
#include "kernels/kawpow/progpow.h"

#include <string.h>

#include "base/endian.h"

/* The low halves of Keccak's round constants. */
const uint32_t f800_constants[F800_ROUNDS] = {
    0x00000001, 0x00008082, 0x0000808a, 0x80008000, 0x0000808b, 0x80000001, 0x80008081, 0x00008009,
    0x0000008a, 0x00000088, 0x80008009, 0x8000000a, 0x8000808b, 0x0000008b, 0x00008089, 0x00008003,
    0x00008002, 0x00000080, 0x0000800a, 0x8000000a, 0x80008081, 0x00008080,
};

const uint32_t kawpow_pad[15] = {'r', 'A', 'V', 'E', 'N', 'C', 'O', 'I',
                                 'N', 'K', 'A', 'W', 'P', 'O', 'W'};

static const uint8_t f800_turns[F800_WORDS] = {
    0,  1,  30, 28, 27, /* row y = 0: lane x + 5y */
    4,  12, 6,  23, 20, /* modulo 32 */
    3,  10, 11, 25, 7,  /**/
    9,  13, 15, 21, 8,  /**/
    18, 2,  29, 24, 14,
};

static uint32_t rotl(uint32_t x, unsigned n)
{
    return x << (n & 31) | x >> (-n & 31);
}

static uint32_t rotr(uint32_t x, unsigned n)
{
    return x >> (n & 31) | x << (-n & 31);
}

static void f800_round(uint32_t a[F800_WORDS], uint32_t constant)
{
    uint32_t column[5], b[F800_WORDS];

    for (unsigned x = 0; x < 5; x++)
        column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (unsigned x = 0; x < 5; x++)
        for (unsigned y = 0; y < 5; y++) {
            uint32_t v = a[x + 5 * y] ^ column[(x + 4) % 5] ^ rotl(column[(x + 1) % 5], 1);
            b[y + 5 * ((2 * x + 3 * y) % 5)] = rotl(v, f800_turns[x + 5 * y]);
        }
    for (unsigned x = 0; x < 5; x++)
        for (unsigned y = 0; y < 5; y++)
            a[x + 5 * y] = b[x + 5 * y] ^ (~b[(x + 1) % 5 + 5 * y] & b[(x + 2) % 5 + 5 * y]);
    a[0] ^= constant;
}

void keccak_f800(uint32_t state[F800_WORDS])
{
    for (unsigned i = 0; i < F800_ROUNDS; i++)
        f800_round(state, f800_constants[i]);
}

void kawpow_seed(const uint8_t header[32], uint64_t nonce, uint32_t seed[KAWPOW_SEED_WORDS])
{
    uint32_t state[F800_WORDS];

    for (unsigned i = 0; i < 8; i++)
        state[i] = le32(header + 4 * i);
    state[8] = (uint32_t)nonce;
    state[9] = (uint32_t)(nonce >> 32);
    memcpy(state + 10, kawpow_pad, sizeof kawpow_pad);
    keccak_f800(state);
    memcpy(seed, state, sizeof *seed * KAWPOW_SEED_WORDS);
}

void kawpow_lane_init(uint32_t seed0, uint32_t seed1, unsigned lane, uint32_t regs[KAWPOW_REGS])
{
    struct kiss99 random;

    random.z = fnv1a(FNV_BASIS, seed0);
    random.w = fnv1a(random.z, seed1);
    random.jsr = fnv1a(random.w, lane);
    random.jcong = fnv1a(random.jsr, lane);
    for (unsigned i = 0; i < KAWPOW_REGS; i++)
        regs[i] = kiss99(&random);
}

static uint32_t clz(uint32_t x)
{
    return x ? (uint32_t)__builtin_clz(x) : 32;
}

uint32_t kawpow_math(enum kawpow_math kind, uint32_t a, uint32_t b)
{
    switch (kind) {
    case MATH_ADD:
        return a + b;
    case MATH_MUL:
        return a * b;
    case MATH_MULHI:
        return (uint32_t)((uint64_t)a * b >> 32);
    case MATH_MIN:
        return a < b ? a : b;
    case MATH_ROTL:
        return rotl(a, b);
    case MATH_ROTR:
        return rotr(a, b);
    case MATH_AND:
        return a & b;
    case MATH_OR:
        return a | b;
    case MATH_XOR:
        return a ^ b;
    case MATH_CLZ:
        return clz(a) + clz(b);
    case MATH_POPCOUNT:
        return (uint32_t)(__builtin_popcount(a) + __builtin_popcount(b));
    }
    return 0;
}

uint32_t kawpow_merge(const struct kawpow_op *op, uint32_t a, uint32_t b)
{
    switch ((enum kawpow_merge)op->merge) {
    case MERGE_MUL33_ADD:
        return a * 33 + b;
    case MERGE_XOR_MUL33:
        return (a ^ b) * 33;
    case MERGE_ROTL_XOR:
        return rotl(a, op->turn) ^ b;
    case MERGE_ROTR_XOR:
        return rotr(a, op->turn) ^ b;
    }
    return 0;
}

void kawpow_mix_init(const uint32_t seed[KAWPOW_SEED_WORDS], struct kawpow_mix *mix)
{
    uint32_t regs[KAWPOW_REGS];

    for (unsigned lane = 0; lane < KAWPOW_LANES; lane++) {
        kawpow_lane_init(seed[0], seed[1], lane, regs);
        for (unsigned i = 0; i < KAWPOW_REGS; i++)
            mix->reg[i][lane] = regs[i];
    }
}

void kawpow_mix_loop(const struct kawpow_program *program, struct kawpow_mix *mix,
                     const uint32_t *l1, const uint32_t *group, unsigned loop)
{
    for (const struct kawpow_op *op = program->op; op < program->op + KAWPOW_OPS; op++)
        for (unsigned lane = 0; lane < KAWPOW_LANES; lane++) {
            uint32_t v;
            if (op->kind == KAWPOW_CACHE)
                v = l1[mix->reg[op->a][lane] % KAWPOW_L1_WORDS];
            else if (op->kind == KAWPOW_MATH)
                v = kawpow_math((enum kawpow_math)op->math, mix->reg[op->a][lane],
                                mix->reg[op->b][lane]);
            else
                v = group[(lane ^ loop) % KAWPOW_LANES * KAWPOW_DAG_OPS + op->a];
            mix->reg[op->dst][lane] = kawpow_merge(op, mix->reg[op->dst][lane], v);
        }
}

void kawpow_mix_digest(const struct kawpow_mix *mix, uint32_t digest[KAWPOW_DIGEST_WORDS])
{
    for (unsigned i = 0; i < KAWPOW_DIGEST_WORDS; i++)
        digest[i] = FNV_BASIS;
    for (unsigned lane = 0; lane < KAWPOW_LANES; lane++) {
        uint32_t h = FNV_BASIS;
        for (unsigned i = 0; i < KAWPOW_REGS; i++)
            h = fnv1a(h, mix->reg[i][lane]);
        digest[lane % KAWPOW_DIGEST_WORDS] = fnv1a(digest[lane % KAWPOW_DIGEST_WORDS], h);
    }
}

void kawpow_final(const uint32_t seed[KAWPOW_SEED_WORDS],
                  const uint32_t digest[KAWPOW_DIGEST_WORDS], uint8_t hash[32])
{
    uint32_t state[F800_WORDS];

    memcpy(state, seed, 4 * KAWPOW_SEED_WORDS);
    memcpy(state + 8, digest, 4 * KAWPOW_DIGEST_WORDS);
    memcpy(state + 16, kawpow_pad, 4 * 9);
    keccak_f800(state);
    for (unsigned i = 0; i < 8; i++)
        put_le32(hash + 4 * i, state[i]);
}

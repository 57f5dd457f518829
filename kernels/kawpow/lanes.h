/* SPDX-License-Identifier: MIT */
/* The parts of KawPow over vectors. Included by one file per instruction set, after the
 * kernels/simd header that defines `vec` and LANES, and after
 *   MULHI, MIN, CLZ, POPCOUNT   on vectors, lane by lane
 *   TURN_LEFT, TURN_RIGHT       by a vector of counts, modulo 32
 *   lookup(l1, index, out)      out[i] = l1[index[i]] over one register (PER_REG vectors)
 *   dag_word(group, loop, t, out)  word t of each lane's four */
#pragma once

#include "base/endian.h"
#include "kernels/kawpow/engine.h"

typedef vec row_vec __attribute__((may_alias)); /* a piece of a row of words */

#define EACH for (int i = 0; i < PER_REG; i++)

/* --- keccak-f800 of LANES nonces -------------------------------------------------------------- */

#define ROL(x, n) ROR(x, (32 - (n)) & 31)

/* theta, rho and pi of lane (x, y) into b */
#define MOVE(x, y, turn) b[(y) + 5 * ((2 * (x) + 3 * (y)) % 5)] = ROL(a[(x) + 5 * (y)] ^ d[x], turn)
#define CHI(y)                                                                                     \
    for (int x = 0; x < 5; x++)                                                                    \
    a[x + 5 * (y)] = b[x + 5 * (y)] ^ (~b[(x + 1) % 5 + 5 * (y)] & b[(x + 2) % 5 + 5 * (y)])

static inline void f800(vec *a)
{
    vec b[F800_WORDS], c[5], d[5];

    for (int round = 0; round < F800_ROUNDS; round++) {
        for (int x = 0; x < 5; x++)
            c[x] = XOR3(XOR3(a[x], a[x + 5], a[x + 10]), a[x + 15], a[x + 20]);
        for (int x = 0; x < 5; x++)
            d[x] = c[(x + 4) % 5] ^ ROL(c[(x + 1) % 5], 1);
        b[0] = a[0] ^ d[0];
        MOVE(1, 0, 1), MOVE(2, 0, 30), MOVE(3, 0, 28), MOVE(4, 0, 27);
        MOVE(0, 1, 4), MOVE(1, 1, 12), MOVE(2, 1, 6), MOVE(3, 1, 23), MOVE(4, 1, 20);
        MOVE(0, 2, 3), MOVE(1, 2, 10), MOVE(2, 2, 11), MOVE(3, 2, 25), MOVE(4, 2, 7);
        MOVE(0, 3, 9), MOVE(1, 3, 13), MOVE(2, 3, 15), MOVE(3, 3, 21), MOVE(4, 3, 8);
        MOVE(0, 4, 18), MOVE(1, 4, 2), MOVE(2, 4, 29), MOVE(3, 4, 24), MOVE(4, 4, 14);
        CHI(0);
        CHI(1);
        CHI(2);
        CHI(3);
        CHI(4);
        a[0] ^= SPLAT(f800_constants[round]);
    }
}

static void seeds(const uint8_t header[32], uint64_t first, struct kawpow_words *seed)
{
    uint32_t low = (uint32_t)first, high = (uint32_t)(first >> 32);

    for (int i = 0; i < KAWPOW_LANES; i += LANES) {
        vec a[F800_WORDS];
        for (int j = 0; j < 8; j++)
            a[j] = SPLAT(le32(header + 4 * j));
        uint32_t nonce[2][LANES];
        for (int j = 0; j < LANES; j++) {
            nonce[0][j] = low + (uint32_t)(i + j);
            nonce[1][j] = high + (nonce[0][j] < low);
        }
        memcpy(&a[8], nonce[0], sizeof a[8]);
        memcpy(&a[9], nonce[1], sizeof a[9]);
        for (int j = 0; j < 15; j++)
            a[10 + j] = SPLAT(kawpow_pad[j]);
        f800(a);
        for (int j = 0; j < 8; j++)
            memcpy(&seed->word[j][i], &a[j], sizeof a[j]);
    }
}

static void finals(const struct kawpow_words *seed, const struct kawpow_words *digest,
                   struct kawpow_words *hash)
{
    for (int i = 0; i < KAWPOW_LANES; i += LANES) {
        vec a[F800_WORDS];
        for (int j = 0; j < 8; j++) {
            memcpy(&a[j], &seed->word[j][i], sizeof a[j]);
            memcpy(&a[8 + j], &digest->word[j][i], sizeof a[j]);
        }
        for (int j = 0; j < 9; j++)
            a[16 + j] = SPLAT(kawpow_pad[j]);
        f800(a);
        for (int j = 0; j < 8; j++)
            memcpy(&hash->word[j][i], &a[j], sizeof a[j]);
    }
}

/* --- registers -------------------------------------------------------------------------------- */

/* z and w of the generator do not depend on the lane. */
static void init(uint32_t seed0, uint32_t seed1, struct kawpow_mix *mix)
{
    uint32_t z = fnv1a(FNV_BASIS, seed0), w = fnv1a(z, seed1);
    vec jsr[PER_REG], jcong[PER_REG];

    EACH
    {
        vec lane = LANE_NUMBERS + SPLAT(i * LANES);
        jsr[i] = (SPLAT(w) ^ lane) * SPLAT(FNV_PRIME);
        jcong[i] = (jsr[i] ^ lane) * SPLAT(FNV_PRIME);
    }
    for (int reg = 0; reg < KAWPOW_REGS; reg++) {
        row_vec *row = (row_vec *)(void *)mix->reg[reg];
        z = 36969 * (z & 65535) + (z >> 16);
        w = 18000 * (w & 65535) + (w >> 16);
        EACH
        {
            jcong[i] = SPLAT(69069) * jcong[i] + SPLAT(1234567);
            jsr[i] ^= jsr[i] << 17;
            jsr[i] ^= jsr[i] >> 13;
            jsr[i] ^= jsr[i] << 5;
            row[i] = (SPLAT((z << 16) + w) ^ jcong[i]) + jsr[i];
        }
    }
}

static void digest(const struct kawpow_mix *mix, uint32_t out[KAWPOW_DIGEST_WORDS])
{
    _Alignas(64) uint32_t lane[KAWPOW_LANES];
    row_vec *h = (row_vec *)(void *)lane;

    EACH h[i] = SPLAT(FNV_BASIS);
    for (int reg = 0; reg < KAWPOW_REGS; reg++) {
        const row_vec *row = (const row_vec *)(const void *)mix->reg[reg];
        EACH h[i] = (h[i] ^ row[i]) * SPLAT(FNV_PRIME);
    }
    for (int i = 0; i < KAWPOW_DIGEST_WORDS; i++)
        out[i] = fnv1a(fnv1a(FNV_BASIS, lane[i]), lane[i + KAWPOW_DIGEST_WORDS]);
}

/* --- the program ------------------------------------------------------------------------------ */

static inline void math(unsigned kind, const row_vec *a, const row_vec *b, vec *out)
{
    switch ((enum kawpow_math)kind) {
    case MATH_ADD:
        EACH out[i] = a[i] + b[i];
        break;
    case MATH_MUL:
        EACH out[i] = a[i] * b[i];
        break;
    case MATH_MULHI:
        EACH out[i] = MULHI(a[i], b[i]);
        break;
    case MATH_MIN:
        EACH out[i] = MIN(a[i], b[i]);
        break;
    case MATH_ROTL:
        EACH out[i] = TURN_LEFT(a[i], b[i]);
        break;
    case MATH_ROTR:
        EACH out[i] = TURN_RIGHT(a[i], b[i]);
        break;
    case MATH_AND:
        EACH out[i] = a[i] & b[i];
        break;
    case MATH_OR:
        EACH out[i] = a[i] | b[i];
        break;
    case MATH_XOR:
        EACH out[i] = a[i] ^ b[i];
        break;
    case MATH_CLZ:
        EACH out[i] = CLZ(a[i]) + CLZ(b[i]);
        break;
    case MATH_POPCOUNT:
        EACH out[i] = POPCOUNT(a[i]) + POPCOUNT(b[i]);
        break;
    }
}

static inline void merge(const struct kawpow_op *op, row_vec *a, const vec *b)
{
    vec turn = SPLAT(op->turn);

    switch ((enum kawpow_merge)op->merge) {
    case MERGE_MUL33_ADD:
        EACH a[i] = (a[i] << 5) + a[i] + b[i];
        break;
    case MERGE_XOR_MUL33:
        EACH
        {
            vec x = a[i] ^ b[i];
            a[i] = (x << 5) + x;
        }
        break;
    case MERGE_ROTL_XOR:
        EACH a[i] = TURN_LEFT(a[i], turn) ^ b[i];
        break;
    case MERGE_ROTR_XOR:
        EACH a[i] = TURN_RIGHT(a[i], turn) ^ b[i];
        break;
    }
}

static void loop_once(const struct kawpow_program *program, struct kawpow_mix *mix,
                      const uint32_t *l1, const uint32_t *group, unsigned loop)
{
    for (const struct kawpow_op *op = program->op; op < program->op + KAWPOW_OPS; op++) {
        const row_vec *a = (const row_vec *)(const void *)mix->reg[op->a];
        vec v[PER_REG] = {0};
        if (op->kind == KAWPOW_MATH) {
            math(op->math, a, (const row_vec *)(const void *)mix->reg[op->b], v);
        } else if (op->kind == KAWPOW_CACHE) {
            EACH v[i] = a[i] & SPLAT(KAWPOW_L1_WORDS - 1);
            lookup(l1, v, v);
        } else {
            dag_word(group, loop, op->a, v);
        }
        merge(op, (row_vec *)(void *)mix->reg[op->dst], v);
    }
}

#define ENGINE                                                                                     \
    {                                                                                              \
        .seeds = seeds, .init = init, .loop = loop_once, .digest = digest, .finals = finals        \
    }

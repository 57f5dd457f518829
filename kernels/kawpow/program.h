/* SPDX-License-Identifier: MIT */
/* The random program of a KawPow period as a table of operations, and the generator that draws it
 * (ProgPoW 0.9.4 with Ravencoin's parameters). */
#pragma once

#include <stdint.h>

enum {
    KAWPOW_PERIOD = 3,   /* blocks that share a program */
    KAWPOW_EPOCH = 7500, /* blocks that share a dataset */
    KAWPOW_LANES = 16,
    KAWPOW_REGS = 32,
    KAWPOW_LOOPS = 64,
    KAWPOW_CACHE_OPS = 11,
    KAWPOW_MATH_OPS = 18,
    KAWPOW_DAG_OPS = 4,
    KAWPOW_OPS = KAWPOW_CACHE_OPS + KAWPOW_MATH_OPS + KAWPOW_DAG_OPS,
    KAWPOW_MATH_KINDS = 11,
    KAWPOW_MERGE_KINDS = 4,
    KAWPOW_L1_WORDS = 4096, /* 16 KiB: the start of the dataset */
    KAWPOW_L1_BYTES = 4 * KAWPOW_L1_WORDS,
    KAWPOW_GROUP_WORDS = 64, /* 256 bytes: what a loop reads from the dataset */
    KAWPOW_GROUP_BYTES = 4 * KAWPOW_GROUP_WORDS,
    KAWPOW_PARENTS = 512, /* of a dataset item */
};

/* Marsaglia's KISS of 1999. */
struct kiss99 {
    uint32_t z, w, jsr, jcong;
};

static inline uint32_t kiss99(struct kiss99 *s)
{
    s->z = 36969 * (s->z & 65535) + (s->z >> 16);
    s->w = 18000 * (s->w & 65535) + (s->w >> 16);
    s->jcong = 69069 * s->jcong + 1234567;
    s->jsr ^= s->jsr << 17;
    s->jsr ^= s->jsr >> 13;
    s->jsr ^= s->jsr << 5;
    return (((s->z << 16) + s->w) ^ s->jcong) + s->jsr;
}

#define FNV_BASIS UINT32_C(0x811c9dc5)
#define FNV_PRIME UINT32_C(0x01000193)

/* FNV-1a order. */
static inline uint32_t fnv1a(uint32_t hash, uint32_t word)
{
    return (hash ^ word) * FNV_PRIME;
}

enum kawpow_kind {
    KAWPOW_CACHE, /* dst = merge(dst, l1[a mod 4096]) */
    KAWPOW_MATH,  /* dst = merge(dst, math(a, b)) */
    KAWPOW_DAG,   /* dst = merge(dst, word a of the lane's four of the group) */
};

/* Math operations, the selector modulo 11. */
enum kawpow_math {
    MATH_ADD,
    MATH_MUL,
    MATH_MULHI,
    MATH_MIN,
    MATH_ROTL,
    MATH_ROTR,
    MATH_AND,
    MATH_OR,
    MATH_XOR,
    MATH_CLZ,
    MATH_POPCOUNT,
};

/* Merges, the selector modulo 4; x is 1..31. */
enum kawpow_merge {
    MERGE_MUL33_ADD, /* a * 33 + b */
    MERGE_XOR_MUL33, /* (a ^ b) * 33 */
    MERGE_ROTL_XOR,  /* rotl(a, x) ^ b */
    MERGE_ROTR_XOR,  /* rotr(a, x) ^ b */
};

struct kawpow_op {
    uint8_t kind;      /* enum kawpow_kind */
    uint8_t dst;       /* register */
    uint8_t a, b;      /* registers; KAWPOW_DAG: a is the word, 0..3 */
    uint8_t math;      /* enum kawpow_math */
    uint8_t merge;     /* enum kawpow_merge */
    uint8_t turn;      /* x of the merge */
    uint32_t drawn[2]; /* the selectors as drawn: math, merge */
};

/* What each of the 64 loops of a hash does, in this order. */
struct kawpow_program {
    uint64_t period;
    struct kawpow_op op[KAWPOW_OPS];
};

static inline uint64_t kawpow_period(uint64_t height)
{
    return height / KAWPOW_PERIOD;
}

/* Any thread. About a microsecond. */
void kawpow_program_draw(uint64_t period, struct kawpow_program *);

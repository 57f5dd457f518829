/* SPDX-License-Identifier: MIT */
/* The eight programs that a RandomX key stands for, and the dataset item by its definition
 * (RandomX specification, sections 6 and 7.3). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    SUPER_PROGRAMS = 8,
    SUPER_REGS = 8,
    SUPER_LATENCY = 170,                   /* cycles that a program is written for */
    SUPER_OPS_MAX = 3 * SUPER_LATENCY + 2, /* operations */
    SUPER_LINES = 4194304,                 /* 64-byte lines of the cache */
    SUPER_LINE_BYTES = 64,
};

enum super_op {
    SUPER_SUB,
    SUPER_XOR,
    SUPER_ADD_SHIFTED, /* dst += src << value */
    SUPER_MUL,
    SUPER_ROR,      /* by value */
    SUPER_ADD_WORD, /* value is a constant of 64 bits from here on */
    SUPER_XOR_WORD,
    SUPER_MULH,
    SUPER_MULH_SIGNED,
    SUPER_MUL_RCP, /* dst *= value */
};

struct super_step {
    uint8_t op, dst, src; /* src = dst where the value is the operand */
    uint64_t value;
};

struct super_program {
    struct super_step step[SUPER_OPS_MAX];
    unsigned count;
    unsigned address; /* the register that says which line comes next */
};

/* The first eight words of an item: r0 = (number + 1) * super_factor, r1.. = r0 ^ super_xor[1..] */
#define SUPER_FACTOR UINT64_C(6364136223846793005)
extern const uint64_t super_xor[SUPER_REGS];

/* The programs of a key of at most 60 bytes. Any thread; under a millisecond. */
void super_generate(const uint8_t *key, size_t len, struct super_program programs[SUPER_PROGRAMS]);

/* One item by the definition, slowly. `cache`: SUPER_LINES lines. */
void super_item(const struct super_program *, const uint8_t *cache, uint64_t number,
                uint8_t out[SUPER_LINE_BYTES]);

/* floor(2^x / divisor) for the largest x with which it fits 64 bits. `divisor` is not zero and not
 * a power of two. */
uint64_t rx_reciprocal(uint32_t divisor);

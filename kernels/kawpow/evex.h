/* SPDX-License-Identifier: MIT */
/* A small assembler: the AVX-512 instructions that KawPow programs need, on 512-bit registers, and
 * the few others around a table look-up (Intel SDM vol. 2, 2.3 and 2.7). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum gpr { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11 };

struct asm_out {
    uint8_t *at, *end;
    bool full; /* something did not fit */
};

/* Instructions by name: map, prefix, W, opcode. */
#define EVEX_LIST(X)                                                                               \
    X(VMOVDQU32_LOAD, 1, 2, 0, 0x6f)                                                               \
    X(VMOVDQU32_STORE, 1, 2, 0, 0x7f)                                                              \
    X(VPADDD, 1, 1, 0, 0xfe)                                                                       \
    X(VPADDB, 1, 1, 0, 0xfc)                                                                       \
    X(VPMULLD, 2, 1, 0, 0x40)                                                                      \
    X(VPMULUDQ, 1, 1, 1, 0xf4)                                                                     \
    X(VPMINUD, 2, 1, 0, 0x3b)                                                                      \
    X(VPANDD, 1, 1, 0, 0xdb)                                                                       \
    X(VPORD, 1, 1, 0, 0xeb)                                                                        \
    X(VPXORD, 1, 1, 0, 0xef)                                                                       \
    X(VPROLVD, 2, 1, 0, 0x15)                                                                      \
    X(VPRORVD, 2, 1, 0, 0x14)                                                                      \
    X(VPLZCNTD, 2, 1, 0, 0x44)                                                                     \
    X(VPOPCNTD, 2, 1, 0, 0x55)                                                                     \
    X(VPSHUFB, 2, 1, 0, 0x00)                                                                      \
    X(VPMADDUBSW, 2, 1, 0, 0x04)                                                                   \
    X(VPMADDWD, 1, 1, 0, 0xf5)                                                                     \
    X(VPERMI2D, 2, 1, 0, 0x76)                                                                     \
    X(VINSERTI64X4, 3, 1, 1, 0x3a)                                                                 \
    X(VEXTRACTI64X4, 3, 1, 1, 0x3b)                                                                \
    X(VPGATHERDD, 2, 1, 0, 0x90)                                                                   \
    X(VSHIFT_D_IMM, 1, 1, 0, 0x72) /* with enum evex_shift */                                      \
    X(VSHIFT_Q_IMM, 1, 1, 1, 0x73)

enum evex_op {
#define EVEX_ENUM(name, map, prefix, w, opcode) name,
    EVEX_LIST(EVEX_ENUM)
#undef EVEX_ENUM
};

/* What the reg field of the ModRM byte says in VSHIFT_*_IMM. */
enum evex_shift { SHIFT_ROR = 0, SHIFT_ROL = 1, SHIFT_RIGHT = 2, SHIFT_LEFT = 6 };

void asm_bytes(struct asm_out *, const uint8_t *bytes, size_t len);
#define ASM(out, ...)                                                                              \
    asm_bytes(out, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* dst = op(a, b); two-operand instructions take a = 0. */
void evex_reg(struct asm_out *, enum evex_op, unsigned dst, unsigned a, unsigned b);
/* The same under mask register k1..k7: lanes whose bit is clear keep dst. */
void evex_reg_masked(struct asm_out *, enum evex_op, unsigned dst, unsigned a, unsigned b,
                     unsigned mask);
/* b in memory: 64 bytes at base + disp. */
void evex_mem(struct asm_out *, enum evex_op, unsigned dst, unsigned a, enum gpr base,
              int32_t disp);
/* b in memory: one word for all lanes. */
void evex_word(struct asm_out *, enum evex_op, unsigned dst, unsigned a, enum gpr base,
               int32_t disp);
/* A word for all lanes at base + 4 * index + disp. */
void evex_word_at(struct asm_out *, enum evex_op, unsigned dst, unsigned a, enum gpr base,
                  enum gpr index, int32_t disp);
/* dst = shift or rotation of b by a constant, in words or (VSHIFT_Q_IMM) pairs of them. */
void evex_shift(struct asm_out *, enum evex_op, enum evex_shift, unsigned dst, unsigned b,
                unsigned count);
/* dst = a with the upper half replaced by b's lower half. */
void evex_join_halves(struct asm_out *, unsigned dst, unsigned a, unsigned b);
/* dst = words at base + 4 * lane of index; clears mask k2, which says which lanes. */
void evex_gather(struct asm_out *, unsigned dst, enum gpr base, unsigned index);

/* dst's lower half = a's upper half. */
void evex_second_half(struct asm_out *, unsigned dst, unsigned a);

/* Of xmm0..15 and ymm0..15: */
/* dst = the word at base + 4 * index, the rest zero. */
void vex_load_word(struct asm_out *, unsigned dst, enum gpr base, enum gpr index);
/* dst's word i = the word at base + 4 * index. */
void vex_insert_word(struct asm_out *, unsigned dst, enum gpr base, enum gpr index, unsigned i);
/* ymm dst = xmm a, and xmm b above it. */
void vex_join_quarters(struct asm_out *, unsigned dst, unsigned a, unsigned b);
/* xmm dst = the upper half of ymm a. */
void vex_second_quarter(struct asm_out *, unsigned dst, unsigned a);
/* dst = words 2 * pair and 2 * pair + 1 of xmm a; pair is 0 or 1. */
void vex_pair_out(struct asm_out *, enum gpr dst, unsigned a, unsigned pair);
/* low = the lower half of pair, pair = its upper half. */
void asm_split(struct asm_out *, enum gpr low, enum gpr pair);

/* SPDX-License-Identifier: MIT */
/* Writes a KawPow program as straight-line AVX-512 code: registers come from memory when they are
 * first needed and go back after their last use, so that few of the 32 are ever pushed out early.
 *
 * rdi = struct kawpow_mix, rsi = l1, rdx and rcx = the halves of the group that lanes 0-7 and 8-15
 * read, r8 = constants, r9 = 4 * loop; rax, r10 and r11 are free. Nothing is kept on the stack, and
 * no register that the caller owns is touched. */
#include "kernels/kawpow/codegen.h"

#include <string.h>

#include "kernels/kawpow/evex.h"

enum {
    TEMPS = 6, /* zmm0..5: of one operation; VEX reaches them */
    T0 = 0,
    T1,
    T2,
    T3,
    T4,
    T5,
    HOMES = 32 - TEMPS, /* zmm6..31 hold KawPow registers */
    NOWHERE = 255,
    NEVER = 255,
    MASK_ODD = 1,  /* k1: words 1, 3, 5, ... */
    MASK_HIGH = 3, /* k3: lanes 8-15; k2 is the gather's */
};

struct writer {
    struct asm_out out;
    const struct kawpow_program *program;
    const struct kawpow_style *style;
    unsigned now;              /* operation */
    uint8_t home[KAWPOW_REGS]; /* where a KawPow register is: zmm, or NOWHERE = in memory */
    uint8_t holds[HOMES];      /* what zmm TEMPS + i holds; NOWHERE = nothing */
    bool changed[KAWPOW_REGS]; /* since it was loaded */
};

#define CONSTANT(field) ((int32_t)offsetof(struct kawpow_constants, field))
#define ROW(reg)        ((int32_t)((reg)*4 * KAWPOW_LANES))

const struct kawpow_constants kawpow_constants = {
    .lane_times_4 = {0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60},
    .number = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
               16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
               32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
               48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63},
    .bits_of_nibble = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2,
                       2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3,
                       2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4},
    .l1_mask = KAWPOW_L1_WORDS - 1,
    .nibbles = 0x0f0f0f0f,
    .byte_ones = {0x01010101, 0x01010101, 0x01010101, 0x01010101, 0x01010101, 0x01010101,
                  0x01010101, 0x01010101, 0x01010101, 0x01010101, 0x01010101, 0x01010101,
                  0x01010101, 0x01010101, 0x01010101, 0x01010101},
    .word_ones = {0x00010001, 0x00010001, 0x00010001, 0x00010001, 0x00010001, 0x00010001,
                  0x00010001, 0x00010001, 0x00010001, 0x00010001, 0x00010001, 0x00010001,
                  0x00010001, 0x00010001, 0x00010001, 0x00010001},
};

/* --- which register is where ------------------------------------------------------------------ */

static bool op_reads(const struct kawpow_op *op, unsigned reg)
{
    return op->dst == reg || (op->kind != KAWPOW_DAG && op->a == reg) ||
           (op->kind == KAWPOW_MATH && op->b == reg);
}

/* The first operation from `at` on that reads a register. */
static unsigned next_use(const struct writer *w, unsigned reg, unsigned at)
{
    for (; at < KAWPOW_OPS; at++)
        if (op_reads(&w->program->op[at], reg))
            return at;
    return NEVER;
}

static void put_away(struct writer *w, unsigned reg)
{
    if (w->changed[reg])
        evex_mem(&w->out, VMOVDQU32_STORE, w->home[reg], 0, RDI, ROW(reg));
    w->holds[w->home[reg] - TEMPS] = NOWHERE;
    w->home[reg] = NOWHERE;
    w->changed[reg] = false;
}

/* A free zmm, or the one whose register is needed last. */
static unsigned make_home(struct writer *w)
{
    unsigned best = 0, farthest = 0;

    for (unsigned i = 0; i < HOMES; i++) {
        if (w->holds[i] == NOWHERE)
            return i;
        unsigned use = next_use(w, w->holds[i], w->now);
        if (use > farthest) {
            farthest = use;
            best = i;
        }
    }
    put_away(w, w->holds[best]);
    return best;
}

/* The zmm with a KawPow register in it. */
static unsigned need(struct writer *w, unsigned reg)
{
    if (w->home[reg] == NOWHERE) {
        unsigned i = make_home(w);
        w->holds[i] = (uint8_t)reg;
        w->home[reg] = (uint8_t)(TEMPS + i);
        evex_mem(&w->out, VMOVDQU32_LOAD, w->home[reg], 0, RDI, ROW(reg));
    }
    return w->home[reg];
}

/* Registers that no later operation reads go back to memory. */
static void tidy(struct writer *w)
{
    for (unsigned reg = 0; reg < KAWPOW_REGS; reg++)
        if (w->home[reg] != NOWHERE && next_use(w, reg, w->now + 1) == NEVER)
            put_away(w, reg);
}

/* --- operations: the result is in zmm T0 ------------------------------------------------------ */

/* The words of l1 that the four words of xmm `at` name, in their place. */
static void look_up_quarter(struct asm_out *o, unsigned at)
{
    vex_pair_out(o, RAX, at, 0);
    vex_pair_out(o, R11, at, 1);
    asm_split(o, R10, RAX);
    vex_load_word(o, at, RSI, R10);
    vex_insert_word(o, at, RSI, RAX, 1);
    asm_split(o, R10, R11);
    vex_insert_word(o, at, RSI, R10, 2);
    vex_insert_word(o, at, RSI, R11, 3);
}

/* Words of l1 that T0 names, by loads. Indices go through general registers: the way through
 * memory, a wide store and narrow loads, takes twice as long. */
static void look_up_by_loads(struct asm_out *o)
{
    evex_second_half(o, T2, T0);
    vex_second_quarter(o, T1, T0);
    vex_second_quarter(o, T3, T2);
    for (unsigned i = 0; i < 4; i++)
        look_up_quarter(o, T0 + i);
    vex_join_quarters(o, T0, T0, T1);
    vex_join_quarters(o, T2, T2, T3);
    evex_join_halves(o, T0, T0, T2);
}

static void write_cache(struct writer *w, const struct kawpow_op *op)
{
    struct asm_out *o = &w->out;
    unsigned a = need(w, op->a);

    if (w->style->gather) {
        evex_word(o, VPANDD, T1, a, R8, CONSTANT(l1_mask));
        evex_reg(o, VPXORD, T0, T0, T0);
        ASM(o, 0xc5, 0xec, 0x46, 0xd2); /* kxnorw k2, k2, k2: all lanes */
        evex_gather(o, T0, RSI, T1);
    } else {
        evex_word(o, VPANDD, T0, a, R8, CONSTANT(l1_mask));
        look_up_by_loads(o);
    }
}

static void mulhi(struct asm_out *o, unsigned a, unsigned b)
{
    evex_reg(o, VPMULUDQ, T0, a, b);
    evex_shift(o, VSHIFT_Q_IMM, SHIFT_RIGHT, T1, a, 32);
    evex_shift(o, VSHIFT_Q_IMM, SHIFT_RIGHT, T2, b, 32);
    evex_reg(o, VPMULUDQ, T1, T1, T2);
    evex_shift(o, VSHIFT_Q_IMM, SHIFT_RIGHT, T0, T0, 32);
    evex_reg_masked(o, VMOVDQU32_LOAD, T0, 0, T1, MASK_ODD);
}

/* T[dst] = set bits of each byte of `from`. */
static void byte_popcount(struct asm_out *o, unsigned dst, unsigned from)
{
    evex_word(o, VPANDD, T2, from, R8, CONSTANT(nibbles));
    evex_reg(o, VPSHUFB, dst, T4, T2);
    evex_shift(o, VSHIFT_D_IMM, SHIFT_RIGHT, T2, from, 4);
    evex_word(o, VPANDD, T2, T2, R8, CONSTANT(nibbles));
    evex_reg(o, VPSHUFB, T2, T4, T2);
    evex_reg(o, VPADDB, dst, dst, T2);
}

static void popcount_by_nibbles(struct asm_out *o, unsigned a, unsigned b)
{
    evex_mem(o, VMOVDQU32_LOAD, T4, 0, R8, CONSTANT(bits_of_nibble));
    byte_popcount(o, T0, a);
    byte_popcount(o, T1, b);
    evex_reg(o, VPADDB, T0, T0, T1);
    evex_mem(o, VPMADDUBSW, T0, T0, R8, CONSTANT(byte_ones));
    evex_mem(o, VPMADDWD, T0, T0, R8, CONSTANT(word_ones));
}

/* Each of two operands, and the sum. */
static void both(struct asm_out *o, enum evex_op op, unsigned a, unsigned b)
{
    evex_reg(o, op, T0, 0, a);
    evex_reg(o, op, T1, 0, b);
    evex_reg(o, VPADDD, T0, T0, T1);
}

static void write_math(struct writer *w, const struct kawpow_op *op)
{
    static const enum evex_op plain[KAWPOW_MATH_KINDS] = {
        [MATH_ADD] = VPADDD,   [MATH_MUL] = VPMULLD, [MATH_MIN] = VPMINUD, [MATH_ROTL] = VPROLVD,
        [MATH_ROTR] = VPRORVD, [MATH_AND] = VPANDD,  [MATH_OR] = VPORD,    [MATH_XOR] = VPXORD,
    };
    struct asm_out *o = &w->out;
    unsigned a = need(w, op->a), b = need(w, op->b);

    switch ((enum kawpow_math)op->math) {
    case MATH_MULHI:
        mulhi(o, a, b);
        break;
    case MATH_CLZ:
        both(o, VPLZCNTD, a, b);
        break;
    case MATH_POPCOUNT:
        if (w->style->popcount)
            both(o, VPOPCNTD, a, b);
        else
            popcount_by_nibbles(o, a, b);
        break;
    default:
        evex_reg(o, plain[op->math], T0, a, b);
    }
}

/* Lane l takes word 4 * (l ^ loop) + t of the group: the low five bits pick in the half that its
 * lane reads. T3 and T4 keep the first quarters of the halves. */
static void write_dag(struct writer *w, const struct kawpow_op *op)
{
    struct asm_out *o = &w->out;

    if (op->a == 0) {
        evex_mem(o, VMOVDQU32_LOAD, T3, 0, RDX, 0);
        evex_mem(o, VMOVDQU32_LOAD, T4, 0, RCX, 0);
    }
    evex_mem(o, VMOVDQU32_LOAD, T0, 0, R8, CONSTANT(lane_times_4));
    evex_word_at(o, VPXORD, T0, T0, R8, R9, CONSTANT(number) + 4 * op->a);
    evex_reg(o, VMOVDQU32_LOAD, T1, 0, T0);
    evex_mem(o, VPERMI2D, T0, T3, RDX, 64);
    evex_mem(o, VPERMI2D, T1, T4, RCX, 64);
    evex_reg_masked(o, VMOVDQU32_LOAD, T0, 0, T1, MASK_HIGH);
}

/* dst = merge(dst, T0) */
static void write_merge(struct writer *w, const struct kawpow_op *op)
{
    struct asm_out *o = &w->out;
    unsigned d = need(w, op->dst);

    switch ((enum kawpow_merge)op->merge) {
    case MERGE_MUL33_ADD:
        evex_shift(o, VSHIFT_D_IMM, SHIFT_LEFT, T5, d, 5);
        evex_reg(o, VPADDD, T0, T0, d);
        evex_reg(o, VPADDD, d, T0, T5);
        break;
    case MERGE_XOR_MUL33:
        evex_reg(o, VPXORD, d, d, T0);
        evex_shift(o, VSHIFT_D_IMM, SHIFT_LEFT, T5, d, 5);
        evex_reg(o, VPADDD, d, d, T5);
        break;
    case MERGE_ROTL_XOR:
        evex_shift(o, VSHIFT_D_IMM, SHIFT_ROL, d, d, op->turn);
        evex_reg(o, VPXORD, d, d, T0);
        break;
    case MERGE_ROTR_XOR:
        evex_shift(o, VSHIFT_D_IMM, SHIFT_ROR, d, d, op->turn);
        evex_reg(o, VPXORD, d, d, T0);
        break;
    }
    w->changed[op->dst] = true;
}

static void write_op(struct writer *w, const struct kawpow_op *op)
{
    static void (*const kinds[])(struct writer *, const struct kawpow_op *) = {
        [KAWPOW_CACHE] = write_cache, [KAWPOW_MATH] = write_math, [KAWPOW_DAG] = write_dag};

    kinds[op->kind](w, op);
    write_merge(w, op);
    tidy(w);
}

static void write_head(struct asm_out *o)
{
    ASM(o, 0xf3, 0x0f, 0x1e, 0xfa); /* endbr64 */
    ASM(o, 0xb8, 0xaa, 0xaa, 0, 0); /* mov eax, 0xaaaa */
    ASM(o, 0xc5, 0xf8, 0x92, 0xc8); /* kmovw k1, eax: odd words */
    ASM(o, 0xb8, 0x00, 0xff, 0, 0); /* mov eax, 0xff00 */
    ASM(o, 0xc5, 0xf8, 0x92, 0xd8); /* kmovw k3, eax: lanes 8-15 */
}

size_t kawpow_code_write(const struct kawpow_program *program, const struct kawpow_style *style,
                         uint8_t *to, size_t room)
{
    struct writer w = {.out = {.at = to, .end = to + room}, .program = program, .style = style};

    memset(w.home, NOWHERE, sizeof w.home);
    memset(w.holds, NOWHERE, sizeof w.holds);
    write_head(&w.out);
    for (w.now = 0; w.now < KAWPOW_OPS; w.now++)
        write_op(&w, &program->op[w.now]);
    ASM(&w.out, 0xc5, 0xf8, 0x77, 0xc3); /* vzeroupper; ret */
    return w.out.full ? 0 : (size_t)(w.out.at - to);
}

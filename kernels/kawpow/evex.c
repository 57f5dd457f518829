/* SPDX-License-Identifier: MIT */
/* Encodings of the assembler (Intel SDM vol. 2: VEX 2.3.5, EVEX 2.7). */
#include "kernels/kawpow/evex.h"

#include <string.h>

static const struct {
    uint8_t map, prefix, w, opcode;
} ops[] = {
#define EVEX_ROW(name, map, prefix, w, opcode) [name] = {map, prefix, w, opcode},
    EVEX_LIST(EVEX_ROW)
#undef EVEX_ROW
};

enum { ZMM = 2, FULL = 64, WORD = 4, SIB = 4, ONE_BYTE = 1, FOUR_BYTES = 2, DIRECT = 3 };

/* The last operand: a register, or memory. */
struct operand {
    bool memory, broadcast;
    unsigned reg;         /* register */
    unsigned base, index; /* memory; index is a general register, or for a gather a vector */
    bool indexed;
    int32_t disp;
    unsigned scale; /* displacements that are multiples of it fit a byte more often */
};

void asm_bytes(struct asm_out *o, const uint8_t *bytes, size_t len)
{
    if ((size_t)(o->end - o->at) < len) {
        o->full = true;
        return;
    }
    memcpy(o->at, bytes, len);
    o->at += len;
}

static uint8_t modrm(unsigned mod, unsigned reg, unsigned rm)
{
    return (uint8_t)(mod << 6 | (reg & 7) << 3 | (rm & 7));
}

/* Displacements always follow: a base of rbp or r13 means something else without. */
static void put_memory(struct asm_out *o, unsigned reg, const struct operand *m)
{
    int32_t scaled = m->disp / (int32_t)m->scale;
    bool narrow = m->disp % (int32_t)m->scale == 0 && scaled >= -128 && scaled <= 127;
    unsigned mod = narrow ? ONE_BYTE : FOUR_BYTES;
    uint32_t wide = (uint32_t)m->disp;

    if (m->indexed)
        ASM(o, modrm(mod, reg, SIB), (uint8_t)(2 << 6 | (m->index & 7) << 3 | (m->base & 7)));
    else
        ASM(o, modrm(mod, reg, m->base));
    if (narrow)
        ASM(o, (uint8_t)scaled);
    else
        ASM(o, (uint8_t)wide, (uint8_t)(wide >> 8), (uint8_t)(wide >> 16), (uint8_t)(wide >> 24));
}

/* `mask` is the number of the mask register; 0 = all lanes. */
static void emit(struct asm_out *o, enum evex_op op, unsigned reg, unsigned a,
                 const struct operand *b, unsigned mask)
{
    unsigned rm = b->memory ? b->base : b->reg;
    unsigned x = b->memory ? (b->indexed ? b->index >> 3 : 0) : rm >> 4;
    unsigned fifth = b->memory && op == VPGATHERDD ? b->index >> 4 : a >> 4;
    unsigned p1 = (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~rm >> 3 & 1) << 5 |
                  (~reg >> 4 & 1) << 4 | ops[op].map;
    unsigned p2 = (unsigned)ops[op].w << 7 | (~a & 15) << 3 | 4 | ops[op].prefix;
    unsigned p3 = ZMM << 5 | (unsigned)b->broadcast << 4 | (~fifth & 1) << 3 | mask;

    ASM(o, 0x62, (uint8_t)p1, (uint8_t)p2, (uint8_t)p3, ops[op].opcode);
    if (b->memory)
        put_memory(o, reg, b);
    else
        ASM(o, modrm(DIRECT, reg, rm));
}

void evex_reg(struct asm_out *o, enum evex_op op, unsigned dst, unsigned a, unsigned b)
{
    emit(o, op, dst, a, &(struct operand){.reg = b}, 0);
}

void evex_reg_masked(struct asm_out *o, enum evex_op op, unsigned dst, unsigned a, unsigned b,
                     unsigned mask)
{
    emit(o, op, dst, a, &(struct operand){.reg = b}, mask);
}

void evex_mem(struct asm_out *o, enum evex_op op, unsigned dst, unsigned a, enum gpr base,
              int32_t disp)
{
    const struct operand m = {.memory = true, .base = base, .disp = disp, .scale = FULL};

    emit(o, op, dst, a, &m, 0);
}

void evex_word(struct asm_out *o, enum evex_op op, unsigned dst, unsigned a, enum gpr base,
               int32_t disp)
{
    const struct operand m = {
        .memory = true, .broadcast = true, .base = base, .disp = disp, .scale = WORD};

    emit(o, op, dst, a, &m, 0);
}

void evex_word_at(struct asm_out *o, enum evex_op op, unsigned dst, unsigned a, enum gpr base,
                  enum gpr index, int32_t disp)
{
    const struct operand m = {.memory = true,
                              .broadcast = true,
                              .base = base,
                              .indexed = true,
                              .index = index,
                              .disp = disp,
                              .scale = WORD};

    emit(o, op, dst, a, &m, 0);
}

void evex_shift(struct asm_out *o, enum evex_op op, enum evex_shift kind, unsigned dst, unsigned b,
                unsigned count)
{
    emit(o, op, kind, dst, &(struct operand){.reg = b}, 0);
    ASM(o, (uint8_t)count);
}

void evex_join_halves(struct asm_out *o, unsigned dst, unsigned a, unsigned b)
{
    evex_reg(o, VINSERTI64X4, dst, a, b);
    ASM(o, 1);
}

void evex_gather(struct asm_out *o, unsigned dst, enum gpr base, unsigned index)
{
    const struct operand m = {
        .memory = true, .base = base, .indexed = true, .index = index, .scale = WORD};

    emit(o, VPGATHERDD, dst, 0, &m, 2);
}

/* --- VEX: map, W, 256 bits, opcode ------------------------------------------------------------ */

enum vex_op { VMOVD_LOAD, VPINSRD_LOAD, VINSERTI128, VEXTRACTI128, VMOVQ_OUT, VPEXTRQ };

static const struct {
    uint8_t map, w, wide, opcode;
} vex_ops[] = {
    [VMOVD_LOAD] = {1, 0, 0, 0x6e},  [VPINSRD_LOAD] = {3, 0, 0, 0x22},
    [VINSERTI128] = {3, 0, 1, 0x38}, [VEXTRACTI128] = {3, 0, 1, 0x39},
    [VMOVQ_OUT] = {1, 1, 0, 0x7e},   [VPEXTRQ] = {3, 1, 0, 0x16},
};

/* Prefix and opcode; `x` is the index register, 0 where there is none. */
static void put_vex(struct asm_out *o, enum vex_op op, unsigned reg, unsigned a, unsigned x,
                    unsigned rm)
{
    unsigned p1 = (~reg >> 3 & 1) << 7 | (~x >> 3 & 1) << 6 | (~rm >> 3 & 1) << 5 | vex_ops[op].map;
    unsigned p2 =
        (unsigned)vex_ops[op].w << 7 | (~a & 15) << 3 | (unsigned)vex_ops[op].wide << 2 | 1;

    ASM(o, 0xc4, (uint8_t)p1, (uint8_t)p2, vex_ops[op].opcode);
}

static void vex_reg(struct asm_out *o, enum vex_op op, unsigned reg, unsigned a, unsigned rm)
{
    put_vex(o, op, reg, a, 0, rm);
    ASM(o, modrm(DIRECT, reg, rm));
}

/* ... [base + 4 * index] */
static void vex_word_at(struct asm_out *o, enum vex_op op, unsigned reg, unsigned a, enum gpr base,
                        enum gpr index)
{
    put_vex(o, op, reg, a, index, base);
    ASM(o, modrm(0, reg, SIB), (uint8_t)(2 << 6 | (index & 7) << 3 | (base & 7)));
}

void vex_load_word(struct asm_out *o, unsigned dst, enum gpr base, enum gpr index)
{
    vex_word_at(o, VMOVD_LOAD, dst, 0, base, index);
}

void vex_insert_word(struct asm_out *o, unsigned dst, enum gpr base, enum gpr index, unsigned i)
{
    vex_word_at(o, VPINSRD_LOAD, dst, dst, base, index);
    ASM(o, (uint8_t)i);
}

void vex_join_quarters(struct asm_out *o, unsigned dst, unsigned a, unsigned b)
{
    vex_reg(o, VINSERTI128, dst, a, b);
    ASM(o, 1);
}

void vex_second_quarter(struct asm_out *o, unsigned dst, unsigned a)
{
    vex_reg(o, VEXTRACTI128, a, 0, dst);
    ASM(o, 1);
}

void vex_pair_out(struct asm_out *o, enum gpr dst, unsigned a, unsigned pair)
{
    vex_reg(o, pair ? VPEXTRQ : VMOVQ_OUT, a, 0, dst);
    if (pair)
        ASM(o, 1);
}

void asm_split(struct asm_out *o, enum gpr low, enum gpr pair)
{
    uint8_t both = (uint8_t)(0x40 | (pair >> 3) << 2 | (low >> 3)),
            one = (uint8_t)(0x48 | pair >> 3);

    ASM(o, both, 0x89, modrm(DIRECT, pair, low));  /* mov low, pair: 32 bits */
    ASM(o, one, 0xc1, modrm(DIRECT, 5, pair), 32); /* shr pair, 32 */
}

void evex_second_half(struct asm_out *o, unsigned dst, unsigned a)
{
    evex_reg(o, VEXTRACTI64X4, a, 0, dst);
    ASM(o, 1);
}

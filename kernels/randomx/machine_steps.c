/* SPDX-License-Identifier: MIT */
/* The instructions of RandomX programs as x86-64 code (RandomX specification, section 5). */
#include "kernels/randomx/machine_writer.h"
#include "kernels/randomx/superscalar.h"

enum {
    L1_MASK = (16 << 10) - 8,
    L2_MASK = (256 << 10) - 8,
    L3_MASK = (2 << 20) - 8,
    MXCSR_MASK = 0x6000,
    MXCSR_REST = 0x9fc0, /* denormals are zero, no exception is raised */
    NEEDS_DISPLACEMENT = 5,
    STORES_L3_FROM = 14,
};

/* --- memory operands ------------------------------------------------------------------------- */

static uint32_t small_mask(const struct operands *o)
{
    return o->mod & 3 ? L1_MASK : L2_MASK;
}

/* to (eax or ecx) = (r + imm) & mask, the offset in the scratchpad */
static void pad_offset(struct writer *w, unsigned to, unsigned r, uint32_t imm, uint32_t mask)
{
    EMIT(&w->e, 0x41, 0x8d, modrm(2, to, r)); /* lea */
    if (r == 4)
        EMIT(&w->e, 0x24);
    emit_u32(&w->e, imm);
    if (to == RAX)
        EMIT(&w->e, 0x25);
    else
        EMIT(&w->e, 0x81, modrm(3, 4, to));
    emit_u32(&w->e, mask);
}

/* Writes the address of a step's source and the operand with it: `op` is what comes before. */
static void with_source(struct writer *w, const struct operands *o, const uint8_t *op, size_t len,
                        unsigned reg, unsigned index)
{
    if (o->src != o->dst) {
        pad_offset(w, index, o->src, o->imm, small_mask(o));
        emit_bytes(&w->e, op, len);
        pad_operand(w, reg, index);
        return;
    }
    emit_bytes(&w->e, op, len);
    EMIT(&w->e, modrm(2, reg, w->pad));
    emit_u32(&w->e, o->imm & L3_MASK);
}

static void changed(struct writer *w, unsigned r)
{
    w->behind[r] = w->e.at;
}

/* --- whole numbers --------------------------------------------------------------------------- */

/* r op= r */
static void two_registers(struct writer *w, const struct operands *o, uint8_t opcode)
{
    EMIT(&w->e, 0x4d, opcode, modrm(3, o->dst, o->src));
    changed(w, o->dst);
}

/* r op= imm: `extension` of opcode 81 */
static void with_word(struct writer *w, const struct operands *o, unsigned extension)
{
    EMIT(&w->e, 0x49, 0x81, modrm(3, extension, o->dst));
    emit_u32(&w->e, o->imm);
    changed(w, o->dst);
}

/* r op= memory */
static void with_memory(struct writer *w, const struct operands *o, uint8_t opcode)
{
    const uint8_t op[] = {0x4c, opcode};

    with_source(w, o, op, sizeof op, o->dst, RAX);
    changed(w, o->dst);
}

static void iadd_rs(struct writer *w, const struct operands *o)
{
    const uint8_t sib = (uint8_t)((o->mod >> 2 & 3) << 6 | o->src << 3 | o->dst);
    const bool displaced = o->dst == NEEDS_DISPLACEMENT;

    EMIT(&w->e, 0x4f, 0x8d, modrm(displaced ? 2 : 0, o->dst, 4), sib); /* lea */
    if (displaced)
        emit_u32(&w->e, o->imm);
    changed(w, o->dst);
}

static void iadd_m(struct writer *w, const struct operands *o)
{
    with_memory(w, o, 0x03);
}

static void isub_r(struct writer *w, const struct operands *o)
{
    if (o->src != o->dst)
        two_registers(w, o, 0x2b);
    else
        with_word(w, o, 5);
}

static void isub_m(struct writer *w, const struct operands *o)
{
    with_memory(w, o, 0x2b);
}

static void imul_r(struct writer *w, const struct operands *o)
{
    if (o->src != o->dst) {
        EMIT(&w->e, 0x4d, 0x0f, 0xaf, modrm(3, o->dst, o->src));
    } else {
        EMIT(&w->e, 0x4d, 0x69, modrm(3, o->dst, o->dst));
        emit_u32(&w->e, o->imm);
    }
    changed(w, o->dst);
}

static void imul_m(struct writer *w, const struct operands *o)
{
    static const uint8_t op[] = {0x4c, 0x0f, 0xaf};

    with_source(w, o, op, sizeof op, o->dst, RAX);
    changed(w, o->dst);
}

enum { UNSIGNED = 4, SIGNED = 5 }; /* extensions of opcode f7 */

static void high_half(struct writer *w, const struct operands *o, unsigned extension)
{
    EMIT(&w->e, 0x4c, 0x89, modrm(3, o->dst, RAX));       /* mov rax, dst */
    EMIT(&w->e, 0x49, 0xf7, modrm(3, extension, o->src)); /* mul src */
    EMIT(&w->e, 0x4c, 0x8b, modrm(3, o->dst, RDX));       /* mov dst, rdx */
    changed(w, o->dst);
}

static void high_half_memory(struct writer *w, const struct operands *o, unsigned extension)
{
    /* mov rax, dst: it stays what it is while the address is made in rcx */
    const uint8_t op[] = {0x4c, 0x89, modrm(3, o->dst, RAX), 0x48, 0xf7};

    with_source(w, o, op, sizeof op, extension, RCX);
    EMIT(&w->e, 0x4c, 0x8b, modrm(3, o->dst, RDX));
    changed(w, o->dst);
}

static void imulh_r(struct writer *w, const struct operands *o)
{
    high_half(w, o, UNSIGNED);
}

static void imulh_m(struct writer *w, const struct operands *o)
{
    high_half_memory(w, o, UNSIGNED);
}

static void ismulh_r(struct writer *w, const struct operands *o)
{
    high_half(w, o, SIGNED);
}

static void ismulh_m(struct writer *w, const struct operands *o)
{
    high_half_memory(w, o, SIGNED);
}

static void imul_rcp(struct writer *w, const struct operands *o)
{
    if (!(o->imm & (o->imm - 1)))
        return;              /* nothing, and no change of the register */
    EMIT(&w->e, 0x48, 0xb8); /* mov rax, reciprocal */
    emit_u64(&w->e, rx_reciprocal(o->imm));
    EMIT(&w->e, 0x4c, 0x0f, 0xaf, modrm(3, o->dst, RAX));
    changed(w, o->dst);
}

static void ineg_r(struct writer *w, const struct operands *o)
{
    EMIT(&w->e, 0x49, 0xf7, modrm(3, 3, o->dst));
    changed(w, o->dst);
}

static void ixor_r(struct writer *w, const struct operands *o)
{
    if (o->src != o->dst)
        two_registers(w, o, 0x33);
    else
        with_word(w, o, 6);
}

static void ixor_m(struct writer *w, const struct operands *o)
{
    with_memory(w, o, 0x33);
}

static void rotate(struct writer *w, const struct operands *o, unsigned extension)
{
    if (o->src != o->dst) {
        EMIT(&w->e, 0x44, 0x89, modrm(3, o->src, RCX)); /* mov ecx, src */
        EMIT(&w->e, 0x49, 0xd3, modrm(3, extension, o->dst));
    } else {
        EMIT(&w->e, 0x49, 0xc1, modrm(3, extension, o->dst), (uint8_t)(o->imm & 63));
    }
    changed(w, o->dst);
}

static void iror_r(struct writer *w, const struct operands *o)
{
    rotate(w, o, 1);
}

static void irol_r(struct writer *w, const struct operands *o)
{
    rotate(w, o, 0);
}

static void iswap_r(struct writer *w, const struct operands *o)
{
    if (o->src == o->dst)
        return;
    EMIT(&w->e, 0x4d, 0x87, modrm(3, o->dst, o->src)); /* xchg */
    changed(w, o->dst);
    changed(w, o->src);
}

static void istore(struct writer *w, const struct operands *o)
{
    uint32_t mask = o->mod >> 4 >= STORES_L3_FROM ? (uint32_t)L3_MASK : small_mask(o);

    pad_offset(w, RAX, o->dst, o->imm, mask);
    EMIT(&w->e, 0x4c, 0x89);
    pad_operand(w, o->src, RAX);
}

/* --- fractions ------------------------------------------------------------------------------- */

/* xmm12 = two words of the scratchpad as doubles */
static void load_pair(struct writer *w, const struct operands *o)
{
    pad_offset(w, RAX, o->src, o->imm, small_mask(o));
    EMIT(&w->e, 0xf3, 0x44, 0x0f, 0xe6); /* cvtdq2pd */
    pad_operand(w, SPARE, RAX);
}

static void fswap_r(struct writer *w, const struct operands *o)
{
    packed(w, 0xc6, o->dst, o->dst); /* shufpd */
    EMIT(&w->e, 1);
}

static void fadd_r(struct writer *w, const struct operands *o)
{
    packed(w, 0x58, o->dst & 3, A0 + (o->src & 3));
}

static void fadd_m(struct writer *w, const struct operands *o)
{
    load_pair(w, o);
    packed(w, 0x58, o->dst & 3, SPARE);
}

static void fsub_r(struct writer *w, const struct operands *o)
{
    packed(w, 0x5c, o->dst & 3, A0 + (o->src & 3));
}

static void fsub_m(struct writer *w, const struct operands *o)
{
    load_pair(w, o);
    packed(w, 0x5c, o->dst & 3, SPARE);
}

static void fscal_r(struct writer *w, const struct operands *o)
{
    packed(w, 0x57, o->dst & 3, SCALE); /* xorpd */
}

static void fmul_r(struct writer *w, const struct operands *o)
{
    packed(w, 0x59, E0 + (o->dst & 3), A0 + (o->src & 3));
}

static void fdiv_m(struct writer *w, const struct operands *o)
{
    load_pair(w, o);
    packed(w, 0x54, SPARE, FRACTION); /* andpd */
    packed(w, 0x56, SPARE, E_MASK);   /* orpd */
    packed(w, 0x5e, E0 + (o->dst & 3), SPARE);
}

static void fsqrt_r(struct writer *w, const struct operands *o)
{
    packed(w, 0x51, E0 + (o->dst & 3), E0 + (o->dst & 3));
}

/* --- control --------------------------------------------------------------------------------- */

static void cbranch(struct writer *w, const struct operands *o)
{
    enum { CONDITION_BITS = 8 };
    const unsigned bit = (o->mod >> 4) + CONDITION_BITS;
    const uint32_t add = (o->imm | 1u << bit) & ~(1u << (bit - 1));

    EMIT(&w->e, 0x49, 0x81, modrm(3, 0, o->dst)); /* add dst, word */
    emit_u32(&w->e, add);
    EMIT(&w->e, 0x49, 0xf7, modrm(3, 0, o->dst)); /* test dst, word */
    emit_u32(&w->e, 0xffu << bit);
    ptrdiff_t distance = w->behind[o->dst] - (w->e.at + 2);
    if (distance >= -128) {
        EMIT(&w->e, 0x74, (uint8_t)distance); /* jz */
    } else {
        EMIT(&w->e, 0x0f, 0x84);
        emit_u32(&w->e, (uint32_t)(distance - 4));
    }
    for (unsigned i = 0; i < 8; i++)
        changed(w, i);
}

static void cfround(struct writer *w, const struct operands *o)
{
    enum { ROUNDING_BIT = 13 };

    EMIT(&w->e, 0x4c, 0x89, modrm(3, o->src, RAX));                         /* mov */
    EMIT(&w->e, 0x48, 0xc1, 0xc0, (uint8_t)((ROUNDING_BIT - o->imm) & 63)); /* rol */
    EMIT(&w->e, 0x25);                                                      /* and */
    emit_u32(&w->e, MXCSR_MASK);
    EMIT(&w->e, 0x0d); /* or */
    emit_u32(&w->e, MXCSR_REST);
    EMIT(&w->e, 0x89); /* mov lane's, eax */
    frame_operand(&w->e, RAX, LANE(w, rounding));
    set_rounding(w);
}

/* --- the table ------------------------------------------------------------------------------- */

#define X1(f)  f,
#define X2(f)  X1(f) X1(f)
#define X4(f)  X2(f) X2(f)
#define X8(f)  X4(f) X4(f)
#define X16(f) X8(f) X8(f)

/* By opcode. Source: the specification, table 5.1, frequencies of 256. */
/* clang-format off */
step_fn *const machine_steps[256] = {
    X16(iadd_rs) X4(iadd_m) X2(iadd_m) X1(iadd_m)
    X16(isub_r) X4(isub_m) X2(isub_m) X1(isub_m)
    X16(imul_r) X4(imul_m) X4(imulh_r) X1(imulh_m) X4(ismulh_r) X1(ismulh_m)
    X8(imul_rcp) X2(ineg_r)
    X8(ixor_r) X4(ixor_r) X2(ixor_r) X1(ixor_r) X4(ixor_m) X1(ixor_m)
    X8(iror_r) X2(irol_r) X4(iswap_r)
    X4(fswap_r) X16(fadd_r) X4(fadd_m) X1(fadd_m) X16(fsub_r) X4(fsub_m) X1(fsub_m)
    X4(fscal_r) X2(fscal_r) X16(fmul_r) X16(fmul_r) X4(fdiv_m) X4(fsqrt_r) X2(fsqrt_r)
    X16(cbranch) X8(cbranch) X1(cbranch) X1(cfround) X16(istore)
};
/* clang-format on */

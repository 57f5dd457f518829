/* SPDX-License-Identifier: MIT */
/* What the writers of RandomX code share: where things are while it runs.
 *
 * r0..r7 are r8..r15, f0..f3 xmm0..3, e0..e3 xmm4..7, a0..a3 xmm8..11; xmm12 is free, xmm13 the
 * fraction mask, xmm14 the E mask, xmm15 the mask of FSCAL_R. rsi and rdi are the scratchpads, rbp
 * the dataset, rbx the frame; rax, rcx and rdx are free. */
#pragma once

#include "kernels/randomx/emit.h"
#include "kernels/randomx/machine_code.h"

enum { BIAS = 128 }; /* rbx points so far into the frame, for more short displacements */
enum { A0 = 8, SPARE = 12, FRACTION = 13, E_MASK = 14, SCALE = 15, E0 = 4 };

struct writer {
    struct emit e;
    unsigned count, lane;     /* machines; the one that is written */
    uint8_t pad;              /* its scratchpad: RSI or RDI */
    const uint8_t *behind[8]; /* the last change of each register */
    const uint8_t *start;     /* of the program */
};

/* A step with its registers in range. */
struct operands {
    unsigned dst, src, mod;
    uint32_t imm;
};

/* Writes a step. */
typedef void step_fn(struct writer *, const struct operands *);

extern step_fn *const machine_steps[256]; /* by opcode; none writes more than STEP_BYTES_MAX */
enum { STEP_BYTES_MAX = 64 };

static inline uint8_t modrm(unsigned mod, unsigned reg, unsigned rm)
{
    return (uint8_t)(mod << 6 | (reg & 7) << 3 | (rm & 7));
}

/* ModRM and displacement of a place in the frame. */
static inline void frame_operand(struct emit *e, unsigned reg, size_t offset)
{
    int32_t disp = (int32_t)offset - BIAS;

    if (disp >= -128 && disp <= 127) {
        EMIT(e, modrm(1, reg, RBX), (uint8_t)disp);
        return;
    }
    EMIT(e, modrm(2, reg, RBX));
    emit_u32(e, (uint32_t)disp);
}

static inline size_t in_lane(const struct writer *w, size_t offset)
{
    return offsetof(struct frame, lane) + w->lane * sizeof(struct lane) + offset;
}
#define LANE(w, member) in_lane(w, offsetof(struct lane, member))
#define FRAME(member)   offsetof(struct frame, member)

/* ModRM and SIB of [pad + index] */
static inline void pad_operand(struct writer *w, unsigned reg, unsigned index)
{
    EMIT(&w->e, modrm(0, reg, 4), (uint8_t)(index << 3 | w->pad));
}

/* op xmm, xmm: 66 0f opcode */
static inline void packed(struct writer *w, uint8_t opcode, unsigned dst, unsigned src)
{
    EMIT(&w->e, 0x66);
    if (dst >= 8 || src >= 8)
        EMIT(&w->e, (uint8_t)(0x40 | (dst >> 3) << 2 | src >> 3));
    EMIT(&w->e, 0x0f, opcode, modrm(3, dst, src));
}

/* Changing MXCSR waits for all that is under way: only where it differs. eax is the new value. */
static inline void set_rounding(struct writer *w)
{
    EMIT(&w->e, 0x3b); /* cmp eax, now */
    frame_operand(&w->e, RAX, FRAME(rounding));
    EMIT(&w->e, 0x74, 0); /* je */
    uint8_t *from = w->e.at;
    EMIT(&w->e, 0x89); /* mov now, eax */
    frame_operand(&w->e, RAX, FRAME(rounding));
    EMIT(&w->e, 0x0f, 0xae); /* ldmxcsr */
    frame_operand(&w->e, 2, FRAME(rounding));
    from[-1] = (uint8_t)(w->e.at - from);
}

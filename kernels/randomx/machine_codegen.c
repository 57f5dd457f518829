/* SPDX-License-Identifier: MIT */
/* RandomX programs as x86-64 code: what is around their instructions (RandomX specification,
 * section 4.6.2). */
#include "kernels/randomx/machine_writer.h"

enum {
    LINE_MASK = (2 << 20) - 64,
    DATASET_MASK = 0x7fffffc0,
    AROUND_BYTES_MAX = 1024,
};

/* --- an iteration ---------------------------------------------------------------------------- */

/* Which registers a program's configuration names, as r0..r7. */
static unsigned address_register(const struct program *p, unsigned i)
{
    return 2 * i + (unsigned)(p->word[12] >> i & 1);
}

/* A quad register to or from the frame: opcode 8b or 89. */
static void quad(struct emit *e, uint8_t opcode, unsigned reg, size_t offset)
{
    EMIT(e, (uint8_t)(0x48 | (reg >> 3) << 2), opcode);
    frame_operand(e, reg, offset);
}

static void word(struct emit *e, uint8_t opcode, unsigned reg, size_t offset)
{
    EMIT(e, opcode);
    frame_operand(e, reg, offset);
}

/* movaps xmm, or to the frame: opcode 28 or 29 */
static void aligned(struct emit *e, uint8_t opcode, unsigned reg, size_t offset)
{
    if (reg >= 8)
        EMIT(e, 0x44);
    EMIT(e, 0x0f, opcode);
    frame_operand(e, reg, offset);
}

static void load_constants(struct writer *w)
{
    for (unsigned i = 0; i < 4; i++)
        aligned(&w->e, 0x28, A0 + i, LANE(w, a) + 16 * (size_t)i);
    aligned(&w->e, 0x28, E_MASK, LANE(w, e_mask));
}

static void load_registers(struct writer *w)
{
    for (unsigned i = 0; i < 8; i++)
        quad(&w->e, 0x8b, R8 + i, LANE(w, r) + 8 * (size_t)i);
}

/* Takes the machine's state out of the frame, when it shares the registers with another. */
static void take_turn(struct writer *w)
{
    load_registers(w);
    load_constants(w);
    word(&w->e, 0x8b, RAX, LANE(w, rounding));
    set_rounding(w);
}

/* lea rcx, [pad + rax or rdx] */
static void line_at(struct writer *w, unsigned index)
{
    EMIT(&w->e, 0x48, 0x8d);
    pad_operand(w, RCX, index);
}

static void read_lines(struct writer *w)
{
    word(&w->e, 0x8b, RAX, LANE(w, at0));
    word(&w->e, 0x8b, RDX, LANE(w, at1));
    line_at(w, RAX);
    for (unsigned i = 0; i < 8; i++)
        EMIT(&w->e, 0x4c, 0x33, modrm(1, i, RCX), (uint8_t)(8 * i)); /* xor r, [rcx] */
    line_at(w, RDX);
    for (unsigned i = 0; i < 8; i++)
        EMIT(&w->e, 0xf3, 0x0f, 0xe6, modrm(1, i, RCX), (uint8_t)(8 * i)); /* cvtdq2pd */
    for (unsigned i = 0; i < 4; i++) {
        packed(w, 0x54, E0 + i, FRACTION);
        packed(w, 0x56, E0 + i, E_MASK);
    }
}

static void run_program(struct writer *w, const struct program *p)
{
    w->start = w->e.at;
    for (unsigned i = 0; i < 8; i++)
        w->behind[i] = w->start;
    for (const struct step *s = p->step; s < p->step + PROGRAM_STEPS; s++) {
        const struct operands o = {s->dst & 7, s->src & 7, s->mod, s->imm};
        machine_steps[s->opcode](w, &o);
    }
}

/* and word, then [rbp + reg + offset]: prefetchnta or lea rcx */
static void dataset_operand(struct emit *e, unsigned reg, unsigned index, uint32_t offset)
{
    EMIT(e, modrm(2, reg, 4), (uint8_t)(index << 3 | RBP));
    emit_u32(e, offset);
}

/* Asks for the next line of the dataset and mixes the one that was asked for before. */
static void read_dataset(struct writer *w, const struct program *p)
{
    const unsigned a = address_register(p, 2), b = address_register(p, 3);
    const uint32_t offset = program_dataset_offset(p);

    EMIT(&w->e, 0x44, 0x89, modrm(3, a, RAX)); /* mov eax, a */
    EMIT(&w->e, 0x44, 0x31, modrm(3, b, RAX)); /* xor eax, b */
    word(&w->e, 0x33, RAX, LANE(w, mx));
    word(&w->e, 0x8b, RDX, LANE(w, ma));
    EMIT(&w->e, 0x25); /* and eax */
    emit_u32(&w->e, DATASET_MASK);
    EMIT(&w->e, 0x0f, 0x18); /* prefetchnta */
    dataset_operand(&w->e, 0, RAX, offset);
    word(&w->e, 0x89, RAX, LANE(w, ma)); /* they change places */
    word(&w->e, 0x89, RDX, LANE(w, mx));
    EMIT(&w->e, 0x48, 0x8d); /* lea rcx */
    dataset_operand(&w->e, RCX, RDX, offset);
    for (unsigned i = 0; i < 8; i++)
        EMIT(&w->e, 0x4c, 0x33, modrm(1, i, RCX), (uint8_t)(8 * i));
}

/* Stores what the iteration made, and asks for the lines of the next one. */
static void write_lines(struct writer *w, const struct program *p)
{
    const unsigned a = address_register(p, 0), b = address_register(p, 1);

    word(&w->e, 0x8b, RDX, LANE(w, at1));
    line_at(w, RDX);
    for (unsigned i = 0; i < 8; i++)
        EMIT(&w->e, 0x4c, 0x89, modrm(1, i, RCX), (uint8_t)(8 * i));
    word(&w->e, 0x8b, RAX, LANE(w, at0));
    word(&w->e, 0x89, RAX, LANE(w, f_at));
    line_at(w, RAX);
    for (unsigned i = 0; i < 4; i++) {
        packed(w, 0x57, i, E0 + i);
        EMIT(&w->e, 0x0f, 0x29, modrm(1, i, RCX), (uint8_t)(16 * i)); /* movaps */
    }
    EMIT(&w->e, 0x4c, 0x89, modrm(3, a, RAX));     /* mov rax, a */
    EMIT(&w->e, 0x4c, 0x31, modrm(3, b, RAX));     /* xor rax, b */
    EMIT(&w->e, 0x48, 0x89, modrm(3, RAX, RDX));   /* mov rdx, rax */
    EMIT(&w->e, 0x48, 0xc1, modrm(3, 5, RDX), 32); /* shr rdx, 32 */
    EMIT(&w->e, 0x25);                             /* and eax */
    emit_u32(&w->e, LINE_MASK);
    EMIT(&w->e, 0x81, modrm(3, 4, RDX)); /* and edx */
    emit_u32(&w->e, LINE_MASK);
    EMIT(&w->e, 0x0f, 0x18); /* prefetcht0 */
    pad_operand(w, 1, RAX);
    EMIT(&w->e, 0x0f, 0x18);
    pad_operand(w, 1, RDX);
    word(&w->e, 0x89, RAX, LANE(w, at0));
    word(&w->e, 0x89, RDX, LANE(w, at1));
}

static void give_turn(struct writer *w)
{
    for (unsigned i = 0; i < 8; i++)
        quad(&w->e, 0x89, R8 + i, LANE(w, r) + 8 * (size_t)i);
    for (unsigned i = 0; i < 4; i++)
        aligned(&w->e, 0x29, E0 + i, LANE(w, e) + 16 * (size_t)i);
}

static bool iterate(struct writer *w, const struct program *p)
{
    if (!emit_has(&w->e, (size_t)PROGRAM_STEPS * STEP_BYTES_MAX + AROUND_BYTES_MAX))
        return false;
    if (w->count > 1)
        take_turn(w);
    read_lines(w);
    run_program(w, p);
    read_dataset(w, p);
    write_lines(w, p);
    if (w->count > 1)
        give_turn(w);
    return true;
}

/* --- all ------------------------------------------------------------------------------------- */

static void begin(struct writer *w)
{
    EMIT(&w->e, 0x53, 0x55, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57); /* push */
    EMIT(&w->e, 0x48, 0x8d, modrm(2, RBX, RDI));                             /* lea rbx, [rdi] */
    emit_u32(&w->e, BIAS);
    quad(&w->e, 0x8b, RSI, FRAME(pad[0]));
    quad(&w->e, 0x8b, RDI, FRAME(pad[1]));
    quad(&w->e, 0x8b, RBP, FRAME(dataset));
    aligned(&w->e, 0x28, FRACTION, FRAME(fraction));
    aligned(&w->e, 0x28, SCALE, FRAME(scale));
    if (w->count == 1) {
        w->lane = 0;
        take_turn(w);
    }
}

static void end(struct writer *w, const uint8_t *loop)
{
    EMIT(&w->e, 0xff); /* dec left */
    frame_operand(&w->e, 1, FRAME(left));
    EMIT(&w->e, 0x0f, 0x85); /* jnz */
    emit_u32(&w->e, (uint32_t)(loop - (w->e.at + 4)));
    if (w->count == 1)
        give_turn(w);
    EMIT(&w->e, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3); /* pop; ret */
}

size_t machine_write(const struct program *programs, unsigned count, uint8_t *code, size_t room)
{
    struct writer w = {.e = {code, code + room}, .count = count, .pad = RSI};

    if (!emit_has(&w.e, AROUND_BYTES_MAX))
        return 0;
    begin(&w);
    while ((uintptr_t)w.e.at % 64)
        EMIT(&w.e, 0x90);
    const uint8_t *loop = w.e.at;
    for (w.lane = 0; w.lane < count; w.lane++) {
        w.pad = w.lane ? RDI : RSI;
        if (!iterate(&w, &programs[w.lane]))
            return 0;
    }
    w.lane = 0;
    end(&w, loop);
    return (size_t)(w.e.at - code);
}

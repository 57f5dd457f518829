/* SPDX-License-Identifier: MIT */
/* Superscalar programs as AVX-512 code: register r of eight items is zmm r, one item a lane. While
 * a program runs, the lines that end it are on their way from memory. */
#include "kernels/randomx/emit.h"
#include "kernels/randomx/items_jit.h"

enum { FRAME = 120 }; /* bytes of stack: a register's lanes, aligned */

/* zmm registers behind r0..r7 */
enum { LOW32 = 31, SHIFTED = 8, ROW = 16, SPARE = 24 };

/* map, prefix, W, opcode */
#define OPS(X)                                                                                     \
    X(VPADDQ, 1, 1, 1, 0xd4)                                                                       \
    X(VPSUBQ, 1, 1, 1, 0xfb)                                                                       \
    X(VPXORQ, 1, 1, 1, 0xef)                                                                       \
    X(VPANDQ, 1, 1, 1, 0xdb)                                                                       \
    X(VPMULLQ, 2, 1, 1, 0x40)                                                                      \
    X(VPMULUDQ, 1, 1, 1, 0xf4)                                                                     \
    X(VSHIFTQ, 1, 1, 1, 0x73)                                                                      \
    X(VROTQ, 1, 1, 1, 0x72)                                                                        \
    X(VPMOVQ2M, 2, 2, 1, 0x39)                                                                     \
    X(VLOAD, 1, 1, 1, 0x6f)                                                                        \
    X(VSTORE, 1, 1, 1, 0x7f)                                                                       \
    X(VSTREAM, 1, 1, 0, 0xe7)                                                                      \
    X(VPUNPCKL, 1, 1, 1, 0x6c)                                                                     \
    X(VPUNPCKH, 1, 1, 1, 0x6d)                                                                     \
    X(VSHUFQ2, 3, 1, 1, 0x43)                                                                      \
    X(VBROADCASTQ, 2, 1, 1, 0x59)

enum op {
#define ENUM(name, map, prefix, w, opcode) name,
    OPS(ENUM)
#undef ENUM
};

static const struct {
    uint8_t map, prefix, w, opcode;
} ops[] = {
#define ROW_OF(name, map, prefix, w, opcode) [name] = {map, prefix, w, opcode},
    OPS(ROW_OF)
#undef ROW_OF
};

enum { SHIFT_RIGHT = 2, SHIFT_LEFT = 6, ROTATE_RIGHT = 0 };

struct maker {
    struct emit e;
    uint64_t *constants;
    unsigned count; /* of constants */
};

/* The constants that every program begins with. */
enum { C_MASK32, C_LINE_MASK, C_FACTOR, C_ONE, C_XOR, C_FIRST_FREE = C_XOR + SUPER_REGS };

static void head(struct maker *m, enum op op, unsigned reg, unsigned a, unsigned x, unsigned rm,
                 unsigned low)
{
    EMIT(&m->e, 0x62,
         (uint8_t)((~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~rm >> 3 & 1) << 5 |
                   (~reg >> 4 & 1) << 4 | ops[op].map),
         (uint8_t)((unsigned)ops[op].w << 7 | (~a & 15) << 3 | 4 | ops[op].prefix),
         (uint8_t)(2 << 5 | (~a >> 4 & 1) << 3 | low), ops[op].opcode);
}

/* reg = op(a, b) in the lanes of a mask; 0 = in all */
static void masked(struct maker *m, enum op op, unsigned reg, unsigned a, unsigned b, unsigned mask)
{
    head(m, op, reg, a, b >> 4, b, mask);
    EMIT(&m->e, (uint8_t)(3 << 6 | (reg & 7) << 3 | (b & 7)));
}

static void put(struct maker *m, enum op op, unsigned reg, unsigned a, unsigned b)
{
    masked(m, op, reg, a, b, 0);
}

static void put_imm(struct maker *m, enum op op, unsigned reg, unsigned a, unsigned b, unsigned imm)
{
    put(m, op, reg, a, b);
    EMIT(&m->e, (uint8_t)imm);
}

static void shift(struct maker *m, enum op op, unsigned kind, unsigned dst, unsigned b, unsigned by)
{
    put_imm(m, op, kind, dst, b, by);
}

/* The memory operand base + disp, base below r8 and neither rsp nor rbp. */
static void address(struct maker *m, unsigned reg, enum emit_reg base, int32_t disp)
{
    EMIT(&m->e, (uint8_t)(2 << 6 | (reg & 7) << 3 | base));
    emit_u32(&m->e, (uint32_t)disp);
}

static void put_mem(struct maker *m, enum op op, unsigned reg, unsigned a, enum emit_reg base,
                    int32_t disp)
{
    head(m, op, reg, a, 0, base, 0);
    address(m, reg, base, disp);
}

/* b = a constant for all lanes */
static void put_constant(struct maker *m, enum op op, unsigned reg, unsigned a, unsigned at)
{
    head(m, op, reg, a, 0, RSI, 1 << 4);
    address(m, reg, RSI, (int32_t)(8 * at));
}

static unsigned constant(struct maker *m, uint64_t value)
{
    m->constants[m->count] = value;
    return m->count++;
}

/* --- steps ----------------------------------------------------------------------------------- */

/* dst = high half of a * b. With a = A * 2^32 + a' and so on: hh = A * B, lh = a' * B, ... */
static void high_half(struct maker *m, unsigned dst, unsigned a, unsigned b)
{
    enum { AH = 8, BH, LL, LH, HL, HH, TMP };

    shift(m, VSHIFTQ, SHIFT_RIGHT, AH, a, 32);
    shift(m, VSHIFTQ, SHIFT_RIGHT, BH, b, 32);
    put(m, VPMULUDQ, LL, a, b);
    put(m, VPMULUDQ, LH, a, BH);
    put(m, VPMULUDQ, HL, AH, b);
    put(m, VPMULUDQ, HH, AH, BH);
    shift(m, VSHIFTQ, SHIFT_RIGHT, LL, LL, 32);
    put(m, VPADDQ, LH, LH, LL);
    put(m, VPANDQ, TMP, LH, LOW32);
    put(m, VPADDQ, HL, HL, TMP);
    shift(m, VSHIFTQ, SHIFT_RIGHT, LH, LH, 32);
    put(m, VPADDQ, HH, HH, LH);
    shift(m, VSHIFTQ, SHIFT_RIGHT, HL, HL, 32);
    put(m, VPADDQ, dst, HH, HL);
}

/* The unsigned half less b where a is negative, less a where b is. */
static void high_half_signed(struct maker *m, unsigned dst, unsigned src)
{
    enum { RESULT = 15, A_NEGATIVE = 1, B_NEGATIVE };

    put(m, VPMOVQ2M, A_NEGATIVE, 0, dst);
    put(m, VPMOVQ2M, B_NEGATIVE, 0, src);
    high_half(m, RESULT, dst, src);
    masked(m, VPSUBQ, RESULT, RESULT, src, A_NEGATIVE);
    masked(m, VPSUBQ, RESULT, RESULT, dst, B_NEGATIVE);
    put(m, VLOAD, dst, 0, RESULT);
}

static void put_step(struct maker *m, const struct super_step *s)
{
    switch (s->op) {
    case SUPER_SUB:
        put(m, VPSUBQ, s->dst, s->dst, s->src);
        break;
    case SUPER_XOR:
        put(m, VPXORQ, s->dst, s->dst, s->src);
        break;
    case SUPER_ADD_SHIFTED:
        if (s->value)
            shift(m, VSHIFTQ, SHIFT_LEFT, SHIFTED, s->src, (unsigned)s->value);
        put(m, VPADDQ, s->dst, s->dst, s->value ? SHIFTED : s->src);
        break;
    case SUPER_MUL:
        put(m, VPMULLQ, s->dst, s->dst, s->src);
        break;
    case SUPER_ROR:
        shift(m, VROTQ, ROTATE_RIGHT, s->dst, s->dst, (unsigned)s->value);
        break;
    case SUPER_ADD_WORD:
        put_constant(m, VPADDQ, s->dst, s->dst, constant(m, s->value));
        break;
    case SUPER_XOR_WORD:
        put_constant(m, VPXORQ, s->dst, s->dst, constant(m, s->value));
        break;
    case SUPER_MULH:
        high_half(m, s->dst, s->dst, s->src);
        break;
    case SUPER_MULH_SIGNED:
        high_half_signed(m, s->dst, s->src);
        break;
    default: /* SUPER_MUL_RCP */
        put_constant(m, VPMULLQ, s->dst, s->dst, constant(m, s->value));
    }
}

/* --- lines ----------------------------------------------------------------------------------- */

/* Rows in eight registers from ROW on become columns there. */
static void transpose(struct maker *m)
{
    for (unsigned i = 0; i < 4; i++) {
        put(m, VPUNPCKL, SPARE, ROW + 2 * i, ROW + 2 * i + 1);
        put(m, VPUNPCKH, ROW + 2 * i + 1, ROW + 2 * i, ROW + 2 * i + 1);
        put(m, VLOAD, ROW + 2 * i, 0, SPARE);
    }
    /* word k of rows (0,1), (2,3) and so on lies in 128-bit lanes: k even in register 2i, odd
     * in 2i + 1 */
    for (unsigned odd = 0; odd < 2; odd++) {
        const unsigned a = ROW + odd, b = a + 2, c = a + 4, d = a + 6;
        put_imm(m, VSHUFQ2, SPARE, a, b, 0x88);     /* words 0 and 4 of rows 0..3 */
        put_imm(m, VSHUFQ2, SPARE + 1, a, b, 0xdd); /* words 2 and 6 */
        put_imm(m, VSHUFQ2, SPARE + 2, c, d, 0x88); /* of rows 4..7 */
        put_imm(m, VSHUFQ2, SPARE + 3, c, d, 0xdd);
        put_imm(m, VSHUFQ2, a, SPARE, SPARE + 2, 0x88);
        put_imm(m, VSHUFQ2, c, SPARE, SPARE + 2, 0xdd);
        put_imm(m, VSHUFQ2, b, SPARE + 1, SPARE + 3, 0x88);
        put_imm(m, VSHUFQ2, d, SPARE + 1, SPARE + 3, 0xdd);
    }
}

/* The lines that the lanes of a register name: their addresses to r8..r15, and on their way. The
 * frame is at rax. */
static void fetch_lines(struct maker *m, unsigned reg)
{
    put_constant(m, VPANDQ, SPARE, reg, C_LINE_MASK);
    shift(m, VSHIFTQ, SHIFT_LEFT, SPARE, SPARE, 6);
    put_mem(m, VSTORE, SPARE, 0, RAX, 0);
    for (unsigned i = 0; i < ITEMS_AT_ONCE; i++) {
        EMIT(&m->e, 0x4c, 0x8b, (uint8_t)(1 << 6 | i << 3 | RAX), (uint8_t)(8 * i)); /* mov */
        EMIT(&m->e, 0x4c, 0x01, (uint8_t)(3 << 6 | RDI << 3 | i));
        m->e.at[-3] = 0x49; /* add r8 + i, rdi */
        /* prefetcht0 [r8 + i + 0] */
        EMIT(&m->e, 0x41, 0x0f, 0x18, (uint8_t)(1 << 6 | 1 << 3 | i));
        if (i == 4) /* r12 needs a SIB byte */
            EMIT(&m->e, 0x24);
        EMIT(&m->e, 0);
    }
}

static void xor_lines(struct maker *m)
{
    for (unsigned i = 0; i < ITEMS_AT_ONCE; i++) {
        head(m, VLOAD, ROW + i, 0, 0, R8 + i, 0);
        EMIT(&m->e, (uint8_t)(1 << 6 | ((ROW + i) & 7) << 3 | i));
        if (i == 4)
            EMIT(&m->e, 0x24);
        EMIT(&m->e, 0);
    }
    transpose(m);
    for (unsigned i = 0; i < SUPER_REGS; i++)
        put(m, VPXORQ, i, i, ROW + i);
}

/* --- all ------------------------------------------------------------------------------------- */

static void begin(struct maker *m)
{
    const uint64_t fixed[] = {UINT32_MAX, SUPER_LINES - 1, SUPER_FACTOR, 1};

    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed; i++)
        (void)constant(m, fixed[i]);
    for (unsigned i = 0; i < SUPER_REGS; i++)
        (void)constant(m, super_xor[i]);
    for (unsigned i = 4; i < ITEMS_AT_ONCE; i++)
        EMIT(&m->e, 0x41, (uint8_t)(0x50 + i)); /* push r12..r15 */
    EMIT(&m->e, 0x48, 0x83, 0xec, FRAME);       /* sub rsp, FRAME */
    EMIT(&m->e, 0x48, 0x8d, 0x44, 0x24, 0x3f);  /* lea rax, [rsp + 63] */
    EMIT(&m->e, 0x48, 0x83, 0xe0, 0xc0);        /* and rax, -64 */
    put_mem(m, VLOAD, ROW, 0, RDX, 0);          /* the numbers of the items */
    put_constant(m, VBROADCASTQ, LOW32, 0, C_MASK32);
    m->e.at[-7] &= (uint8_t)~0x10; /* VPBROADCASTQ reads one word without being told */
    put_constant(m, VPADDQ, 0, ROW, C_ONE);
    put_constant(m, VPMULLQ, 0, 0, C_FACTOR);
    for (unsigned i = 1; i < SUPER_REGS; i++)
        put_constant(m, VPXORQ, i, 0, C_XOR + i);
}

static void end(struct maker *m)
{
    for (unsigned i = 0; i < SUPER_REGS; i++)
        put(m, VLOAD, ROW + i, 0, i);
    transpose(m);
    for (unsigned i = 0; i < ITEMS_AT_ONCE; i++)
        put_mem(m, VSTREAM, ROW + i, 0, RCX, (int32_t)(SUPER_LINE_BYTES * i));
    EMIT(&m->e, 0x48, 0x83, 0xc4, FRAME); /* add rsp, FRAME */
    for (unsigned i = ITEMS_AT_ONCE; i-- > 4;)
        EMIT(&m->e, 0x41, (uint8_t)(0x58 + i)); /* pop */
    EMIT(&m->e, 0xc5, 0xf8, 0x77, 0xc3);        /* vzeroupper; ret */
}

size_t items_write(const struct super_program *programs, uint8_t *code, size_t room,
                   uint64_t constants[ITEMS_CONSTANTS])
{
    enum { STEP_BYTES = 24 * 8, AROUND = 4096 };
    struct maker m = {{code, code + room}, constants, 0};
    unsigned next = ROW; /* the register whose lanes name the next lines */

    if (!emit_has(&m.e, AROUND))
        return 0;
    begin(&m);
    for (const struct super_program *p = programs; p < programs + SUPER_PROGRAMS; p++) {
        if (!emit_has(&m.e, AROUND + (size_t)p->count * STEP_BYTES) ||
            m.count + p->count > ITEMS_CONSTANTS)
            return 0;
        fetch_lines(&m, next);
        for (unsigned i = 0; i < p->count; i++)
            put_step(&m, &p->step[i]);
        xor_lines(&m);
        next = p->address;
    }
    end(&m);
    return (size_t)(m.e.at - code);
}

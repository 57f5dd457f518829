/* SPDX-License-Identifier: MIT */
/* Dataset items by the definition (RandomX specification, section 7.3). */
#include "base/endian.h"
#include "kernels/randomx/superscalar.h"

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 wide_signed;

const uint64_t super_xor[SUPER_REGS] = {
    0,
    UINT64_C(9298411001130361340),
    UINT64_C(12065312585734608966),
    UINT64_C(9306329213124626780),
    UINT64_C(5281919268842080866),
    UINT64_C(10536153434571861004),
    UINT64_C(3398623926847679864),
    UINT64_C(9549104520008361294),
};

uint64_t rx_reciprocal(uint32_t divisor)
{
    unsigned bits = 32 - (unsigned)__builtin_clz(divisor);

    return (uint64_t)(((wide)1 << (63 + bits)) / divisor);
}

static uint64_t high_signed(uint64_t a, uint64_t b)
{
    return (uint64_t)((wide)((wide_signed)(int64_t)a * (int64_t)b) >> 64);
}

static void run_step(const struct super_step *s, uint64_t r[SUPER_REGS])
{
    uint64_t *dst = &r[s->dst], src = r[s->src];

    switch (s->op) {
    case SUPER_SUB:
        *dst -= src;
        break;
    case SUPER_XOR:
        *dst ^= src;
        break;
    case SUPER_ADD_SHIFTED:
        *dst += src << s->value;
        break;
    case SUPER_MUL:
        *dst *= src;
        break;
    case SUPER_ROR:
        *dst = *dst >> s->value | *dst << (64 - s->value);
        break;
    case SUPER_ADD_WORD:
        *dst += s->value;
        break;
    case SUPER_XOR_WORD:
        *dst ^= s->value;
        break;
    case SUPER_MULH:
        *dst = (uint64_t)((wide)*dst * src >> 64);
        break;
    case SUPER_MULH_SIGNED:
        *dst = high_signed(*dst, src);
        break;
    default: /* SUPER_MUL_RCP */
        *dst *= s->value;
    }
}

void super_item(const struct super_program *programs, const uint8_t *cache, uint64_t number,
                uint8_t out[SUPER_LINE_BYTES])
{
    uint64_t r[SUPER_REGS], address = number;

    for (unsigned i = 0; i < SUPER_REGS; i++)
        r[i] = (number + 1) * SUPER_FACTOR ^ super_xor[i];
    for (const struct super_program *p = programs; p < programs + SUPER_PROGRAMS; p++) {
        const uint8_t *line = cache + address % SUPER_LINES * SUPER_LINE_BYTES;
        for (unsigned i = 0; i < p->count; i++)
            run_step(&p->step[i], r);
        for (unsigned i = 0; i < SUPER_REGS; i++)
            r[i] ^= le64(line + 8 * i);
        address = r[p->address];
    }
    for (unsigned i = 0; i < SUPER_REGS; i++)
        put_le64(out + 8 * i, r[i]);
}

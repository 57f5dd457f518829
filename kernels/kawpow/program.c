/* SPDX-License-Identifier: MIT */
/* Draws a period's program. The order of the draws is the definition. */
#include "kernels/kawpow/program.h"

#include <string.h>

struct drawer {
    struct kiss99 random;
    uint8_t dst[KAWPOW_REGS], src[KAWPOW_REGS];
    unsigned next_dst, next_src;
};

static void swap(uint8_t *a, uint8_t *b)
{
    uint8_t was = *a;

    *a = *b;
    *b = was;
}

/* Two permutations of the registers; the draw for dst comes first. */
static void shuffle(struct drawer *d)
{
    for (unsigned i = 0; i < KAWPOW_REGS; i++)
        d->dst[i] = d->src[i] = (uint8_t)i;
    for (unsigned i = KAWPOW_REGS; i > 1; i--) {
        swap(&d->dst[i - 1], &d->dst[kiss99(&d->random) % i]);
        swap(&d->src[i - 1], &d->src[kiss99(&d->random) % i]);
    }
}

static void drawer_init(struct drawer *d, uint64_t period)
{
    uint32_t low = (uint32_t)period, high = (uint32_t)(period >> 32);

    memset(d, 0, sizeof *d);
    d->random.z = fnv1a(FNV_BASIS, low);
    d->random.w = fnv1a(d->random.z, high);
    d->random.jsr = fnv1a(d->random.w, low);
    d->random.jcong = fnv1a(d->random.jsr, high);
    shuffle(d);
}

static uint8_t next_dst(struct drawer *d)
{
    return d->dst[d->next_dst++ % KAWPOW_REGS];
}

static void draw_merge(struct drawer *d, struct kawpow_op *op)
{
    uint32_t word = kiss99(&d->random);

    op->drawn[1] = word;
    op->merge = (uint8_t)(word % KAWPOW_MERGE_KINDS);
    op->turn = (uint8_t)((word >> 16) % 31 + 1);
}

static void draw_cache(struct drawer *d, struct kawpow_op *op)
{
    op->kind = KAWPOW_CACHE;
    op->a = d->src[d->next_src++ % KAWPOW_REGS];
    op->dst = next_dst(d);
    draw_merge(d, op);
}

/* Two different registers out of one draw. */
static void draw_math(struct drawer *d, struct kawpow_op *op)
{
    uint32_t pair = kiss99(&d->random) % (KAWPOW_REGS * (KAWPOW_REGS - 1));

    op->kind = KAWPOW_MATH;
    op->a = (uint8_t)(pair % KAWPOW_REGS);
    op->b = (uint8_t)(pair / KAWPOW_REGS);
    op->b += op->b >= op->a;
    op->drawn[0] = kiss99(&d->random);
    op->math = (uint8_t)(op->drawn[0] % KAWPOW_MATH_KINDS);
    op->dst = next_dst(d);
    draw_merge(d, op);
}

static void draw_dag(struct drawer *d, struct kawpow_op *op, unsigned word)
{
    op->kind = KAWPOW_DAG;
    op->a = (uint8_t)word;
    op->dst = word ? next_dst(d) : 0;
    draw_merge(d, op);
}

void kawpow_program_draw(uint64_t period, struct kawpow_program *program)
{
    struct kawpow_op *op = program->op;
    struct drawer d;

    memset(program, 0, sizeof *program);
    program->period = period;
    drawer_init(&d, period);
    for (unsigned i = 0; i < KAWPOW_MATH_OPS; i++) {
        if (i < KAWPOW_CACHE_OPS)
            draw_cache(&d, op++);
        draw_math(&d, op++);
    }
    for (unsigned i = 0; i < KAWPOW_DAG_OPS; i++)
        draw_dag(&d, op++, i);
}

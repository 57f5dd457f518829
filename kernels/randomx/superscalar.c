/* SPDX-License-Identifier: MIT */
/* Programs written for an imagined processor that decodes 16 bytes a cycle and has three ports (P0,
 * P1, P5), of which P1 multiplies (RandomX specification, section 6.3). What it can do in a cycle
 * decides which operation and which registers come next, so every detail of it is part of the
 * definition. */
#include "kernels/randomx/superscalar.h"

#include <stdbool.h>
#include <string.h>

#include "base/endian.h"
#include "kernels/randomx/blake2b.h"

enum { P0 = 1, P1 = 2, P5 = 4 };
enum { CYCLES = SUPER_LATENCY + 4, LOOK_AHEAD = 4, REJECTS_MAX = 256, NO_GROUP = -1, R5 = 5 };

/* --- random bytes ---------------------------------------------------------------------------- */

struct bytes {
    uint8_t data[64];
    unsigned used;
};

static const uint8_t *draw(struct bytes *b, unsigned count)
{
    if (b->used + count > sizeof b->data) {
        rx_blake2b(b->data, sizeof b->data, b->data, sizeof b->data);
        b->used = 0;
    }
    b->used += count;
    return b->data + b->used - count;
}

static uint8_t draw_byte(struct bytes *b)
{
    return *draw(b, 1);
}

static uint32_t draw_word(struct bytes *b)
{
    return le32(draw(b, 4));
}

/* --- what the imagined processor does with an operation --------------------------------------- */

struct macro { /* a step of an operation: one or two uops in the same cycle; none = just a name */
    uint8_t uop[2], latency;
    bool dependent; /* on the step before */
};

enum { STEPS_MAX = 3, NEVER = 9 };

static const struct shape {
    struct macro macro[STEPS_MAX];
    uint8_t count, source_at, target_at, result_at; /* the steps at which they are chosen, known */
} shapes[] = {
    [SUPER_SUB] = {{{{P0 | P1 | P5}, 1, false}}, 1, 0, 0, 0},
    [SUPER_XOR] = {{{{P0 | P1 | P5}, 1, false}}, 1, 0, 0, 0},
    [SUPER_ADD_SHIFTED] = {{{{P0 | P1}, 1, false}}, 1, 0, 0, 0},
    [SUPER_MUL] = {{{{P1}, 3, false}}, 1, 0, 0, 0},
    [SUPER_ROR] = {{{{P0 | P5}, 1, false}}, 1, NEVER, 0, 0},
    [SUPER_ADD_WORD] = {{{{P0 | P1 | P5}, 1, false}}, 1, NEVER, 0, 0},
    [SUPER_XOR_WORD] = {{{{P0 | P1 | P5}, 1, false}}, 1, NEVER, 0, 0},
    [SUPER_MULH] = {{{{0}, 0, false}, {{P1, P5}, 4, false}, {{0}, 0, false}}, 3, 1, 0, 1},
    [SUPER_MULH_SIGNED] = {{{{0}, 0, false}, {{P1, P5}, 4, false}, {{0}, 0, false}}, 3, 1, 0, 1},
    [SUPER_MUL_RCP] = {{{{P0 | P1 | P5}, 1, false}, {{P1}, 3, true}}, 2, NEVER, 1, 1},
};

/* Sixteen bytes as they are cut into instructions. */
enum { CUT_484, CUT_7333, CUT_3733, CUT_493, CUT_4444, CUT_3310, RANDOM_CUTS = 4 };

static const struct cut {
    uint8_t count, bytes[4];
} cuts[] = {
    [CUT_484] = {3, {4, 8, 4}}, [CUT_7333] = {4, {7, 3, 3, 3}}, [CUT_3733] = {4, {3, 7, 3, 3}},
    [CUT_493] = {3, {4, 9, 3}}, [CUT_4444] = {4, {4, 4, 4, 4}}, [CUT_3310] = {3, {3, 3, 10}},
};

struct candidate { /* the operation that is being placed */
    int op;        /* enum super_op; NO_GROUP = none */
    int source, target;
    int group;    /* of operations that cancel out or add up... */
    int64_t with; /* ...when they come twice with the same operand */
    bool with_source, may_repeat_source;
    uint64_t value;
};

struct writer {
    struct bytes *random;
    struct super_program *program;
    uint8_t busy[CYCLES]; /* ports taken */
    struct {
        int ready, group; /* cycle; of the last operation on it */
        int64_t with;
    } reg[SUPER_REGS];
    struct candidate now;
    unsigned step; /* of `now` */
    int cycle, depends, decode;
    unsigned multiplications, rejects;
    bool full; /* no port is free any more */
};

/* --- ports ----------------------------------------------------------------------------------- */

/* The first cycle from `cycle` on in which a uop finds a port, those that do not multiply first;
 * -1 = none. */
static int place_uop(struct writer *w, unsigned ports, int cycle, bool take)
{
    static const uint8_t preference[] = {P5, P0, P1};

    for (; cycle < CYCLES; cycle++)
        for (unsigned i = 0; i < sizeof preference; i++)
            if (ports & preference[i] & ~(unsigned)w->busy[cycle]) {
                if (take)
                    w->busy[cycle] |= preference[i];
                return cycle;
            }
    return -1;
}

static int place(struct writer *w, const struct macro *m, int cycle, int depends, bool take)
{
    if (m->dependent && cycle < depends)
        cycle = depends;
    if (!m->uop[0])
        return cycle;
    if (!m->uop[1])
        return place_uop(w, m->uop[0], cycle, take);
    for (; cycle < CYCLES; cycle++) {
        if (place_uop(w, m->uop[0], cycle, false) != cycle ||
            place_uop(w, m->uop[1], cycle, false) != cycle)
            continue;
        if (take) {
            (void)place_uop(w, m->uop[0], cycle, true);
            (void)place_uop(w, m->uop[1], cycle, true);
        }
        return cycle;
    }
    return -1;
}

/* --- choosing -------------------------------------------------------------------------------- */

static bool multiplies(int op)
{
    return op == SUPER_MUL || op == SUPER_MULH || op == SUPER_MULH_SIGNED || op == SUPER_MUL_RCP;
}

static unsigned choose_cut(struct writer *w)
{
    if (w->now.op == SUPER_MULH || w->now.op == SUPER_MULH_SIGNED)
        return CUT_3310;
    if ((int)w->multiplications < w->decode + 1)
        return CUT_4444;
    if (w->now.op == SUPER_MUL_RCP)
        return draw_byte(w->random) & 1 ? CUT_484 : CUT_493;
    return draw_byte(w->random) % RANDOM_CUTS;
}

static int choose_op(struct writer *w, unsigned cut, unsigned bytes, bool last)
{
    static const uint8_t three[] = {SUPER_SUB, SUPER_XOR, SUPER_MULH, SUPER_MULH_SIGNED};

    switch (bytes) {
    case 3:
        return three[draw_byte(w->random) & (last ? 3 : 1)];
    case 4:
        if (cut == CUT_4444 && !last)
            return SUPER_MUL;
        return draw_byte(w->random) & 1 ? SUPER_ADD_SHIFTED : SUPER_ROR;
    case 10:
        return SUPER_MUL_RCP;
    default:
        return draw_byte(w->random) & 1 ? SUPER_ADD_WORD : SUPER_XOR_WORD;
    }
}

static bool is_power(uint32_t v)
{
    return !(v & (v - 1));
}

static uint64_t sign_extended(uint32_t v)
{
    return (uint64_t)(int64_t)(int32_t)v;
}

/* A new candidate with what it draws. */
static void begin_op(struct writer *w, int op)
{
    struct candidate *c = &w->now;
    uint32_t word;

    *c = (struct candidate){.op = op, .source = -1, .target = -1, .group = op, .with = -1};
    switch (op) {
    case SUPER_SUB:
        c->group = SUPER_ADD_SHIFTED;
        c->with_source = true;
        break;
    case SUPER_ADD_SHIFTED:
        c->value = draw_byte(w->random) >> 2 & 3;
        c->with_source = true;
        break;
    case SUPER_ROR:
        while (!(c->value = draw_byte(w->random) & 63))
            ;
        break;
    case SUPER_ADD_WORD:
    case SUPER_XOR_WORD:
        c->value = sign_extended(draw_word(w->random));
        break;
    case SUPER_MULH:
    case SUPER_MULH_SIGNED:
        c->may_repeat_source = true;
        c->with = (int32_t)draw_word(w->random);
        break;
    case SUPER_MUL_RCP:
        while (is_power(word = draw_word(w->random)))
            ;
        c->value = rx_reciprocal(word);
        break;
    default: /* SUPER_XOR, SUPER_MUL */
        c->with_source = true;
    }
}

static int pick(struct writer *w, const int *among, unsigned count)
{
    return count > 1 ? among[draw_word(w->random) % count] : among[0];
}

static bool choose_source(struct writer *w, int cycle)
{
    int ready[SUPER_REGS];
    unsigned count = 0;

    for (int i = 0; i < SUPER_REGS; i++)
        if (w->reg[i].ready <= cycle)
            ready[count++] = i;
    if (!count)
        return false;
    /* r5 cannot be added to with a shift: of two it is then the source */
    if (count == 2 && w->now.op == SUPER_ADD_SHIFTED && (ready[0] == R5 || ready[1] == R5))
        w->now.source = R5;
    else
        w->now.source = pick(w, ready, count);
    if (w->now.with_source)
        w->now.with = w->now.source;
    return true;
}

static bool may_be_target(const struct writer *w, int i, int cycle)
{
    const struct candidate *c = &w->now;

    return w->reg[i].ready <= cycle && (c->may_repeat_source || i != c->source) &&
           (w->rejects > 0 || c->group != SUPER_MUL || w->reg[i].group != SUPER_MUL) &&
           (w->reg[i].group != c->group || w->reg[i].with != c->with) &&
           (c->op != SUPER_ADD_SHIFTED || i != R5);
}

static bool choose_target(struct writer *w, int cycle)
{
    int usable[SUPER_REGS];
    unsigned count = 0;

    for (int i = 0; i < SUPER_REGS; i++)
        if (may_be_target(w, i, cycle))
            usable[count++] = i;
    if (!count)
        return false;
    w->now.target = pick(w, usable, count);
    return true;
}

/* --- writing --------------------------------------------------------------------------------- */

static unsigned steps_of(const struct candidate *c)
{
    return c->op == NO_GROUP ? 0 : shapes[c->op].count;
}

/* Waits a few cycles for a register. */
static bool await(struct writer *w, bool (*choose)(struct writer *, int), int *cycle)
{
    for (unsigned i = 0; i < LOOK_AHEAD; i++, ++*cycle, w->cycle++)
        if (choose(w, *cycle))
            return true;
    return false;
}

static void finish_op(struct writer *w)
{
    const struct candidate *c = &w->now;

    w->program->step[w->program->count++] = (struct super_step){
        .op = (uint8_t)c->op,
        .dst = (uint8_t)c->target,
        .src = (uint8_t)(c->source < 0 ? c->target : c->source),
        .value = c->value,
    };
    w->multiplications += multiplies(c->op);
}

enum placed { PLACED, REJECTED, GIVEN_UP };

static enum placed reject(struct writer *w)
{
    if (w->rejects++ < REJECTS_MAX) {
        w->step = steps_of(&w->now);
        return REJECTED;
    }
    w->rejects--;
    w->now.op = NO_GROUP;
    return GIVEN_UP;
}

/* The next step of the candidate. */
static enum placed place_step(struct writer *w)
{
    const struct shape *shape = &shapes[w->now.op];
    const struct macro *m = &shape->macro[w->step];
    const int before = w->cycle;
    int at = place(w, m, w->cycle, w->depends, false);

    if (at < 0) {
        w->full = true;
        return GIVEN_UP;
    }
    if ((w->step == shape->source_at && !await(w, choose_source, &at)) ||
        (w->step == shape->target_at && !await(w, choose_target, &at)))
        return reject(w);
    w->rejects = 0;
    at = place(w, m, at, at, true);
    if (at < 0) {
        w->full = true;
        return GIVEN_UP;
    }
    w->depends = at + m->latency;
    if (w->step == shape->result_at) {
        w->reg[w->now.target].ready = w->depends;
        w->reg[w->now.target].group = w->now.group;
        w->reg[w->now.target].with = w->now.with;
    }
    w->step++;
    w->full |= at >= SUPER_LATENCY;
    w->cycle = before;
    if (w->step >= shape->count)
        finish_op(w);
    return PLACED;
}

/* One cycle of the decoder. */
static void decode(struct writer *w)
{
    unsigned cut = choose_cut(w), slot = 0;

    while (slot < cuts[cut].count) {
        if (w->step >= steps_of(&w->now)) {
            if (w->full || w->program->count >= SUPER_OPS_MAX)
                break;
            begin_op(w, choose_op(w, cut, cuts[cut].bytes[slot], slot + 1u == cuts[cut].count));
            w->step = 0;
        }
        enum placed placed = place_step(w);
        if (placed == GIVEN_UP)
            break;
        slot += placed == PLACED;
    }
    w->cycle++;
}

/* The register with the longest chain of operations behind it. */
static unsigned longest_chain(const struct super_program *p)
{
    unsigned length[SUPER_REGS] = {0}, best = 0;

    for (unsigned i = 0; i < p->count; i++) {
        const struct super_step *s = &p->step[i];
        unsigned dst = length[s->dst] + 1, src = s->src != s->dst ? length[s->src] + 1 : 0;
        length[s->dst] = dst > src ? dst : src;
    }
    for (unsigned i = 1; i < SUPER_REGS; i++)
        best = length[i] > length[best] ? i : best;
    return best;
}

static void write_program(struct bytes *random, struct super_program *program)
{
    struct writer w = {.random = random, .program = program, .now = {.op = NO_GROUP}};

    for (unsigned i = 0; i < SUPER_REGS; i++) {
        w.reg[i].group = NO_GROUP;
        w.reg[i].with = -1;
    }
    program->count = 0;
    for (; w.decode < SUPER_LATENCY && !w.full && program->count < SUPER_OPS_MAX; w.decode++)
        decode(&w);
    program->address = longest_chain(program);
}

void super_generate(const uint8_t *key, size_t len, struct super_program programs[SUPER_PROGRAMS])
{
    struct bytes random = {.used = sizeof random.data};

    memcpy(random.data, key, len < 60 ? len : 60);
    for (unsigned i = 0; i < SUPER_PROGRAMS; i++)
        write_program(&random, &programs[i]);
}

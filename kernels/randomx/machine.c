/* SPDX-License-Identifier: MIT */
/* Machines: their memory, and the eight programs of a hash (RandomX specification, section 2). */
#include "kernels/randomx/machine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "algo/cpu.h"
#include "base/rand.h"
#include "kernels/randomx/blake2b.h"
#include "kernels/randomx/lib.h"
#include "kernels/randomx/machine_code.h"
#include "kernels/randomx/pages.h"

enum {
    PROGRAMS = 8,
    REGISTER_BYTES = 256,
    A_BYTES = 64,
    FRACTION_BITS = 52,
    LINE_MASK_OF_DATASET = 0x7fffffc0,
    LINE_MASK_OF_PAD = (2 << 20) - 64,
    ROUND_NEAREST = 0x9fc0,
};
_Static_assert(offsetof(struct lane, e_mask) == REGISTER_BYTES, "the register file comes first");

struct machine {
    struct frame frame;
    struct program program[LANES_MAX];
    uint8_t seed[LANES_MAX][PAD_STATE]; /* of the next program */
    uint8_t fill[LANES_MAX][PAD_STATE]; /* where the fill of the pads got to */
    unsigned count;
    bool secure, huge;
    uint8_t *code, *pads;
    size_t pads_bytes;
};

/* --- memory ---------------------------------------------------------------------------------- */

static void *map(size_t bytes, int protection, int flags)
{
    void *at = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

/* Explicit huge pages, or a block with room to begin on 2 MiB, advised. */
static bool map_pads(struct machine *m, bool huge_pages)
{
    const size_t bytes = (size_t)m->count * PAD_BYTES;

    m->pads_bytes = bytes;
    if (huge_pages && pages_default_huge() == PAGE_2M && pages_explicit(PAGE_2M, bytes))
        m->pads = map(bytes, PROT_READ | PROT_WRITE, MAP_HUGETLB | MAP_POPULATE);
    m->huge = m->pads != NULL;
    uint8_t *at = m->pads;
    if (!at) {
        m->pads_bytes = bytes + PAGE_2M;
        m->pads = map(m->pads_bytes, PROT_READ | PROT_WRITE, 0);
        if (!m->pads)
            return false;
        at = m->pads + (PAGE_2M - (uintptr_t)m->pads % PAGE_2M) % PAGE_2M;
        if (huge_pages)
            pages_advise(at, bytes);
        memset(at, 0, bytes); /* here and now: near this thread, and there to be counted */
        m->huge = pages_huge_in(at, bytes) == m->count;
    }
    for (unsigned i = 0; i < LANES_MAX; i++)
        m->frame.pad[i] = at + (i < m->count ? i * (size_t)PAD_BYTES : 0);
    return true;
}

static bool map_code(struct machine *m)
{
    const int both = PROT_READ | PROT_WRITE | (m->secure ? 0 : PROT_EXEC);

    m->code = map(CODE_BYTES, both, 0);
    if (!m->code)
        return false;
    if (!m->secure)
        return true;
    *m->code = 0xc3; /* some rules are about pages that were changed */
    return mprotect(m->code, CODE_BYTES, PROT_READ | PROT_EXEC) == 0;
}

struct machine *machine_new(unsigned count, const uint8_t *dataset, bool huge_pages, bool secure)
{
    struct machine *m;

    if (!(cpu_features() & CPU_AES))
        return NULL;
    if (posix_memalign((void **)&m, _Alignof(struct machine), sizeof *m) != 0)
        return NULL;
    memset(m, 0, sizeof *m);
    m->count = count;
    m->secure = secure;
    m->frame.dataset = dataset;
    for (unsigned i = 0; i < 2; i++) {
        m->frame.fraction[i] = (UINT64_C(1) << 56) - 1;
        m->frame.scale[i] = UINT64_C(0x80f0000000000000);
    }
    if (map_code(m) && map_pads(m, huge_pages))
        return m;
    machine_free(m);
    return NULL;
}

void machine_free(struct machine *m)
{
    if (!m)
        return;
    if (m->code)
        (void)munmap(m->code, CODE_BYTES);
    if (m->pads)
        (void)munmap(m->pads, m->pads_bytes);
    free(m);
}

unsigned machine_count(const struct machine *m)
{
    return m->count;
}

bool machine_is_huge(const struct machine *m)
{
    return m->huge;
}

/* --- a program ------------------------------------------------------------------------------- */

/* A double from 1 to 2^32. */
static uint64_t small_positive(uint64_t random)
{
    const uint64_t bias = 1023;

    return ((random >> 59) + bias) << FRACTION_BITS |
           (random & ((UINT64_C(1) << FRACTION_BITS) - 1));
}

static uint64_t e_mask(uint64_t random)
{
    enum { FIXED_EXPONENT = 0x300, FRACTION_FIXED = (1 << 22) - 1 };

    return (FIXED_EXPONENT | random >> 60 << 4) << FRACTION_BITS | (random & FRACTION_FIXED);
}

static void configure(struct lane *lane, const struct program *p)
{
    memset(lane->r, 0, sizeof lane->r);
    for (unsigned i = 0; i < 8; i++)
        lane->a[i / 2][i % 2] = small_positive(p->word[i]);
    lane->ma = (uint32_t)p->word[8] & LINE_MASK_OF_DATASET;
    lane->mx = (uint32_t)p->word[10];
    lane->at0 = lane->mx & LINE_MASK_OF_PAD;
    lane->at1 = lane->ma & LINE_MASK_OF_PAD;
    for (unsigned i = 0; i < 2; i++)
        lane->e_mask[i] = e_mask(p->word[14 + i]);
}

static bool make_code(struct machine *m)
{
    if (m->secure && mprotect(m->code, CODE_BYTES, PROT_READ | PROT_WRITE) < 0)
        return false;
    return machine_write(m->program, m->count, m->code, CODE_BYTES) &&
           (!m->secure || mprotect(m->code, CODE_BYTES, PROT_READ | PROT_EXEC) == 0);
}

static void run_code(struct machine *m)
{
    union {
        uint8_t *bytes;
        machine_fn *run;
    } at = {.bytes = m->code};

    m->frame.left = ITERATIONS;
    m->frame.rounding = 0;
    at.run(&m->frame);
    for (unsigned i = 0; i < m->count; i++) /* it was stored last */
        memcpy(m->frame.lane[i].f, m->frame.pad[i] + m->frame.lane[i].f_at,
               sizeof m->frame.lane[i].f);
}

static bool run_program(struct machine *m)
{
    for (unsigned i = 0; i < m->count; i++) {
        pad_program(m->seed[i], (uint8_t *)&m->program[i], PROGRAM_BYTES);
        configure(&m->frame.lane[i], &m->program[i]);
    }
    if (!make_code(m))
        return false;
    run_code(m);
    return true;
}

/* --- hashes ---------------------------------------------------------------------------------- */

static void take_inputs(struct machine *m, const uint8_t *const *inputs, size_t len)
{
    for (unsigned i = 0; i < m->count && i < LANES_MAX; i++)
        rx_blake2b(inputs[i], len, m->fill[i], PAD_STATE);
}

/* The pads are filled: what the fill ended with seeds the first program. */
static void filled(struct machine *m)
{
    memcpy(m->seed, m->fill, sizeof m->seed);
    for (unsigned i = 0; i < m->count; i++)
        m->frame.lane[i].rounding = ROUND_NEAREST;
}

void machine_begin(struct machine *m, const uint8_t *const *inputs, size_t len)
{
    take_inputs(m, inputs, len);
    for (unsigned i = 0; i < m->count; i++)
        pad_fill(m->frame.pad[i], m->fill[i]);
    filled(m);
}

bool machine_agrees(struct machine *m, const struct rx_lib *rx, struct rx_vm *vm)
{
    uint8_t input[LANES_MAX][76], got[LANES_MAX][32], want[32];
    const uint8_t *const inputs[LANES_MAX] = {input[0], input[1]};

    rand_bytes(input, sizeof input);
    machine_begin(m, inputs, sizeof input[0]);
    if (!machine_step(m, NULL, 0, got))
        return false;
    for (unsigned i = 0; i < m->count; i++) {
        rx->calculate_hash(vm, input[i], sizeof input[i], want);
        if (memcmp(want, got[i], sizeof want) != 0)
            return false;
    }
    return true;
}

bool machine_step(struct machine *m, const uint8_t *const *next, size_t len, uint8_t hash[][32])
{
    uint8_t last[PAD_STATE];

    for (unsigned k = 0; k < PROGRAMS; k++) {
        if (!run_program(m))
            return false;
        for (unsigned i = 0; k + 1 < PROGRAMS && i < m->count; i++)
            rx_blake2b(&m->frame.lane[i], REGISTER_BYTES, m->seed[i], PAD_STATE);
    }
    if (next)
        take_inputs(m, next, len);
    for (unsigned i = 0; i < m->count; i++) {
        if (next)
            pad_hash_fill(m->frame.pad[i], last, m->fill[i]);
        else
            pad_hash(m->frame.pad[i], last);
        memcpy(m->frame.lane[i].a, last, A_BYTES);
        rx_blake2b(&m->frame.lane[i], REGISTER_BYTES, hash[i], 32);
    }
    if (next)
        filled(m);
    return true;
}

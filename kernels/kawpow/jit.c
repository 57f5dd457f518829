/* SPDX-License-Identifier: MIT */
/* Memory for the code of a few programs, and the check before the first use. */
#include "kernels/kawpow/jit.h"

#include <cpuid.h>
#include <string.h>
#include <sys/mman.h>

#include "algo/cpu.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "kernels/kawpow/codegen.h"

enum { LEAF7_ECX_VPOPCNTDQ = 1 << 14, CHECKS = 4, RUNS = 256, TRIES = 3 };

struct kawpow_code {
    uint8_t *pages; /* CODE_SLOTS slots, each on pages of its own */
    struct kawpow_style style;
};

static bool has_popcount(void)
{
    unsigned a, b, c, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c & LEAF7_ECX_VPOPCNTDQ;
}

void kawpow_code_run(kawpow_code_fn *run, struct kawpow_mix *mix, const uint32_t *l1,
                     const uint32_t *group, unsigned loop)
{
    const uint32_t *low = group + (loop & 8) * 4, *high = group + (~loop & 8) * 4;

    run(mix, l1, low, high, &kawpow_constants, 4 * (loop % KAWPOW_LANES));
}

/* A xorshift generator is random enough here, and the same in each run. */
static void fill(uint32_t *words, size_t count, uint64_t *state)
{
    for (size_t i = 0; i < count; i++) {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        words[i] = (uint32_t)(*state >> 16);
    }
}

static bool agrees(kawpow_code_fn *run, const struct kawpow_program *program)
{
    AUTO_FREE uint32_t *l1 = xmalloc(KAWPOW_L1_BYTES);
    uint64_t state = program->period * 0x9e3779b97f4a7c15 | 1;
    uint32_t group[KAWPOW_GROUP_WORDS];
    struct kawpow_mix mix = {0}, want;

    fill(l1, KAWPOW_L1_WORDS, &state);
    fill(&mix.reg[0][0], (size_t)KAWPOW_REGS * KAWPOW_LANES, &state);
    want = mix;
    for (unsigned i = 0; i < CHECKS; i++) {
        unsigned loop = (unsigned)(state >> 40) % KAWPOW_LOOPS;
        fill(group, KAWPOW_GROUP_WORDS, &state);
        kawpow_mix_loop(program, &want, l1, group, loop);
        kawpow_code_run(run, &mix, l1, group, loop);
    }
    return !memcmp(mix.reg, want.reg, sizeof mix.reg);
}

/* Code in a slot, not checked yet; NULL and *why. */
static kawpow_code_fn *place(struct kawpow_code *code, unsigned slot,
                             const struct kawpow_program *program, const char **why)
{
    uint8_t *page = code->pages + (size_t)slot * CODE_BYTES;
    union {
        uint8_t *bytes;
        kawpow_code_fn *run;
    } at = {.bytes = page};

    *why = "the system lets no memory that was written to be executed";
    if (mprotect(page, CODE_BYTES, PROT_READ | PROT_WRITE) < 0)
        return NULL;
    if (!kawpow_code_write(program, &code->style, page, CODE_BYTES)) {
        *why = "the code of a program does not fit";
        return NULL;
    }
    if (mprotect(page, CODE_BYTES, PROT_READ | PROT_EXEC) < 0)
        return NULL;
    return at.run;
}

kawpow_code_fn *kawpow_code_make(struct kawpow_code *code, unsigned slot,
                                 const struct kawpow_program *program, const char **why)
{
    kawpow_code_fn *run = place(code, slot, program, why);

    if (!run || agrees(run, program))
        return run;
    *why = "the code of a program computes something else than the program";
    return NULL;
}

/* Microseconds of RUNS loops, the best of a few tries. */
static int64_t time_of(kawpow_code_fn *run)
{
    static const uint32_t group[KAWPOW_GROUP_WORDS];
    AUTO_FREE uint32_t *l1 = xcalloc(1, KAWPOW_L1_BYTES);
    struct kawpow_mix mix;
    int64_t best = INT64_MAX;

    kawpow_mix_init(kawpow_pad, &mix); /* any numbers will do */
    for (unsigned i = 0; i < TRIES; i++) {
        int64_t began = thread_cpu_us();
        for (unsigned loop = 0; loop < RUNS; loop++)
            kawpow_code_run(run, &mix, l1, group, loop % KAWPOW_LOOPS);
        int64_t took = thread_cpu_us() - began;
        best = took < best ? took : best;
    }
    return best;
}

/* Processors differ by factors in their gather instruction, some by their microcode. */
static void choose_gather(struct kawpow_code *code)
{
    struct kawpow_program program = {0};
    const char *why;

    kawpow_program_draw(0, &program);
    kawpow_code_fn *loads = place(code, 0, &program, &why);
    code->style.gather = true;
    kawpow_code_fn *gather = place(code, 1, &program, &why);
    code->style.gather = loads && gather && time_of(gather) < time_of(loads);
}

struct kawpow_code *kawpow_code_new(void)
{
    if (!(cpu_features() & CPU_AVX512))
        return NULL;
    void *pages = mmap(NULL, (size_t)CODE_SLOTS * CODE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return NULL;
    struct kawpow_code *code = xcalloc(1, sizeof *code);
    code->pages = pages;
    code->style.popcount = has_popcount();
    choose_gather(code);
    return code;
}

void kawpow_code_free(struct kawpow_code *code)
{
    if (!code)
        return;
    (void)munmap(code->pages, (size_t)CODE_SLOTS * CODE_BYTES);
    free(code);
}

struct kawpow_style *kawpow_code_style(struct kawpow_code *code)
{
    return &code->style;
}

/* SPDX-License-Identifier: MIT */
/* KawPow's engines and generated code: each part, on random programs, against the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "base/rand.h"
#include "tests/fake/kawpow_sets.h"

#ifndef PR_SET_MDWE /* Linux 6.3 */
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static const struct {
    const char *name;
    unsigned needs;
    const struct kawpow_engine *engine;
} engines[] = {
#if defined(__x86_64__)
    {"avx512", CPU_AVX512, &kawpow_avx512},
    {"avx2", CPU_AVX2, &kawpow_avx2},
#endif
    {"scalar", 0, &kawpow_scalar},
};
enum { ENGINES = sizeof engines / sizeof *engines };

static void seeds_and_finals_are_those_of_the_definition(void **state)
{
    uint8_t header[KAWPOW_HEADER], want[32];
    struct kawpow_words seed, digest, hash;

    (void)state;
    for (unsigned e = 0; e < ENGINES; e++) {
        if (!runs_here(engines[e].needs))
            continue;
        rand_bytes(header, sizeof header);
        rand_bytes(&digest, sizeof digest);
        uint64_t first = UINT32_MAX - 7; /* the carry into the high word is in the middle */
        engines[e].engine->seeds(header, first, &seed);
        engines[e].engine->finals(&seed, &digest, &hash);
        for (unsigned i = 0; i < KAWPOW_LANES; i++) {
            uint32_t one[KAWPOW_SEED_WORDS], mix[KAWPOW_DIGEST_WORDS];
            kawpow_seed(header, first + i, one);
            for (unsigned j = 0; j < 8; j++) {
                assert_int_equal(seed.word[j][i], one[j]);
                mix[j] = digest.word[j][i];
            }
            kawpow_final(one, mix, want);
            for (unsigned j = 0; j < 8; j++)
                assert_int_equal(hash.word[j][i], le32(want + 4 * j));
        }
    }
}

static void registers_and_digests_are_those_of_the_definition(void **state)
{
    uint32_t seed[KAWPOW_SEED_WORDS], got[KAWPOW_DIGEST_WORDS], want[KAWPOW_DIGEST_WORDS];
    struct kawpow_mix mix, same;

    (void)state;
    for (unsigned e = 0; e < ENGINES; e++) {
        if (!runs_here(engines[e].needs))
            continue;
        rand_bytes(seed, sizeof seed);
        kawpow_mix_init(seed, &same);
        engines[e].engine->init(seed[0], seed[1], &mix);
        assert_memory_equal(mix.reg, same.reg, sizeof mix.reg);
        rand_bytes(mix.reg, sizeof mix.reg);
        kawpow_mix_digest(&mix, want);
        engines[e].engine->digest(&mix, got);
        assert_memory_equal(got, want, sizeof want);
    }
}

/* Registers with many equal, zero and extreme words: counts of bits and rotations by nothing. */
static void edgy(uint32_t *words, size_t count)
{
    static const uint32_t edges[] = {0, 1, 31, 32, 0x7fffffff, 0x80000000, UINT32_MAX, 0x0000ffff};

    for (size_t i = 0; i < count; i++) {
        uint32_t r = rand_u32();
        words[i] = r % 3 ? rand_u32() : edges[r / 3 % 8];
    }
}

struct loop_trial {
    struct kawpow_program program;
    struct kawpow_mix before, after;
    uint32_t group[KAWPOW_GROUP_WORDS];
    unsigned loop;
};

static void make_loop(struct loop_trial *t, uint64_t period)
{
    kawpow_program_draw(period, &t->program);
    memset(&t->before, 0, sizeof t->before);
    edgy(&t->before.reg[0][0], (size_t)KAWPOW_REGS * KAWPOW_LANES);
    edgy(t->group, KAWPOW_GROUP_WORDS);
    t->loop = rand_u32() % KAWPOW_LOOPS;
    t->after = t->before;
    kawpow_mix_loop(&t->program, &t->after, sets[0].data.l1[0].word, t->group, t->loop);
}

static void engines_run_random_programs_as_defined(void **state)
{
    struct loop_trial t;

    (void)state;
    for (unsigned i = 0; i < 150; i++) {
        make_loop(&t, rand_u32());
        for (unsigned e = 0; e < ENGINES; e++) {
            struct kawpow_mix mix = t.before;
            if (!runs_here(engines[e].needs))
                continue;
            engines[e].engine->loop(&t.program, &mix, sets[0].data.l1[0].word, t.group, t.loop);
            if (memcmp(mix.reg, t.after.reg, sizeof mix.reg) != 0)
                fail_msg("%s, period %llu, loop %u", engines[e].name,
                         (unsigned long long)t.program.period, t.loop);
        }
    }
}

static void code_of_every_style_runs_as_its_program(void **state)
{
    struct kawpow_code *code = kawpow_code_new();
    struct loop_trial t;

    (void)state;
    if (!code) {
        print_message("no generated code on this processor\n");
        skip();
    }
    const struct kawpow_style best = *kawpow_code_style(code);
    for (unsigned i = 0; i < 200; i++) {
        const char *why = "";
        make_loop(&t, rand_u32());
        *kawpow_code_style(code) =
            (struct kawpow_style){.gather = i & 1, .popcount = best.popcount && i & 2};
        kawpow_code_fn *run = kawpow_code_make(code, i % CODE_SLOTS, &t.program, &why);
        if (!run)
            fail_msg("period %llu: %s", (unsigned long long)t.program.period, why);
        struct kawpow_mix mix = t.before;
        kawpow_code_run(run, &mix, sets[0].data.l1[0].word, t.group, t.loop);
        assert_memory_equal(mix.reg, t.after.reg, sizeof mix.reg);
    }
    kawpow_code_free(code);
}

static void code_that_does_not_fit_is_refused(void **state)
{
    const struct kawpow_style style = {.gather = false};
    struct kawpow_program program;
    uint8_t *room = malloc(CODE_BYTES);

    (void)state;
    kawpow_program_draw(0, &program);
    size_t whole = kawpow_code_write(&program, &style, room, CODE_BYTES);
    if (whole) { /* on processors that code is written for */
        assert_true(whole < CODE_BYTES / 2);
        assert_int_equal(kawpow_code_write(&program, &style, room, whole), whole);
        assert_int_equal(kawpow_code_write(&program, &style, room, whole - 1), 0);
    }
    free(room);
}

static void count_failure(void *arg, const char *what, bool ok, const char *detail)
{
    (void)what;
    (void)detail;
    *(unsigned *)arg += !ok;
}

/* A system that lets no page become executable: the searches go on, interpreted. */
static void without_executable_memory_programs_are_interpreted(void **state)
{
    int status = 0;

    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        unsigned failures = 0;
        if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) != 0)
            _exit(77);
        _exit(kawpow_selftest(1, count_failure, &failures) != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("this kernel cannot forbid executable memory\n");
        skip();
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_and_finals_are_those_of_the_definition),
        cmocka_unit_test(registers_and_digests_are_those_of_the_definition),
        cmocka_unit_test(engines_run_random_programs_as_defined),
        cmocka_unit_test(code_of_every_style_runs_as_its_program),
        cmocka_unit_test(code_that_does_not_fit_is_refused),
        cmocka_unit_test(without_executable_memory_programs_are_interpreted),
    };

    return cmocka_run_group_tests(tests, kawpow_sets_up, kawpow_sets_down);
}

/* SPDX-License-Identifier: MIT */
/* KawPow's engines and generated code: each part, and whole searches on tiny datasets, against the
 * definition and against known answers. */
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
#include <jansson.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/rand.h"
#include "crypto/keccak.h"
#include "kernels/kawpow/kawpow.h"

#ifndef PR_SET_MDWE /* Linux 6.3 */
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

enum { SETS = 2 };

static json_t *vectors;

static struct {
    struct kawpow_data data;
    struct ethash_cache cache;
    struct ethash_memory items;
    struct algo_ctx *ctx[2]; /* light, full */
} sets[SETS];

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

static bool runs_here(unsigned needs)
{
    return !(needs & ~cpu_features());
}

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));

    assert_non_null(s);
    return s;
}

static uint64_t number(const json_t *row, const char *key)
{
    const json_t *n = json_object_get(row, key);

    assert_true(json_is_integer(n));
    return (uint64_t)json_integer_value(n);
}

static uint64_t hex_number(const json_t *row, const char *key)
{
    return strtoull(text(row, key), NULL, 16);
}

static void decode(const json_t *row, const char *key, uint8_t *out, size_t len)
{
    assert_true(hex_decode(text(row, key), out, len));
}

static const json_t *set_row(unsigned set)
{
    return json_array_get(json_object_get(vectors, "small_dag"), set);
}

/* --- parts of the engines -------------------------------------------------------------------- */

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

/* --- generated code -------------------------------------------------------------------------- */

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

static const struct algo_impl *impl_named(const char *name)
{
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        if (!strcmp(impl->name, name))
            return impl;
    return NULL;
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

/* --- tiny datasets --------------------------------------------------------------------------- */

static void check_digest(const void *data, size_t len, const char *hex)
{
    uint8_t got[32], want[32];

    assert_true(hex_decode(hex, want, sizeof want));
    keccak256(data, len, got);
    assert_memory_equal(got, want, sizeof want);
}

static void datasets_have_the_known_digests(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SETS; i++) {
        const struct ethash_cache *cache = &sets[i].cache;
        check_digest(cache->items, (size_t)ethash_cache_bytes(&cache->sizes),
                     text(set_row(i), "light_cache_keccak256"));
        check_digest(sets[i].items.at, (size_t)ethash_dag_bytes(&cache->sizes),
                     text(set_row(i), "dataset_keccak256"));
        check_digest(sets[i].data.l1, sizeof sets[i].data.l1,
                     text(set_row(i), "l1_cache_keccak256"));
    }
}

static void check_hashes(struct algo_ctx *ctx, const struct algo_input *in, const json_t *hit)
{
    uint8_t hash[32], mix[32];
    struct algo_result got;

    decode(hit, "final_hash", hash, sizeof hash);
    decode(hit, "mix_hash", mix, sizeof mix);
    assert_int_equal(algo_kawpow.hash(ctx, in, &got), 0);
    assert_memory_equal(got.hash, hash, sizeof hash);
    assert_memory_equal(got.mix, mix, sizeof mix);
}

/* All winners of a row's first `count` nonces, going on behind each full list. */
static void check_scan(const struct algo_impl *impl, struct algo_ctx *ctx, const json_t *row,
                       uint64_t count)
{
    const struct algo_key key = {.height = number(row, "block_number")};
    const json_t *hits = json_object_get(row, "hits");
    uint8_t input[KAWPOW_INPUT] = {0}, boundary[32];
    uint64_t first = hex_number(row, "start_nonce"), done = 0;
    size_t hit = 0;

    decode(row, "header_hash", input, KAWPOW_HEADER);
    decode(row, "boundary", boundary, sizeof boundary);
    while (done < count) {
        struct scan scan = {.in = {input, sizeof input, KAWPOW_NONCE_AT, &key},
                            .first = first + done,
                            .count = count - done,
                            .target = u256_from_be(boundary)};
        impl->scan(ctx, &scan);
        assert_in_range(scan.done, 1, scan.count);
        for (unsigned i = 0; i < scan.found; i++) {
            const json_t *want = json_array_get(hits, hit++);
            assert_non_null(want);
            assert_int_equal(scan.hit[i].nonce, hex_number(want, "nonce"));
        }
        done += scan.done;
    }
    const json_t *next = json_array_get(hits, hit);
    assert_true(!next || hex_number(next, "nonce") - first >= count);
}

static void full_scans_find_exactly_the_known_nonces(void **state)
{
    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned set = 0; set < SETS && runs_here(impl->needs); set++) {
            const json_t *row;
            size_t i;
            json_array_foreach(json_object_get(set_row(set), "scans"), i, row)
                check_scan(impl, sets[set].ctx[1], row, number(row, "count"));
        }
}

static void light_scans_find_the_same_nonces(void **state)
{
    const json_t *row = json_array_get(json_object_get(set_row(1), "scans"), 0);

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        if (runs_here(impl->needs))
            check_scan(impl, sets[1].ctx[0], row, 2 * KAWPOW_LIGHT_FLIGHT + 1);
}

static void hits_have_the_known_hashes_light_and_full(void **state)
{
    (void)state;
    for (unsigned set = 0; set < SETS; set++) {
        const json_t *row, *hit;
        size_t i, j;
        json_array_foreach(json_object_get(set_row(set), "scans"), i, row)
            json_array_foreach(json_object_get(row, "hits"), j, hit)
        {
            const struct algo_key key = {.height = number(row, "block_number")};
            uint8_t input[KAWPOW_INPUT];
            const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
            decode(row, "header_hash", input, KAWPOW_HEADER);
            put_le64(input + KAWPOW_NONCE_AT, hex_number(hit, "nonce"));
            check_hashes(sets[set].ctx[1], &in, hit);
            if (j == 0)
                check_hashes(sets[set].ctx[0], &in, hit);
        }
    }
}

/* --- searches -------------------------------------------------------------------------------- */

static struct scan scan_of(const uint8_t *input, const struct algo_key *key)
{
    return (struct scan){.in = {input, KAWPOW_INPUT, KAWPOW_NONCE_AT, key},
                         .first = UINT32_MAX - 5,
                         .count = 33,
                         .target = u256_shr(u256_max(), 1)};
}

/* Periods forwards past all that are kept, and back, in one context for all implementations. */
static void programs_follow_the_height_within_a_context(void **state)
{
    static const unsigned steps[] = {0, 2, 3, 12, 15, 0};
    uint8_t input[KAWPOW_INPUT];
    uint64_t base = rand_u32();

    (void)state;
    rand_bytes(input, sizeof input);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct algo_key key = {.height = base + steps[i]};
        struct scan want = scan_of(input, &key);
        impl_named("scalar")->scan(sets[1].ctx[1], &want);
        for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++) {
            struct scan got = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            impl->scan(sets[1].ctx[1], &got);
            assert_int_equal(got.found, want.found);
            assert_int_equal(got.done, want.done);
            assert_memory_equal(got.hit, want.hit, sizeof got.hit);
        }
    }
}

static void a_scan_ends_behind_its_sixteenth_winner(void **state)
{
    const struct algo_key key = {.height = 9};
    uint8_t input[KAWPOW_INPUT] = {0};

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned full = 0; full < 2; full++) {
            struct scan scan = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            scan.count = SCAN_FOUND_MAX + 3;
            scan.target = u256_max();
            impl->scan(sets[1].ctx[full], &scan);
            assert_int_equal(scan.found, SCAN_FOUND_MAX);
            assert_int_equal(scan.done, SCAN_FOUND_MAX);
        }
}

static void the_target_itself_is_met_and_one_less_is_not(void **state)
{
    const struct algo_key key = {.height = 4487775};
    uint8_t input[KAWPOW_INPUT];
    struct algo_result known;

    (void)state;
    rand_bytes(input, sizeof input);
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++) {
        struct scan scan = scan_of(input, &key);
        if (!runs_here(impl->needs))
            continue;
        assert_int_equal(algo_kawpow.hash(sets[1].ctx[1], &scan.in, &known), 0);
        scan.first = le64(input + KAWPOW_NONCE_AT);
        scan.count = 1;
        scan.target = u256_from_be(known.hash);
        impl->scan(sets[1].ctx[1], &scan);
        assert_int_equal(scan.found, 1);
        struct u256 one = u256_from_u64(1);
        (void)u256_sub(&scan.target, &one);
        impl->scan(sets[1].ctx[1], &scan);
        assert_int_equal(scan.found, 0);
        assert_int_equal(scan.done, 1);
    }
}

static void a_stale_scan_returns_early(void **state)
{
    const struct algo_key key = {.height = 1};
    const uint8_t input[KAWPOW_INPUT] = {0};
    _Atomic uint32_t generation = 7;

    (void)state;
    for (const struct algo_impl *impl = algo_kawpow.impls; impl->name; impl++)
        for (unsigned full = 0; full < 2; full++) {
            struct scan scan = scan_of(input, &key);
            if (!runs_here(impl->needs))
                continue;
            scan.count = UINT64_C(1) << 40;
            scan.generation = &generation;
            scan.born = 6;
            impl->scan(sets[0].ctx[full], &scan);
            assert_true(scan.done <= KAWPOW_LANES);
        }
}

static void heights_of_another_epoch_are_refused(void **state)
{
    struct kawpow_data *data = aligned_alloc(64, sizeof *data);
    const struct algo_key right = {.height = 2 * KAWPOW_EPOCH - 1},
                          wrong = {.height = 2 * KAWPOW_EPOCH};
    const uint8_t input[KAWPOW_INPUT] = {0};
    struct algo_result out;

    (void)state;
    assert_non_null(data);
    *data = sets[1].data;
    data->epoch = 1;
    struct algo_ctx *ctx = kawpow_ctx_over(data, true);
    struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &right};
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), 0);
    in.key = &wrong;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_KEY);
    in.key = NULL;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_KEY);
    assert_int_equal(algo_kawpow.hash(NULL, &in, &out), ERR_KEY);
    in.key = &right;
    in.len--;
    assert_int_equal(algo_kawpow.hash(ctx, &in, &out), ERR_FIELD);
    struct scan scan = scan_of(input, &wrong);
    algo_kawpow.impls->scan(ctx, &scan);
    assert_int_equal(scan.done, 0);
    assert_int_equal(scan.found, 0);
    kawpow_ctx_free(ctx);
    free(data);
}

static void a_damaged_dataset_does_not_change_the_definition(void **state)
{
    const struct algo_key key = {.height = 5};
    const uint8_t input[KAWPOW_INPUT] = {0};
    const struct algo_input in = {input, sizeof input, KAWPOW_NONCE_AT, &key};
    struct algo_result want, got;
    uint8_t *items = sets[0].items.at;

    (void)state;
    assert_int_equal(algo_kawpow.hash(sets[0].ctx[1], &in, &want), 0);
    for (size_t i = 0; i < sets[0].items.bytes; i++)
        items[i] ^= 1;
    assert_int_equal(algo_kawpow.hash(sets[0].ctx[1], &in, &got), 0);
    for (size_t i = 0; i < sets[0].items.bytes; i++)
        items[i] ^= 1;
    assert_memory_equal(&want, &got, sizeof got);
}

/* --- fixture --------------------------------------------------------------------------------- */

static int make_set(unsigned i)
{
    const json_t *row = set_row(i);
    const struct ethash_sizes sizes = {.cache_items = (uint32_t)number(row, "light_items"),
                                       .entries = (uint32_t)number(row, "dataset_items_128B"),
                                       .parents = (uint32_t)number(row, "dataset_parents")};
    uint8_t seed[32];

    decode(row, "seedhash", seed, sizeof seed);
    if (ethash_cache_make(&sets[i].cache, &sizes, seed, false, NULL, NULL, NULL) < 0 ||
        ethash_memory_get(&sets[i].items, ethash_dag_bytes(&sizes), false, NULL) < 0)
        return -1;
    ethash_items_from(&sets[i].cache, 0, (size_t)2 * sizes.entries, sets[i].items.at);
    kawpow_data_prepare(&sets[i].data, KAWPOW_ANY_EPOCH, &sets[i].cache);
    sets[i].data.full = sets[i].items.at;
    for (unsigned full = 0; full < 2; full++)
        sets[i].ctx[full] = kawpow_ctx_over(&sets[i].data, full);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/kawpow.json", 0, NULL);
    return vectors && make_set(0) == 0 && make_set(1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SETS; i++) {
        kawpow_ctx_free(sets[i].ctx[0]);
        kawpow_ctx_free(sets[i].ctx[1]);
        ethash_memory_put(&sets[i].items);
        ethash_cache_free(&sets[i].cache);
    }
    json_decref(vectors);
    return 0;
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
        cmocka_unit_test(datasets_have_the_known_digests),
        cmocka_unit_test(full_scans_find_exactly_the_known_nonces),
        cmocka_unit_test(light_scans_find_the_same_nonces),
        cmocka_unit_test(hits_have_the_known_hashes_light_and_full),
        cmocka_unit_test(programs_follow_the_height_within_a_context),
        cmocka_unit_test(a_scan_ends_behind_its_sixteenth_winner),
        cmocka_unit_test(the_target_itself_is_met_and_one_less_is_not),
        cmocka_unit_test(a_stale_scan_returns_early),
        cmocka_unit_test(heights_of_another_epoch_are_refused),
        cmocka_unit_test(a_damaged_dataset_does_not_change_the_definition),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
/* RandomX hashes and searches, light: known answers, keys, rounding, pipelining, variants. */
#include <fenv.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "algo/cpu.h"
#include "base/endian.h"
#include "kernels/randomx/data.h"
#include "randomx_fixture.h"

#ifndef PR_SET_MDWE
#define PR_SET_MDWE              65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static json_t *vectors;
static struct algo_ctx *series_ctx;
static struct dataset *series_data;
static struct algo_key series_key;
static uint8_t blob[76];

enum { SERIES = 8 };
static uint8_t answers[SERIES][32];

/* --- hashes ---------------------------------------------------------------------------------- */

static int hash(struct algo_ctx *ctx, const struct algo_key *key, const char *input_hex,
                struct algo_result *got)
{
    uint8_t input[ALGO_INPUT_MAX];
    long len = hex_decode_any(input_hex, input, sizeof input);

    assert_true(len >= 0);
    const struct algo_input in = {input, (uint16_t)len, 39, key};
    return algo_randomx.hash(ctx, &in, got);
}

static struct algo_ctx *ctx_on(struct dataset *d)
{
    struct algo_ctx *ctx = NULL;

    assert_int_equal(algo_randomx.ctx_new(d, &ctx, NULL), 0);
    return ctx;
}

/* Every engine finds the nonce that the input has: at its usual place, in a short one at the front.
 * Inputs too short for any nonce have none to find. */
static void assert_searched(struct algo_ctx *ctx, const struct algo_key *key, const json_t *row)
{
    uint8_t input[ALGO_INPUT_MAX], hash_bytes[32];
    long len = hex_decode_any(word(row, "input"), input, sizeof input);
    uint16_t nonce_at = len >= 43 ? 39 : 0;

    assert_true(hex_decode(word(row, "hash_v1"), hash_bytes, sizeof hash_bytes));
    for (const struct algo_impl *impl = algo_randomx.impls; len >= 4 && impl->name; impl++) {
        struct scan scan = {.in = {input, (uint16_t)len, nonce_at, key},
                            .first = le32(input + nonce_at),
                            .count = 1,
                            .target = u256_from_le(hash_bytes)};
        if (impl->needs & ~cpu_features())
            continue;
        impl->scan(ctx, &scan);
        assert_int_equal(scan.found, 1);
        assert_int_equal(scan.hit[0].nonce, scan.first);
    }
}

static void assert_hash(struct algo_ctx *ctx, const json_t *row)
{
    struct algo_key key = key_of(word(row, "key"));
    struct algo_result got;
    uint8_t want[32];

    assert_true(hex_decode(word(row, "hash_v1"), want, sizeof want));
    assert_int_equal(hash(ctx, &key, word(row, "input"), &got), 0);
    assert_memory_equal(got.hash, want, sizeof want);
}

static void inputs_of_every_length_hash_to_the_known_answers(void **state)
{
    struct dataset *d = NULL;
    struct algo_ctx *ctx = NULL;
    const char *made = NULL;
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(vectors, "hashes"), i, row)
    {
        if (!made || strcmp(made, word(row, "key")) != 0) {
            algo_randomx.ctx_free(ctx);
            dataset_unref(d);
            made = word(row, "key");
            d = light_of(made, NULL);
            ctx = ctx_on(d);
        }
        assert_hash(ctx, row);
        struct algo_key key = key_of(made);
        assert_searched(ctx, &key, row);
    }
    algo_randomx.ctx_free(ctx);
    dataset_unref(d);
    assert_true(i > 10);
}

static void contexts_of_two_keys_take_turns_on_one_thread(void **state)
{
    const json_t *rows = json_object_get(vectors, "hashes");
    const json_t *a = json_array_get(rows, 5), *b = json_array_get(rows, 3);
    struct dataset *d = light_of(word(b, "key"), NULL);
    struct algo_ctx *ctx = ctx_on(d);

    (void)state;
    assert_hash(series_ctx, a);
    assert_hash(ctx, b);
    assert_hash(series_ctx, a);
    algo_randomx.ctx_free(ctx);
    dataset_unref(d);
}

static void a_context_refuses_another_key(void **state)
{
    struct algo_key other = key_of("01"), none = {0};
    struct algo_result got;
    struct scan scan = {.in = {blob, sizeof blob, 39, &other}, .count = 5, .target = u256_max()};

    (void)state;
    assert_int_equal(hash(series_ctx, &other, "00", &got), ERR_KEY);
    assert_int_equal(hash(series_ctx, &none, "00", &got), ERR_KEY);
    assert_int_equal(hash(series_ctx, NULL, "00", &got), ERR_KEY);
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.done, 0);
    assert_int_equal(scan.found, 0);
}

/* --- searches -------------------------------------------------------------------------------- */

static struct scan scan_for(uint64_t first, uint64_t count, const struct u256 *target)
{
    return (struct scan){.in = {blob, sizeof blob, 39, &series_key},
                         .first = first,
                         .count = count,
                         .target = *target};
}

/* Of the first `count` nonces, those that meet the hash of nonce `k`, found in slices of `slice`,
 * are those of the list. */
static void assert_found(const struct algo_impl *impl, unsigned k, unsigned count, unsigned slice)
{
    struct u256 target = u256_from_le(answers[k]);
    unsigned next = 0;

    for (unsigned first = 0; first < count; first += slice) {
        struct scan scan = scan_for(first, slice, &target);
        impl->scan(series_ctx, &scan);
        assert_int_equal(scan.done, slice);
        for (unsigned i = 0; i < scan.found; i++) {
            for (; next < scan.hit[i].nonce; next++) {
                struct u256 value = u256_from_le(answers[next]);
                assert_true(u256_cmp(&value, &target) > 0);
            }
            struct u256 value = u256_from_le(answers[next++]);
            assert_true(u256_cmp(&value, &target) <= 0);
        }
    }
    for (; next < count; next++) {
        struct u256 value = u256_from_le(answers[next]);
        assert_true(u256_cmp(&value, &target) > 0);
    }
}

static void searches_find_the_nonces_of_the_series(void **state)
{
    (void)state;
    for (unsigned k = 0; k < SERIES; k += 3)
        assert_found(&algo_randomx.impls[0], k, SERIES, SERIES);
    for (const struct algo_impl *impl = algo_randomx.impls + 1; impl->name; impl++)
        assert_found(impl, 1, 3, 3); /* slow */
}

static void slices_go_on_where_the_last_one_ended(void **state)
{
    (void)state;
    assert_found(&algo_randomx.impls[0], 3, SERIES, 1);
    assert_found(&algo_randomx.impls[0], 5, SERIES, 4);
}

/* What is begun in the machine is not taken for the start of another search. */
static void hashes_and_other_ranges_between_slices_change_nothing(void **state)
{
    struct u256 target = u256_from_le(answers[4]);
    struct scan scan = scan_for(0, 2, &target);
    struct algo_result got;

    (void)state;
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(hash(series_ctx, &series_key, "89", &got), 0);
    scan = scan_for(4, 1, &target);
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.found, 1);
    assert_int_equal(scan.hit[0].nonce, 4);
    scan = scan_for(4, 1, &target);
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.found, 1);
}

static void the_last_nonce_ends_a_search(void **state)
{
    struct u256 all = u256_max();
    struct scan scan = scan_for(0xfffffffe, 2, &all);

    (void)state;
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.done, 2);
    assert_int_equal(scan.found, 2);
    assert_int_equal(scan.hit[1].nonce, 0xffffffff);
}

static void a_full_list_ends_the_search_behind_its_last_winner(void **state)
{
    struct u256 all = u256_max();
    struct scan scan = scan_for(7, 100, &all);

    (void)state;
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.found, SCAN_FOUND_MAX);
    assert_int_equal(scan.done, SCAN_FOUND_MAX);
    assert_int_equal(scan.hit[SCAN_FOUND_MAX - 1].nonce, 7 + SCAN_FOUND_MAX - 1);
}

static void a_stale_search_makes_no_hash(void **state)
{
    _Atomic uint32_t generation = 7;
    struct u256 all = u256_max();
    struct scan scan = scan_for(0, 1000000, &all);

    (void)state;
    scan.generation = &generation;
    scan.born = 6;
    algo_randomx.impls[0].scan(series_ctx, &scan);
    assert_int_equal(scan.done, 0);
    assert_int_equal(scan.found, 0);
}

/* --- rounding -------------------------------------------------------------------------------- */

static bool denormals_count(void)
{
    volatile double tiny = 0x1p-1060, two = 2;

    return tiny / two != 0; /* flushed to zero where the library's setting stays on */
}

static void the_callers_rounding_is_kept(void **state)
{
    struct u256 none = u256_from_u64(1);
    struct algo_result got;

    (void)state;
    assert_int_equal(fesetround(FE_UPWARD), 0);
    for (unsigned i = 0; i < 4; i++) {
        struct scan scan = scan_for(i, 1, &none);
        algo_randomx.impls[0].scan(series_ctx, &scan);
        assert_int_equal(fegetround(), FE_UPWARD);
        assert_true(denormals_count());
        assert_int_equal(hash(series_ctx, &series_key, "89", &got), 0);
        assert_int_equal(fegetround(), FE_UPWARD);
        assert_true(denormals_count());
    }
    assert_int_equal(fesetround(FE_TONEAREST), 0);
}

static void scratchpads_are_counted_while_they_live(void **state)
{
    const struct rx_data *data = dataset_memory(series_data);
    unsigned vms = atomic_load(&data->vms), huge = atomic_load(&data->vms_huge);
    struct algo_ctx *ctx = ctx_on(series_data);

    (void)state;
    assert_in_range(atomic_load(&data->vms), vms, vms + 1);
    assert_in_range(atomic_load(&data->vms_huge), huge, huge + 1);
    algo_randomx.ctx_free(ctx);
    assert_int_equal(atomic_load(&data->vms), vms);
    assert_int_equal(atomic_load(&data->vms_huge), huge);
}

/* --- choices --------------------------------------------------------------------------------- */

static void pages_that_are_never_writable_and_executable_give_the_same_hash(void **state)
{
    const json_t *row = json_array_get(json_object_get(vectors, "hashes"), 0);
    const struct dataset_choices secure = {.secure_jit = true};
    struct dataset *d = light_of(word(row, "key"), &secure);
    struct algo_ctx *ctx = ctx_on(d);

    (void)state;
    assert_hash(ctx, row);
    algo_randomx.ctx_free(ctx);
    dataset_unref(d);
}

/* Under systemd's MemoryDenyWriteExecute and the like. In a process of its own: it is for good. */
static void the_interpreter_stands_in_where_code_cannot_be_made(void **state)
{
    const json_t *row = json_array_get(json_object_get(vectors, "hashes"), 0);
    struct algo_key key = key_of(word(row, "key"));
    pid_t child = fork();
    int status = 0;

    (void)state;
    if (!child) {
        const struct dataset_choices choices = {.huge_pages = true};
        struct dataset *d = NULL;
        struct algo_ctx *ctx = NULL;
        struct algo_result got;
        uint8_t want[32];
        if (prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) < 0)
            _exit(77);
        if (dataset_build(&algo_randomx, &key, &choices, false, 1, NULL, &d, NULL) < 0 ||
            algo_randomx.ctx_new(d, &ctx, NULL) < 0 ||
            hash(ctx, &key, word(row, "input"), &got) < 0)
            _exit(1);
        (void)hex_decode(word(row, "hash_v1"), want, sizeof want);
        _exit(memcmp(want, got.hash, sizeof want) != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int refusal(const char *variant, struct fault *why)
{
    const struct dataset_choices choices = {.randomx = variant};
    struct algo_key key = key_of("00");
    struct dataset *d = NULL;
    int err = dataset_build(&algo_randomx, &key, &choices, false, 1, NULL, &d, why);

    dataset_unref(d);
    return err;
}

/* Version 1 of the library takes the flag of v2 and hashes v1 all the same: it must be noticed. A
 * library that has v2 must give its known answer. */
static void a_variant_is_what_was_asked_for_or_refused(void **state)
{
    const json_t *row = json_array_get(json_object_get(vectors, "hashes"), 0);
    const struct dataset_choices choices = {.randomx = "v2"};
    struct algo_key key = key_of(word(row, "key"));
    struct dataset *d = NULL;
    struct fault why = {0};
    int err = dataset_build(&algo_randomx, &key, &choices, false, 1, NULL, &d, &why);

    (void)state;
    if (err < 0) {
        assert_int_equal(err, ERR_CONFIG);
        assert_non_null(strstr(why.text, "no RandomX v2"));
    } else {
        struct algo_ctx *ctx = ctx_on(d);
        struct algo_result got;
        uint8_t want[32];
        assert_int_equal(hash(ctx, &key, word(row, "input"), &got), 0);
        assert_true(hex_decode(word(row, "hash_v2"), want, sizeof want));
        assert_memory_equal(got.mix, want, sizeof want);
        assert_true(hex_decode(word(row, "commitment_v2"), want, sizeof want));
        assert_memory_equal(got.hash, want, sizeof want);
        algo_randomx.ctx_free(ctx);
        dataset_unref(d);
    }
    assert_int_equal(refusal("v3", &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "\"v3\""));
}

static void seeds_that_cannot_be_are_named(void **state)
{
    struct algo_key key = {.seed_len = 0};
    struct dataset_plan plan;
    struct fault why = {0};

    (void)state;
    assert_int_equal(algo_randomx.dataset->plan(&key, &plan, &why), ERR_KEY);
    assert_non_null(strstr(why.text, "seed"));
    key.seed_is_empty = true;
    assert_int_equal(algo_randomx.dataset->plan(&key, &plan, &why), 0);
    key.seed_len = ALGO_SEED_MAX + 1;
    assert_int_equal(algo_randomx.dataset->plan(&key, &plan, &why), ERR_KEY);
    key.seed_len = ALGO_SEED_MAX;
    assert_int_equal(algo_randomx.dataset->plan(&key, &plan, &why), 0);
    assert_int_equal(plan.full_bytes, UINT64_C(2181038016));
    assert_int_equal(plan.items, 34078719);
}

static void a_library_that_is_missing_is_named_with_its_package(void **state)
{
    pid_t child;
    int status = 0;

    (void)state;
    /* the library is opened once in a process: this needs one that has not begun */
    if (!(child = fork())) {
        (void)setenv("OTEDAMA_LIBRANDOMX", "/nonexistent/librandomx.so", 1);
        (void)execl("/proc/self/exe", "randomx_hash_test", "--missing", (char *)NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int say_missing(void)
{
    struct algo_key key = {.seed_len = 1};
    const struct dataset_choices choices = {0};
    struct dataset *d = NULL;
    struct fault why = {0};
    int err = dataset_build(&algo_randomx, &key, &choices, false, 1, NULL, &d, &why);

    return err == ERR_CONFIG && strstr(why.text, "librandomx0") ? 0 : 1;
}

/* --- all ------------------------------------------------------------------------------------- */

static int set_up(void **state)
{
    const json_t *series, *row;
    size_t i;

    (void)state;
    vectors = randomx_vectors();
    series = json_object_get(vectors, "nonce_series");
    series_key = key_of(word(series, "key"));
    series_data = light_of(word(series, "key"), NULL);
    assert_int_equal(algo_randomx.ctx_new(series_data, &series_ctx, NULL), 0);
    assert_true(hex_decode(word(series, "blob"), blob, sizeof blob));
    json_array_foreach(json_object_get(series, "items"), i, row)
        assert_true(hex_decode(word(row, "hash_v1"), answers[i], 32));
    assert_int_equal(i, SERIES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    algo_randomx.ctx_free(series_ctx);
    dataset_unref(series_data);
    json_decref(vectors);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_of_every_length_hash_to_the_known_answers),
        cmocka_unit_test(contexts_of_two_keys_take_turns_on_one_thread),
        cmocka_unit_test(scratchpads_are_counted_while_they_live),
        cmocka_unit_test(a_context_refuses_another_key),
        cmocka_unit_test(searches_find_the_nonces_of_the_series),
        cmocka_unit_test(slices_go_on_where_the_last_one_ended),
        cmocka_unit_test(hashes_and_other_ranges_between_slices_change_nothing),
        cmocka_unit_test(the_last_nonce_ends_a_search),
        cmocka_unit_test(a_full_list_ends_the_search_behind_its_last_winner),
        cmocka_unit_test(a_stale_search_makes_no_hash),
        cmocka_unit_test(the_callers_rounding_is_kept),
        cmocka_unit_test(pages_that_are_never_writable_and_executable_give_the_same_hash),
        cmocka_unit_test(the_interpreter_stands_in_where_code_cannot_be_made),
        cmocka_unit_test(a_variant_is_what_was_asked_for_or_refused),
        cmocka_unit_test(seeds_that_cannot_be_are_named),
        cmocka_unit_test(a_library_that_is_missing_is_named_with_its_package),
    };

    if (argc > 1 && !strcmp(argv[1], "--missing"))
        return say_missing();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

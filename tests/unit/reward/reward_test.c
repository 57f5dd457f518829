/* SPDX-License-Identifier: MIT */
/* Rewards: known splits and windows, and no unit is ever lost or made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "reward/scheme.h"

static json_t *vectors;

static int load(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/reward.json", 0, NULL);
    return vectors ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

static uint64_t integer(const json_t *object, const char *key)
{
    assert_non_null(json_object_get(object, key));
    return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* Vectors name accounts by a word: its first letter is the account id. */
static uint32_t account_of(const char *name)
{
    return (uint32_t)name[0];
}

static void assert_credits(const json_t *expected, const struct payout *out, size_t n)
{
    const char *name;
    json_t *atoms;

    assert_int_equal(json_object_size(expected), n);
    json_object_foreach((json_t *)(uintptr_t)expected, name, atoms)
    {
        bool found = false;
        for (size_t i = 0; i < n; i++)
            if (out[i].account == account_of(name)) {
                assert_int_equal(out[i].atoms, json_integer_value(atoms));
                found = true;
            }
        assert_true(found);
    }
}

static uint64_t net_of(const json_t *input, const json_t *expect)
{
    uint64_t reward = integer(input, "reward_atomic");
    uint64_t fee = reward_fee(reward, (uint32_t)(integer(input, "fee_ppm") / 100));

    assert_int_equal(fee, integer(expect, "fee_atomic"));
    return reward - fee;
}

static void split_matches_the_vectors(void **state)
{
    size_t i, seen = 0;
    json_t *vector;

    (void)state;
    json_array_foreach(json_object_get(vectors, "vectors"), i, vector)
    {
        const char *kind = json_string_value(json_object_get(vector, "kind")), *name;
        json_t *input = json_object_get(vector, "input"), *weight;
        json_t *expect = json_object_get(vector, "expect");
        struct credit credits[8];
        struct payout out[8];
        size_t n = 0;

        if (strcmp(kind, "payout_split_largest_remainder") != 0)
            continue;
        json_object_foreach(json_object_get(input, "weights"), name, weight)
        {
            credits[n++] = (struct credit){account_of(name), (uint64_t)json_integer_value(weight)};
        }
        size_t used = reward_split(credits, n, net_of(input, expect), out);
        assert_credits(json_object_get(expect, "credits"), out, used);
        seen++;
    }
    assert_int_equal(seen, 3);
}

static void pplns_window_matches_the_vectors(void **state)
{
    size_t i, seen = 0;
    json_t *vector;

    (void)state;
    json_array_foreach(json_object_get(vectors, "vectors"), i, vector)
    {
        const char *kind = json_string_value(json_object_get(vector, "kind"));
        json_t *input = json_object_get(vector, "input"), *share;
        json_t *expect = json_object_get(vector, "expect");
        struct credit shares[16], inside[16];
        struct payout out[16], work[16];
        size_t n = 0, j;

        if (strcmp(kind, "pplns_window") != 0)
            continue;
        json_array_foreach(json_object_get(input, "shares_oldest_first"), j, share)
        {
            shares[n++] = (struct credit){
                account_of(json_string_value(json_array_get(share, 0))),
                (uint64_t)json_integer_value(json_array_get(share, 1)),
            };
        }
        uint64_t window = integer(input, "factor") * integer(input, "network_difficulty");
        size_t rows = reward_last_work(shares, n, window, inside), sum = 0;
        for (j = 0; j < rows; j++)
            sum += inside[j].work;
        size_t used = reward_split(inside, rows, sum, work); /* merges: the work by account */
        assert_credits(json_object_get(expect, "window_work"), work, used);
        used = reward_find("pplns")->split(inside, rows, net_of(input, expect), out);
        assert_credits(json_object_get(expect, "credits_proportional_to_work_in_window"), out,
                       used);
        seen++;
    }
    assert_int_equal(seen, 2);
}

static uint64_t random_bits(unsigned *seed, unsigned bits)
{
    uint64_t v = 0;

    for (int i = 0; i < 5; i++)
        v = v << 15 ^ (uint64_t)rand_r(seed);
    return bits >= 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

static void every_scheme_adds_up_for_10000_random_share_sets(void **state)
{
    struct credit credits[64];
    struct payout out[64];
    unsigned seed = 20240517;

    (void)state;
    for (int round = 0; round < 10000; round++) {
        size_t n = 1 + (size_t)rand_r(&seed) % 64;
        uint64_t atoms = random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 64);
        for (size_t i = 0; i < n; i++)
            credits[i] = (struct credit){
                (uint32_t)rand_r(&seed) % 40,
                1 + random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 58),
            };
        for (size_t s = 0; reward_schemes[s]; s++) {
            uint64_t sum = 0;
            size_t used = reward_schemes[s]->split(credits, n, atoms, out);
            for (size_t i = 0; i < used; i++)
                sum += out[i].atoms;
            assert_true(used >= 1 && used <= n);
            assert_true(sum == atoms);
        }
    }
}

static void window_holds_exactly_its_work_or_everything(void **state)
{
    struct credit shares[64], inside[64];
    unsigned seed = 7;

    (void)state;
    for (int round = 0; round < 10000; round++) {
        size_t n = (size_t)rand_r(&seed) % 64;
        uint64_t window = random_bits(&seed, 1 + (unsigned)rand_r(&seed) % 40), all = 0, sum = 0;
        for (size_t i = 0; i < n; i++) {
            shares[i] = (struct credit){1, 1 + random_bits(&seed, 35)};
            all += shares[i].work;
        }
        size_t rows = reward_last_work(shares, n, window, inside);
        for (size_t i = 0; i < rows; i++) {
            assert_true(inside[i].work >= 1);
            sum += inside[i].work;
        }
        assert_true(sum == (all < window ? all : window));
    }
}

static void equal_remainders_go_to_the_lower_account(void **state)
{
    const struct credit credits[] = {{9, 1}, {2, 1}, {5, 1}};
    struct payout out[3];

    (void)state;
    assert_int_equal(reward_split(credits, 3, 10, out), 3);
    assert_int_equal(out[0].account, 2);
    assert_int_equal(out[0].atoms, 4);
    assert_int_equal(out[1].atoms + out[2].atoms, 6);
}

static void rows_of_one_account_are_merged(void **state)
{
    const struct credit credits[] = {{1, 1}, {2, 1}, {1, 1}};
    struct payout out[3];

    (void)state;
    assert_int_equal(reward_split(credits, 3, 300, out), 2);
    assert_int_equal(out[0].atoms, 200);
}

static void no_credits_give_no_rows(void **state)
{
    struct payout out[1];

    (void)state;
    for (size_t s = 0; reward_schemes[s]; s++)
        assert_int_equal(reward_schemes[s]->split(NULL, 0, 5, out), 0);
}

static void fee_is_rounded_down_without_overflow(void **state)
{
    (void)state;
    assert_int_equal(reward_fee(9999, 1), 0);
    assert_int_equal(reward_fee(10000, 1), 1);
    assert_true(reward_fee(UINT64_MAX, 10000) == UINT64_MAX);
}

static void unknown_scheme_is_not_found(void **state)
{
    (void)state;
    assert_null(reward_find("pps+"));
    assert_non_null(reward_find("solo"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_matches_the_vectors),
        cmocka_unit_test(pplns_window_matches_the_vectors),
        cmocka_unit_test(every_scheme_adds_up_for_10000_random_share_sets),
        cmocka_unit_test(window_holds_exactly_its_work_or_everything),
        cmocka_unit_test(equal_remainders_go_to_the_lower_account),
        cmocka_unit_test(rows_of_one_account_are_merged),
        cmocka_unit_test(no_credits_give_no_rows),
        cmocka_unit_test(fee_is_rounded_down_without_overflow),
        cmocka_unit_test(unknown_scheme_is_not_found),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

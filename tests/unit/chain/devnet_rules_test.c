/* SPDX-License-Identifier: MIT */
/* The devnet's rules alone: difficulty follows the rate, subsidies halve, chains have ids of their
 * own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "chain/devnet_check.h"
#include "core/target.h"
#include "tests/fake/hash_algo.h"

/* A chain of headers alone: the rules look at times and targets only. */
static struct devnet_block *grow(struct devnet_rules *rules, struct devnet_block *parent,
                                 uint32_t took)
{
    struct devnet_block *b = xcalloc(1, sizeof *b);
    struct u256 target = devnet_target(rules, parent);
    uint8_t header[80] = {0};

    put_le32(header + 68, parent->time + took);
    put_le32(header + 72, target_to_bits(&target));
    assert_true(devnet_block_fill(rules, b, parent, header));
    return b;
}

static void free_branch(struct devnet_block *b)
{
    while (b) {
        struct devnet_block *parent = b->parent;
        free(b);
        b = parent;
    }
}

static struct devnet_block *first_block(struct devnet_rules *rules)
{
    struct devnet_block *b = xcalloc(1, sizeof *b);
    uint8_t header[HEADER_MAX];

    assert_true(devnet_rules_init(rules, &fake_easy, 10));
    devnet_genesis(rules, header);
    assert_true(devnet_block_fill(rules, b, NULL, header));
    return b;
}

/* Simulates a rig of `rate` hashes/s whose blocks come exactly when they should. */
static struct devnet_block *simulate(struct devnet_rules *rules, struct devnet_block *tip,
                                     double rate, unsigned blocks, uint32_t *seconds)
{
    double owed = 0;

    *seconds = 0;
    for (unsigned i = 0; i < blocks; i++) {
        struct u256 target = devnet_target(rules, tip);
        owed += target_hashes(&target) / rate;
        uint32_t took = (uint32_t)owed;
        owed -= took;
        *seconds += took;
        tip = grow(rules, tip, took);
    }
    return tip;
}

static void difficulty_finds_the_block_interval(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e6, 60, &seconds); /* settles */
    tip = simulate(&rules, tip, 1e6, 100, &seconds);
    assert_in_range(seconds, 900, 1100); /* 100 blocks of 10 s */
    tip = simulate(&rules, tip, 1e7, 60, &seconds);
    tip = simulate(&rules, tip, 1e7, 100, &seconds);
    assert_in_range(seconds, 900, 1100);
    free_branch(tip);
}

static void a_long_pause_moves_difficulty_little(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e6, 100, &seconds);
    struct u256 before = devnet_target(&rules, tip);
    tip = grow(&rules, tip, 7 * 86400);
    struct u256 after = devnet_target(&rules, tip);
    assert_true(u256_to_double(&after) < 2 * u256_to_double(&before));
    free_branch(tip);
}

static void a_chain_left_by_a_fast_rig_eases(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e9, 100, &seconds);
    struct u256 target = devnet_target(&rules, tip);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 99), 0);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 100), 1);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 350), 3);
    assert_int_equal(devnet_eased_bits(&rules, target, 0), target_to_bits(&target));
    assert_int_equal(devnet_eased_bits(&rules, target, 200), rules.limit_bits);
    free_branch(tip);
}

static void the_subsidy_halves(void **state)
{
    const struct devnet_rules rules = {.algo = &fake_easy};

    (void)state;
    assert_int_equal(devnet_subsidy(&rules, 1), 5000000000);
    assert_int_equal(devnet_subsidy(&rules, 209999), 5000000000);
    assert_int_equal(devnet_subsidy(&rules, 210000), 2500000000);
    assert_int_equal(devnet_subsidy(&rules, UINT64_MAX), 0);
}

static void etchash_pays_what_ethereum_classic_does(void **state)
{
    const struct devnet_rules rules = {.algo = algo_find("etchash")};

    (void)state;
    assert_int_equal(devnet_subsidy(&rules, 1), 500000000);
    assert_int_equal(devnet_subsidy(&rules, 5000000), 500000000);
    assert_int_equal(devnet_subsidy(&rules, 5000001), 400000000);
    assert_int_equal(devnet_subsidy(&rules, 50000001), 53687091); /* floor of 5 * 0.8^10 */
    assert_int_equal(devnet_subsidy(&rules, UINT64_MAX), 0);
}

static void algorithms_and_intervals_have_their_own_chains(void **state)
{
    struct algo other = fake_easy;
    struct devnet_chain a, b, c;

    (void)state;
    other.name = "other";
    assert_int_equal(devnet_chain_init(&a, &fake_easy, NULL, 10, NULL, NULL), 0);
    assert_int_equal(devnet_chain_init(&b, &other, NULL, 10, NULL, NULL), 0);
    assert_int_equal(devnet_chain_init(&c, &fake_easy, NULL, 11, NULL, NULL), 0);
    assert_memory_not_equal(a.id, b.id, 32);
    assert_memory_not_equal(a.id, c.id, 32);
    devnet_chain_fini(&a);
    devnet_chain_fini(&b);
    devnet_chain_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(difficulty_finds_the_block_interval),
        cmocka_unit_test(a_long_pause_moves_difficulty_little),
        cmocka_unit_test(a_chain_left_by_a_fast_rig_eases),
        cmocka_unit_test(the_subsidy_halves),
        cmocka_unit_test(etchash_pays_what_ethereum_classic_does),
        cmocka_unit_test(algorithms_and_intervals_have_their_own_chains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

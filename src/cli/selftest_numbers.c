/* SPDX-License-Identifier: MIT */
/* Known answers about numbers that jobs are made of, which are no algorithm's own. */
#include "cli/selftest_numbers.h"

#include <math.h>

#include "core/seed_height.h"
#include "core/target.h"

extern const struct algo algo_sha256d, algo_randomx;

/* Difficulty is that of a target before it is written as compact bits: told to 15 digits. */
static bool check_bits(struct known *k)
{
    double want = json_number_value(json_object_get(k->row, "difficulty"));
    struct u256 target, told;
    uint64_t bits;

    if (!known_hex(k, k->row, "nbits", &bits) || !known_u256(k, k->row, "target", &told))
        return false;
    if (!target_from_bits((uint32_t)bits, &target) || u256_cmp(&target, &told) != 0)
        return known_wrong(k, "the bits stand for another target");
    if (target_to_bits(&target) != bits)
        return known_wrong(k, "the target has other bits");
    double got = target_difficulty(&k->algo->diff1, &target);
    return fabs(got - want) <= want * 1e-14 || known_wrong(k, "difficulty %.17g", got);
}

static bool check_seed_height(struct known *k)
{
    uint64_t height;

    return known_number(k, k->row, "height", &height) &&
           known_equal(k, k->row, "seed_height", randomx_seed_height(height)) &&
           known_equal(k, k->row, "next_seed_height", randomx_next_seed_height(height));
}

static const struct known_set bits[] = {
    {.algo = &algo_sha256d, .name = "nbits_and_difficulty", .check = check_bits},
    {0},
};

static const struct known_set heights[] = {
    {.algo = &algo_randomx, .name = "monero_seed_height", .check = check_seed_height},
    {0},
};

const struct known_table selftest_numbers[] = {
    {"tests/vectors/sha256d.json", bits},
    {"tests/vectors/randomx.json", heights},
    {0},
};

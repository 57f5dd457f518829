/* SPDX-License-Identifier: MIT */
/* A seed is 32 zero bytes hashed with Keccak-256 so many times; how many is the algorithm's rule.
 */
#include "stratum/seeds.h"

#include <string.h>

#include "crypto/keccak.h"

enum { SEEDS = 4096 };

/* Blocks of an epoch, and how many seeds on each is; from block `long_from` on (0 = never) epochs
 * are twice as long and each is two seeds on (ECIP-1099). */
static const struct rule {
    const char *algo;
    uint64_t blocks, long_from;
} rules[] = {
    {"ethash", 30000, 0},
    {"etchash", 30000, 11700000},
    {"kawpow", 7500, 0},
};

static const struct rule *rule_of(const struct algo *algo)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!strcmp(rules[i].algo, algo->name))
            return &rules[i];
    return NULL;
}

static bool is_long(const struct rule *rule, uint64_t height)
{
    return rule->long_from && height >= rule->long_from;
}

static uint64_t seeds_at(const struct rule *rule, uint64_t height)
{
    if (is_long(rule, height))
        return height / (2 * rule->blocks) * 2;
    return height / rule->blocks;
}

uint64_t epoch_of_height(const struct algo *algo, uint64_t height)
{
    const struct rule *rule = rule_of(algo);

    return rule ? height / (rule->blocks << is_long(rule, height)) : 0;
}

bool seed_of_height(const struct algo *algo, uint64_t height, uint8_t seed[32])
{
    const struct rule *rule = rule_of(algo);
    uint64_t count = rule ? seeds_at(rule, height) : SEEDS;

    memset(seed, 0, 32);
    if (count >= SEEDS)
        return false;
    while (count--)
        keccak256(seed, 32, seed);
    return true;
}

bool seed_to_height(const struct algo *algo, const uint8_t seed[32], uint64_t *height)
{
    const struct rule *rule = rule_of(algo);
    uint8_t at[32] = {0};

    for (uint64_t count = 0; rule && count < SEEDS; count++) {
        if (!memcmp(at, seed, sizeof at)) {
            *height = count * rule->blocks;
            return seeds_at(rule, *height) == count;
        }
        keccak256(at, sizeof at, at);
    }
    return false;
}

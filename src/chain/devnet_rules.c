/* SPDX-License-Identifier: MIT */
/* Difficulty of the devnet: a linearly weighted moving average of the last solve times (the LWMA
 * formula), each clamped, so that neither a pause nor a burst throws it far. */
#include "chain/devnet_rules.h"

#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "core/target.h"
#include "crypto/sha256.h"

enum {
    GENESIS_TIME = 1700000000, /* 2023-11-14T22:13:20Z */
    SOLVE_LIMIT = 6,           /* intervals that one block may count for */
    STEP = 4,                  /* how far the target moves at one block, as a factor */
    HALVING = 210000,          /* blocks */
    EASE_MAX = 255,
};

/* Two thirds of the bits of difficulty 1's work: 2^22 hashes for SHA-256d, 2^11 for scrypt, about a
 * second of one slow core and a tenth of a second of a fast one. */
static struct u256 easiest(const struct algo *algo)
{
    return u256_shl(algo->diff1, (256 - u256_bits(&algo->diff1)) / 3);
}

void devnet_rules_init(struct devnet_rules *rules, const struct algo *algo, uint32_t interval_s)
{
    struct u256 limit = easiest(algo);

    rules->algo = algo;
    rules->interval_s = interval_s ? interval_s : 1;
    rules->limit_bits = target_to_bits(&limit);
    (void)target_from_bits(rules->limit_bits, &rules->limit);
}

void devnet_genesis(const struct devnet_rules *rules, uint8_t header[80])
{
    char text[96];
    int len = snprintf(text, sizeof text, "otedama devnet: coins have no value. %.32s, %u s",
                       rules->algo->name, rules->interval_s);

    memset(header, 0, 80);
    put_le32(header, 1);
    sha256d(text, (size_t)len, header + 36);
    put_le32(header + 68, GENESIS_TIME);
    put_le32(header + 72, rules->limit_bits);
}

bool devnet_block_fill(struct devnet_block *b, struct devnet_block *parent,
                       const uint8_t header[80])
{
    b->parent = parent;
    b->height = parent ? parent->height + 1 : 0;
    b->time = le32(header + 68);
    b->bits = le32(header + 72);
    if (!target_from_bits(b->bits, &b->target))
        return false;
    b->work = u256_from_u64(target_work(&b->target));
    if (parent)
        (void)u256_add(&b->work, &parent->work);
    b->invalid = parent && parent->invalid;
    sha256d(header, 80, b->hash);
    return true;
}

uint32_t devnet_median_time(const struct devnet_block *b)
{
    uint32_t times[DEVNET_MEDIAN];
    unsigned count = 0;

    for (; b && count < DEVNET_MEDIAN; b = b->parent) {
        unsigned at = count++;
        for (; at && times[at - 1] > b->time; at--)
            times[at] = times[at - 1];
        times[at] = b->time;
    }
    return count ? times[count / 2] : 0;
}

static uint64_t solve_time(const struct devnet_rules *rules, const struct devnet_block *b)
{
    uint64_t longest = (uint64_t)SOLVE_LIMIT * rules->interval_s;
    uint64_t took = b->time > b->parent->time ? b->time - b->parent->time : 0;

    return took < longest ? took : longest;
}

static struct u256 clamp(struct u256 v, const struct u256 *low, const struct u256 *high)
{
    if (u256_cmp(&v, low) < 0)
        return *low;
    return u256_cmp(&v, high) > 0 ? *high : v;
}

struct u256 devnet_target(const struct devnet_rules *rules, const struct devnet_block *parent)
{
    uint64_t window = parent->height < DEVNET_WINDOW ? parent->height : DEVNET_WINDOW;
    uint64_t weighted = 0, weight = window;
    struct u256 mean = {{0}};

    if (!window)
        return rules->limit;
    for (const struct devnet_block *b = parent; weight; b = b->parent, weight--) {
        struct u256 part = u256_div_u64(&b->target, window);
        (void)u256_add(&mean, &part);
        weighted += weight * solve_time(rules, b);
    }
    /* divided first: targets have digits to spare at the low end, none at the high one */
    struct u256 next = u256_div_u64(&mean, window * (window + 1) / 2 * rules->interval_s);
    if (u256_mul_u64(&next, weighted))
        next = rules->limit;
    struct u256 low = u256_div_u64(&parent->target, STEP), high = parent->target;
    if (u256_mul_u64(&high, STEP) || u256_cmp(&high, &rules->limit) > 0)
        high = rules->limit;
    return clamp(next, &low, &high);
}

unsigned devnet_ease_steps(const struct devnet_rules *rules, const struct devnet_block *parent,
                           uint32_t time)
{
    uint64_t late = time > parent->time ? time - parent->time : 0;
    uint64_t steps = late / ((uint64_t)DEVNET_EASE_INTERVALS * rules->interval_s);

    return steps < EASE_MAX ? (unsigned)steps : EASE_MAX;
}

uint32_t devnet_eased_bits(const struct devnet_rules *rules, struct u256 target, unsigned steps)
{
    if (steps + u256_bits(&target) > u256_bits(&rules->limit))
        return rules->limit_bits;
    target = u256_shl(target, steps);
    return u256_cmp(&target, &rules->limit) > 0 ? rules->limit_bits : target_to_bits(&target);
}

uint64_t devnet_subsidy(uint64_t height)
{
    uint64_t halvings = height / HALVING;

    return halvings < 64 ? UINT64_C(5000000000) >> halvings : 0;
}

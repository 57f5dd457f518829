/* SPDX-License-Identifier: MIT */
/* Difficulty of the devnet: a linearly weighted moving average of the last solve times (the LWMA
 * formula), each clamped, so that neither a pause nor a burst throws it far. */
#include "chain/devnet_rules.h"

#include <stdio.h>
#include <string.h>

#include "coin/ecip1017.h"
#include "core/job.h"
#include "core/target.h"
#include "crypto/sha256.h"

enum {
    GENESIS_TIME = 1700000000, /* 2023-11-14T22:13:20Z */
    SOLVE_LIMIT = 6,           /* intervals that one block may count for */
    STEP = 4,                  /* how far the target moves at one block, as a factor */
    HALVING = 210000,          /* blocks */
    EASE_MAX = 255,
    SEED_BLOCKS = 2048, /* a seed is in force for */
    SEED_LAG = 64,      /* blocks from the seed block to its first use */
    SOON_BLOCKS = 100,  /* a dataset by height is prepared so many blocks before its first use */
};

/* Two thirds of the bits of difficulty 1's work: 2^22 hashes for SHA-256d, 2^11 for scrypt, about a
 * second of one slow core and a tenth of a second of a fast one. Where each hash makes its part of
 * a dataset (30 to 300 hashes a second and core), 64 hashes. */
static struct u256 easiest(const struct algo *algo)
{
    if (algo->dataset)
        return u256_shr(u256_max(), 6);
    return u256_shl(algo->diff1, (256 - u256_bits(&algo->diff1)) / 3);
}

bool devnet_rules_init(struct devnet_rules *rules, const struct algo *algo, uint32_t interval_s)
{
    struct u256 limit = easiest(algo);

    rules->algo = algo;
    rules->form = form_of_algo(algo);
    rules->interval_s = interval_s ? interval_s : 1;
    rules->limit_bits = target_to_bits(&limit);
    (void)target_from_bits(rules->limit_bits, &rules->limit);
    return rules->form != NULL;
}

void devnet_genesis(const struct devnet_rules *rules, uint8_t header[HEADER_MAX])
{
    const struct job job = {
        .algo = rules->algo, .form = rules->form, .plan = {.bits = rules->limit_bits}};
    const struct algo_result none = {{0}, {0}};
    uint8_t root[32], input[ALGO_INPUT_MAX];
    char text[96];
    int len = snprintf(text, sizeof text, "otedama devnet: coins have no value. %.32s, %u s",
                       rules->algo->name, rules->interval_s);

    sha256d(text, (size_t)len, root);
    rules->form->input(&job, root, 1, GENESIS_TIME, input);
    rules->form->header(&job, root, 1, GENESIS_TIME, input, &none, header);
}

bool devnet_block_fill(const struct devnet_rules *rules, struct devnet_block *b,
                       struct devnet_block *parent, const uint8_t *header)
{
    struct header_fields fields;

    if (!rules->form->read(header, &fields) || !target_from_bits(fields.bits, &b->target))
        return false;
    b->parent = parent;
    b->height = parent ? parent->height + 1 : 0;
    b->time = fields.time;
    b->bits = fields.bits;
    b->work = u256_from_u64(target_work(&b->target));
    if (parent)
        (void)u256_add(&b->work, &parent->work);
    b->invalid = parent && parent->invalid;
    sha256d(header, rules->form->header_len, b->hash);
    return true;
}

/* --- keys --------------------------------------------------------------------------------------
 */

uint64_t devnet_seed_height(uint64_t height)
{
    if (height <= SEED_BLOCKS + SEED_LAG)
        return 0;
    return (height - SEED_LAG - 1) & ~(uint64_t)(SEED_BLOCKS - 1);
}

static void key_none(const struct devnet_block *parent, bool soon, struct algo_key *key)
{
    (void)parent;
    (void)soon;
    (void)key;
}

static void key_of_height(const struct devnet_block *parent, bool soon, struct algo_key *key)
{
    key->height = parent->height + 1 + (soon ? SOON_BLOCKS : 0);
}

/* The seed block is known SEED_LAG blocks before it is needed. */
static void key_of_seed(const struct devnet_block *parent, bool soon, struct algo_key *key)
{
    uint64_t height = devnet_seed_height(parent->height + 1 + (soon ? SEED_LAG : 0));

    while (parent->height > height)
        parent = parent->parent;
    memcpy(key->seed, parent->hash, 32);
    key->seed_len = 32;
}

void devnet_key(const struct devnet_rules *rules, const struct devnet_block *parent, bool soon,
                struct algo_key *key)
{
    static const struct {
        const struct header_form *form;
        void (*key)(const struct devnet_block *, bool, struct algo_key *);
    } ways[] = {
        {&form_bitcoin, key_none},
        {&form_sealed, key_of_height},
        {&form_devnet_blob, key_of_seed},
    };

    memset(key, 0, sizeof *key);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (ways[i].form == rules->form)
            ways[i].key(parent, soon, key);
}

/* --- time and difficulty -----------------------------------------------------------------------
 */

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

/* --- subsidy -----------------------------------------------------------------------------------
 */

static uint64_t halved(uint64_t height)
{
    uint64_t halvings = height / HALVING;

    return halvings < 64 ? UINT64_C(5000000000) >> halvings : 0;
}

/* An atom is 10 gwei: coins of the devnet have 8 decimals, those of Ethereum Classic 18. */
static uint64_t by_eras(uint64_t height)
{
    return ecip1017_reward(height) / (10 * WEI_PER_GWEI);
}

uint64_t devnet_subsidy(const struct devnet_rules *rules, uint64_t height)
{
    return strcmp(rules->algo->name, "etchash") == 0 ? by_eras(height) : halved(height);
}

/* SPDX-License-Identifier: MIT */
/* The consensus rules of the devnet: work, difficulty, keys, subsidy. Pure functions; any thread.
 *
 * Merkle trees and coinbases are those of Bitcoin; the header is the form that fits the algorithm.
 * Where the algorithm is keyed by height, the key is the block's height; where it is keyed by a
 * seed, the id of the block at the seed height of Monero's rule. Difficulty moves with every block.
 * When no block comes for ten intervals, an easier one is allowed, twice as easy for every ten
 * intervals more: a chain that a fast rig left behind stays usable. Such a block is worth only the
 * work it shows. */
#pragma once

#include "algo/algo.h"
#include "base/endian.h"
#include "base/map.h"
#include "base/u256.h"
#include "core/form.h"

enum {
    DEVNET_WINDOW = 16,         /* blocks that difficulty looks back */
    DEVNET_EASE_INTERVALS = 10, /* without a block, until an easier one may come */
    DEVNET_MEDIAN = 11,         /* blocks of the median time */
    DEVNET_FUTURE_S = 7200,
};

struct devnet_rules {
    const struct algo *algo;
    const struct header_form *form;
    uint32_t interval_s;
    uint32_t limit_bits;
    struct u256 limit; /* easiest target */
};

struct devnet_block {
    uint8_t hash[32];            /* the block's id: sha256d of the header, internal order */
    struct devnet_block *parent; /* NULL: genesis */
    uint64_t height, seq;        /* seq: order of arrival */
    uint32_t time, bits;
    struct u256 target, work; /* work: of the whole branch */
    bool invalid;             /* by command, or a descendant of such a block */
    UT_hash_handle hh;
};

/* False when no form of header fits the algorithm. */
bool devnet_rules_init(struct devnet_rules *, const struct algo *, uint32_t interval_s);

/* The first header. It differs for each algorithm and interval, so their chains do too. */
void devnet_genesis(const struct devnet_rules *, uint8_t header[HEADER_MAX]);

/* Fills time, bits, target, work and hash from a header; parent may be NULL. False when it is not
 * of the form, or bits is not a target. */
bool devnet_block_fill(const struct devnet_rules *, struct devnet_block *,
                       struct devnet_block *parent, const uint8_t *header);

/* What the block above `parent` is hashed with. `soon`: what a block that comes in a while is
 * hashed with, as far as it is known: the same, or the one to be prepared. */
void devnet_key(const struct devnet_rules *, const struct devnet_block *parent, bool soon,
                struct algo_key *);

/* Height of the block whose id is the seed at `height`. Source: Monero's rx-slow-hash. */
uint64_t devnet_seed_height(uint64_t height);

/* A block's time must be later than this. */
uint32_t devnet_median_time(const struct devnet_block *parent);

/* The target of the next block, before easing. */
struct u256 devnet_target(const struct devnet_rules *, const struct devnet_block *parent);

/* How often the target may be doubled at `time`. */
unsigned devnet_ease_steps(const struct devnet_rules *, const struct devnet_block *parent,
                           uint32_t time);
uint32_t devnet_eased_bits(const struct devnet_rules *, struct u256 target, unsigned steps);

/* Atoms: 50 coins, halved every 210,000 blocks; of Etchash, what Ethereum Classic pays (5 coins at
 * first, a fifth less every 5,000,000 blocks). There are no uncles here. */
uint64_t devnet_subsidy(const struct devnet_rules *, uint64_t height);

/* SPDX-License-Identifier: MIT */
/* The devnet's block tree: validation, best branch, reorganisation, and its rows in the store. */
#pragma once

#include "algo/hasher.h"
#include "chain/devnet_rules.h"

struct store;

struct devnet_chain {
    struct devnet_rules rules;
    struct hasher hasher;
    uint8_t id[32]; /* hash of the first block: names the chain in the store */
    struct devnet_block *by_hash;
    struct devnet_block **list; /* by seq: parents before children */
    size_t count, room;
    struct devnet_block *tip;
    struct store *store; /* NULL = memory only */
};

/* Makes the first block and reads the others from the store (NULL = none): those were checked
 * before they were written, and are not hashed again. `datasets` as in struct chain_options. */
int devnet_chain_init(struct devnet_chain *, const struct algo *, struct datasets *,
                      uint32_t interval_s, struct store *, struct fault *why);
void devnet_chain_fini(struct devnet_chain *);

struct devnet_block *devnet_find(struct devnet_chain *, const uint8_t hash[32]);
bool devnet_in_best_chain(const struct devnet_chain *, const struct devnet_block *);

/* Words of devnet_accept that are no judgement; compared by address. */
extern const char devnet_wait[]; /* the dataset is being prepared: again in a moment */
extern const char devnet_lost[]; /* it cannot be had now: again later */

/* Checks a whole block and adds it. `now`: Unix time, s. Returns NULL when it is now the tip, else
 * the word of BIP22: "duplicate", "inconclusive" (valid, on a side branch), or why it is refused;
 * or devnet_wait, devnet_lost. Hashes once: a RandomX block keeps the thread for some 30 ms, which
 * a chain with a block every few seconds may. */
const char *devnet_accept(struct devnet_chain *, const uint8_t *block, size_t len, uint32_t now);

/* Declares the block `depth` - 1 below the tip invalid, with all that follows it: the tip goes back
 * by `depth`, or to a side branch. ERR_FIELD when the chain is not that long. */
int devnet_invalidate(struct devnet_chain *, unsigned depth);

/* SPDX-License-Identifier: MIT */
/* The devnet's block tree: validation, best branch, reorganisation, and its rows in the store. */
#pragma once

#include "chain/devnet_rules.h"

struct store;

struct devnet_chain {
    struct devnet_rules rules;
    uint8_t id[32]; /* hash of the first block: names the chain in the store */
    struct devnet_block *by_hash;
    struct devnet_block **list; /* by seq: parents before children */
    size_t count, room;
    struct devnet_block *tip;
    struct store *store; /* NULL = memory only */
};

/* Makes the first block and reads the others from the store (NULL = none). */
int devnet_chain_init(struct devnet_chain *, const struct algo *, uint32_t interval_s,
                      struct store *, struct fault *why);
void devnet_chain_fini(struct devnet_chain *);

struct devnet_block *devnet_find(struct devnet_chain *, const uint8_t hash[32]);
bool devnet_in_best_chain(const struct devnet_chain *, const struct devnet_block *);

/* Checks a whole block and adds it. `now`: Unix time, s. Returns NULL when it is now the tip, else
 * the word of BIP22: "duplicate", "inconclusive" (valid, on a side branch), or why it is refused.
 */
const char *devnet_accept(struct devnet_chain *, const uint8_t *block, size_t len, uint32_t now);

/* Declares the block `depth` - 1 below the tip invalid, with all that follows it: the tip goes back
 * by `depth`, or to a side branch. ERR_FIELD when the chain is not that long. */
int devnet_invalidate(struct devnet_chain *, unsigned depth);

/* SPDX-License-Identifier: MIT */
/* The tree of blocks of other chains that one parent block works for, and what its coinbase says of
 * it: merge mining of Bitcoin's family. Hashes in internal order. Any thread.
 * Source: Namecoin's and Dogecoin's auxpow.cpp. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    AUX_HEIGHT_MAX = 30, /* steps from a chain's block to the root */
    AUX_CHAINS_MAX = 64, /* that we put into one tree */
    AUX_COMMITMENT = 44, /* bytes */
};

struct aux_leaf {
    uint32_t chain_id;
    uint8_t hash[32]; /* of the chain's block */
};

struct aux_tree {
    unsigned height; /* it has 2^height leaves */
    uint32_t nonce;
    uint8_t root[32];
};

/* Where a chain's block must stand in a tree of 2^height leaves; height <= AUX_HEIGHT_MAX. */
uint32_t aux_slot(uint32_t nonce, uint32_t chain_id, unsigned height);

/* The smallest tree in which every chain has a leaf of its own; leaves of nobody are zero.
 * ERR_FIELD and `why` without chains, with more than AUX_CHAINS_MAX, or when two of them can never
 * stand in one tree: their ids are the same in the lower 30 bits. */
int aux_tree_build(const struct aux_leaf *, size_t count, struct aux_tree *ret, struct fault *why);

/* The steps from leaf `which` of those that the tree was built of to its root; returns how many. */
unsigned aux_tree_branch(const struct aux_leaf *, size_t count, const struct aux_tree *,
                         size_t which, uint8_t branch[AUX_HEIGHT_MAX][32]);

/* Makes the leaf at this slot the root of its tree, in place; a step of the branch has 32 bytes. */
void aux_fold(uint8_t hash[32], const uint8_t *branch, unsigned steps, uint32_t slot);

/* What goes into the coinbase's script: fabe6d6d, root in display order, number of leaves and nonce
 * (little-endian). */
void aux_commitment(const struct aux_tree *, uint8_t out[AUX_COMMITMENT]);

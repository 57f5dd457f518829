/* SPDX-License-Identifier: MIT */
/* Merkle trees of the Bitcoin family. Hashes in internal order. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

enum { MERKLE_LEAVES_MAX = 1 << 17 }; /* more transactions than any block can hold */

/* The branch of leaf 0, whose hash is not known yet: `others` are the leaves 1..count. Returns the
 * number of steps (0 for a block with a coinbase only). count < MERKLE_LEAVES_MAX. */
unsigned merkle_branch(const uint8_t (*others)[32], size_t count, uint8_t branch[MERKLE_MAX][32]);

/* Folds a leaf with its branch of index 0 into the root, in place. */
void merkle_fold(uint8_t hash[32], const uint8_t (*branch)[32], unsigned count);

/* The witness commitment's script (OP_RETURN 36 aa21a9ed ...): `wtxids` of all transactions but
 * the coinbase, which counts as zero. Returns its length, 38. */
enum { COMMITMENT_LEN = 38 };
unsigned witness_commitment(const uint8_t (*wtxids)[32], size_t count,
                            uint8_t script[COMMITMENT_LEN]);

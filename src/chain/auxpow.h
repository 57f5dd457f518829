/* SPDX-License-Identifier: MIT */
/* The proof of a merge-mined block: the parent chain's header, and the way from it to the block.
 * Hashes in internal order. Any thread. Source: Dogecoin's auxpow.h and auxpow.cpp. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    AUXPOW_HEADER = 80,      /* bytes of a header, the parent's and the block's own */
    AUXPOW_VERSION = 1 << 8, /* bit of the block's version: it has such a proof */
    AUXPOW_CHAIN_SHIFT = 16, /* the chain's id stands above it */
    AUXPOW_BRANCH_MAX = 32,  /* steps of either branch */
};

/* All pointers are into the bytes that were read, or the caller's. A step of a branch has 32 bytes.
 */
struct auxpow {
    const uint8_t *coinbase; /* the parent's, without witnesses */
    size_t coinbase_len;
    const uint8_t *parent_hash;     /* 32 bytes that nobody checks */
    const uint8_t *coinbase_branch; /* from the coinbase to the parent's Merkle root */
    unsigned coinbase_steps;
    uint32_t coinbase_index;
    const uint8_t *chain_branch; /* from the block to the root in the coinbase's script */
    unsigned chain_steps;
    uint32_t chain_index;
    const uint8_t *parent; /* header */
};

/* Every length is checked; nothing may follow the parent's header. ERR_FIELD and `why`. */
int auxpow_parse(const uint8_t *data, size_t len, struct auxpow *ret, struct fault *why);

/* The bytes of auxpow_parse. Returns how many there are; writes them when `room` is enough. */
size_t auxpow_write(const struct auxpow *, uint8_t *out, size_t room);

#define AUXPOW_LIST(X)                                                                             \
    X(VALID, "it is valid")                                                                        \
    X(NOT_MARKED, "the block's version does not say that it is merge-mined")                       \
    X(OTHER_CHAIN, "the block's version has another chain's id")                                   \
    X(NOT_COINBASE, "the transaction is not the first of the parent block")                        \
    X(OWN_PARENT, "the parent block is of the same chain")                                         \
    X(LONG_BRANCH, "the branch to the chain's block is too long")                                  \
    X(WRONG_MERKLE_ROOT, "the coinbase is not in the parent block")                                \
    X(NO_ROOT, "the coinbase does not have the root of the chains")                                \
    X(TWO_MARKS, "the coinbase has the mark of merge mining twice")                                \
    X(MARK_APART, "the mark of merge mining does not stand before the root")                       \
    X(ROOT_LATE, "the root has no mark and does not begin in the first 20 bytes")                  \
    X(NO_SIZE, "size and nonce of the tree do not follow the root")                                \
    X(WRONG_SIZE, "the size of the tree is not that of the branch")                                \
    X(WRONG_SLOT, "the block does not stand where its chain's must")                               \
    X(BAD_BITS, "the block's bits are no target")                                                  \
    X(HIGH_HASH, "the parent's hash does not meet the block's target")

enum auxpow_verdict {
#define X(name, text) AUXPOW_##name,
    AUXPOW_LIST(X)
#undef X
};
const char *auxpow_text(enum auxpow_verdict);

/* Is the block with this header proved? The first rule that does not hold, in Dogecoin's order.
 * `pow` is the proof-of-work hash of the parent's header, by the chain's algorithm. */
enum auxpow_verdict auxpow_verify(const struct auxpow *, const uint8_t header[AUXPOW_HEADER],
                                  uint32_t chain_id, const uint8_t pow[32]);

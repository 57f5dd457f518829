/* SPDX-License-Identifier: MIT */
/* The bytes of a Monero block: where its parts lie, its tree of transactions, its id. Any thread.
 * Source: Monero's cryptonote_basic.h (layout) and tree-hash.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/leb128.h"
#include "core/job.h"

enum {
    MONERO_HEADER_MAX = 3 * LEB128_MAX + 32 + 4,
    MONERO_TXS_MAX = 1 << 17, /* other transactions of a block; more than its weight allows */
    MONERO_UNLOCK = 60,       /* blocks before a miner transaction can be spent */
};

/* Offsets into the bytes that were parsed. */
struct monero_block {
    const uint8_t *data;
    size_t len;
    uint64_t major, minor, timestamp;
    const uint8_t *prev; /* id of the parent, as it is written */
    size_t nonce_at;
    size_t miner_at, miner_end;  /* the miner transaction */
    size_t outputs_at;           /* its outputs, with their number before them */
    size_t extra_at, extra_end;  /* its extra field, without the length */
    uint64_t miner_version;      /* 1 or 2 */
    uint64_t height, output_sum; /* of the miner transaction; atoms */
    size_t tail_at;              /* number of the other transactions, and their ids */
    const uint8_t *txs;          /* those ids, 32 bytes each */
    size_t tx_count;
};

/* Every length and varint is checked; nothing may follow the last id. ERR_FIELD and `why`. */
int monero_block_parse(const uint8_t *data, size_t len, struct monero_block *ret,
                       struct fault *why);

/* The branch of the first of count + 1 leaves of Monero's tree, the others given, 32 bytes each.
 * Returns how many steps; count is at most MONERO_TXS_MAX. */
unsigned monero_branch(const uint8_t *others, size_t count, uint8_t branch[MERKLE_MAX][32]);

/* What stands before the nonce, four zeros, 32 zeros for the root, number of transactions: what
 * form_monero takes. Returns the length; `out` holds ALGO_INPUT_MAX. */
uint16_t monero_input(const struct monero_block *, uint8_t out[ALGO_INPUT_MAX]);

/* The id of the block with this hashing blob, as it is written. */
void monero_block_id(const uint8_t *blob, size_t len, uint8_t id[32]);

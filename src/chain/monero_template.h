/* SPDX-License-Identifier: MIT */
/* Block templates from monerod's get_block_template. Any thread. */
#pragma once

#include <jansson.h>

#include "chain/chain.h"
#include "chain/monero_blob.h"

enum {
    /* Bytes asked for in the miner transaction: extranonces, then the pool's text. monerod 0.18
     * fails from 128 on; up to here the length is one byte. */
    MONERO_RESERVE = 60,
    MONERO_NONCE = 4, /* bytes */
};

/* What jobs and blocks are made of: template->own. */
struct monero_origin {
    struct monero_block block; /* points into `bytes` */
    size_t reserved_at;
    uint8_t bytes[];
};
extern const struct template_ops monero_ops;

/* Checks every field as if an enemy had written it, and the blob against them; the template's tree
 * must give the daemon's own hashing blob. ERR_PROTOCOL and `why` (which field and what is wrong)
 * otherwise. Ids are kept in the reverse of their written order, as all chains have them here. */
int monero_template_read(const json_t *result, const struct coin *, const struct algo *,
                         struct chain_template **ret, struct fault *why);

/* Height of the block whose id is the RandomX key of the block at `height`. */
uint64_t monero_seed_height(uint64_t height);

/* floor((2^256 - 1) / difficulty) from "0x..." of at most 128 bits: hash * difficulty < 2^256 is
 * the same as hash <= target. False when it is not such a number or zero. */
bool monero_target(const char *wide_difficulty, struct u256 *ret);

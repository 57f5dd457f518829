/* SPDX-License-Identifier: MIT */
/* What a block of Ethereum Classic pays, by its number. Amounts in wei; the largest, 5 * 10^18, has
 * 63 bits. Any thread. Source: ECIP-1017, and core-geth where that leaves the rounding open. */
#pragma once

#include <stdint.h>

enum {
    ECIP1017_ERA = 5000000,      /* blocks */
    ECIP1017_UNCLE_DEPTH_MAX = 6 /* blocks that an uncle may be below the one that names it */
};
#define WEI_PER_GWEI UINT64_C(1000000000)

uint64_t ecip1017_era(uint64_t number); /* from 0 */

/* To the block's miner: floor(5 * 10^18 * (4/5)^era). */
uint64_t ecip1017_reward(uint64_t number);

/* To the same, for each uncle that the block names: 1/32 of that, rounded down. */
uint64_t ecip1017_bonus(uint64_t number);

/* To the miner of an uncle that stands `depth` blocks below the block `number`, which names it:
 * (8 - depth) / 8 of the reward in era 0, 1/32 later. 0 where no uncle can be. */
uint64_t ecip1017_uncle(uint64_t number, unsigned depth);

/* SPDX-License-Identifier: MIT */
/* Targets, compact bits, difficulty and work. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/u256.h"

/* The target that compact `bits` stands for. False for negative, zero or more than 256 bits. */
bool target_from_bits(uint32_t bits, struct u256 *ret);
uint32_t target_to_bits(const struct u256 *target);

/* floor(diff1 / difficulty), exact for the binary value of `difficulty`; at least 1, at most
 * 2^256-1. `difficulty` must be finite and > 0 (checked at the border). */
struct u256 target_from_difficulty(const struct u256 *diff1, double difficulty);

/* diff1 / target as a double. A target of 0 gives infinity. */
double target_difficulty(const struct u256 *diff1, const struct u256 *target);

/* Expected hashes to meet a target: floor(2^256 / (target + 1)), saturating at UINT64_MAX.
 * Source: the identity in Bitcoin Core, GetBlockProof. */
uint64_t target_work(const struct u256 *target);

/* The same as a double, without saturation. */
double target_hashes(const struct u256 *target);

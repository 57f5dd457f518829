/* SPDX-License-Identifier: MIT */
/* Ethash epochs from what pools tell: some name a job's epoch by its seed alone. */
#pragma once

#include <stdint.h>

enum { EPOCH_SEEDS = 4096 }; /* seed epochs that are looked through */

/* The seed epoch of a seed hash: how often 32 zero bytes were hashed with Keccak-256. -1 when it is
 * none of the first EPOCH_SEEDS: such a job is refused. At most a few milliseconds. Any thread.
 *
 * Etchash since ECIP-1099 and Ethash give the same seed epoch different sizes; only who knows the
 * coin can tell them apart. */
int ethash_epoch_of_seed(const uint8_t seed[32]);

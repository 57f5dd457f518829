/* SPDX-License-Identifier: MIT */
/* Seed hashes: what Ethash and KawPow pools name an epoch by. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"

/* The seed hash that pools send with a job at `height`. False for an algorithm without, or a height
 * past the first 4096 seeds. */
bool seed_of_height(const struct algo *, uint64_t height, uint8_t seed[32]);

/* The number of the height's epoch: of its dataset. 0 for an algorithm without. */
uint64_t epoch_of_height(const struct algo *, uint64_t height);

/* A height whose dataset is that of the seed: all that a job without height says. False for a seed
 * that is none of the first 4096. */
bool seed_to_height(const struct algo *, const uint8_t seed[32], uint64_t *height);

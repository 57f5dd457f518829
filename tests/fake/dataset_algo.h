/* SPDX-License-Identifier: MIT */
/* Algorithms with a dataset of a few bytes: one keyed by height, which seals header hashes, and one
 * keyed by a seed, which hashes blobs. A hash is one SHA-256. */
#pragma once

#include "algo/algo.h"

enum { FAKE_EPOCH = 150 }; /* heights of one dataset */

extern const struct algo fake_sealer; /* input of 40 bytes, big-endian, with a mix hash */
extern const struct algo fake_blobber;

/* While true, light parts that are asked for stay in preparation. */
extern _Atomic bool fake_dataset_held;
/* While true, making a light part fails. */
extern _Atomic bool fake_dataset_broken;
/* While true, datasets have a full part; and while that is too, there is no room for it. */
extern _Atomic bool fake_dataset_full, fake_dataset_short;
/* Hashes made by the definition so far. */
extern _Atomic unsigned fake_dataset_hashes;

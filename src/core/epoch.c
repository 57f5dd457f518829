/* SPDX-License-Identifier: MIT */
/* Looking a seed hash up by making them all. */
#include "core/epoch.h"

#include <string.h>

#include "crypto/keccak.h"

int ethash_epoch_of_seed(const uint8_t seed[32])
{
    uint8_t at[32] = {0};

    for (int epoch = 0; epoch < EPOCH_SEEDS; epoch++) {
        if (!memcmp(at, seed, sizeof at))
            return epoch;
        keccak256(at, sizeof at, at);
    }
    return -1;
}

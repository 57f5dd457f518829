/* SPDX-License-Identifier: MIT */
/* Monero's key schedule for RandomX. */
#include "core/seed_height.h"

enum { EPOCH = 2048, LAG = 64 }; /* blocks */

uint64_t randomx_seed_height(uint64_t height)
{
    return height <= EPOCH + LAG ? 0 : (height - LAG - 1) & ~(uint64_t)(EPOCH - 1);
}

uint64_t randomx_next_seed_height(uint64_t height)
{
    return randomx_seed_height(height > UINT64_MAX - LAG ? UINT64_MAX : height + LAG);
}

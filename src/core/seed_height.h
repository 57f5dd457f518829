/* SPDX-License-Identifier: MIT */
/* Which block names the RandomX key of a Monero height. Any thread. */
#pragma once

#include <stdint.h>

/* The height of the block whose hash is the key for `height`. It moves every 2048 blocks, 64 blocks
 * after the block that names it. Source: Monero, rx_seedheight. */
uint64_t randomx_seed_height(uint64_t height);

/* That of the key that is in force 64 blocks later: differs from the current one while the next key
 * is known and not yet used. */
uint64_t randomx_next_seed_height(uint64_t height);

/* SPDX-License-Identifier: MIT */
/* The development network: a small real chain inside the program. Its coins have no value. */
#pragma once

#include "chain/chain.h"

/* Throws the newest `depth` blocks out of the best chain, as an invalidated block does with a real
 * daemon; the new tip's template comes by on_template. Hub thread. ERR_FIELD when the chain is not
 * a devnet or has no `depth` blocks. For tests and demonstrations. */
int devnet_reorg(struct chain *, unsigned depth);

/* SPDX-License-Identifier: MIT */
/* Validation of a block that somebody hands to the devnet. */
#pragma once

#include "chain/devnet_chain.h"

/* NULL when the block may be added, else what devnet_accept answers. */
const char *devnet_check(struct devnet_chain *, const uint8_t *block, size_t len, uint32_t now);

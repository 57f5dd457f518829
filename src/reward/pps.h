/* SPDX-License-Identifier: MIT */
/* What one share is worth, whatever blocks are found: the amount of PPS and FPPS. Any thread. */
#pragma once

#include <stdint.h>

#include "base/err.h"

enum { FEE_PPM_MAX = 1000000 };

/* floor(reward * 10^6 * (share / network) * (1 - fee)) in millionths of an atomic unit, exact: the
 * whole fraction is made before it is rounded down, once. `reward` in atoms: of PPS the subsidy, of
 * FPPS with the fees of a usual block added. `share` is the share's work as it was asked for, and
 * `network` that of a block, both in the same unit (difficulties, hashes, pool_work), network > 0.
 * fee_ppm: millionths, at most FEE_PPM_MAX. ERR_FIELD, and *ret stays, where an argument is out of
 * range or the amount does not fit. */
int reward_share_value(uint64_t reward, uint64_t share, uint64_t network, uint32_t fee_ppm,
                       uint64_t *ret) __attribute__((warn_unused_result));

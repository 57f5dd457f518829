/* SPDX-License-Identifier: MIT */
/* What every scan does besides hashing: leave when the job is old, note winners. */
#pragma once

#include "algo/algo.h"

/* Has the job been replaced? Relaxed: the new job itself travels through the device's slot, this is
 * only the hint to look there. */
static inline bool scan_is_stale(const struct scan *scan)
{
    return scan->generation &&
           atomic_load_explicit(scan->generation, memory_order_relaxed) != scan->born;
}

/* Notes a winner; winners come in the order that struct scan speaks of. True when there is no room
 * for another: the scan then ends with `done` just behind this nonce. */
static inline bool scan_found_with(struct scan *scan, uint64_t nonce, uint32_t version)
{
    scan->hit[scan->found].nonce = nonce;
    scan->hit[scan->found].version = version;
    scan->found++;
    return scan->found == SCAN_FOUND_MAX;
}

static inline bool scan_found(struct scan *scan, uint64_t nonce)
{
    return scan_found_with(scan, nonce, 0);
}

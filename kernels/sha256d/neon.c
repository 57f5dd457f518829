/* SPDX-License-Identifier: MIT */
/* NEON, four lanes, two groups. */
#include "kernels/simd/neon.h"

enum { GROUPS = 2 };

#include "kernels/sha256d/lanes.h"

void sha256d_scan_neon(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STEP, scan);
}

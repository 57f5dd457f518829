/* SPDX-License-Identifier: MIT */
/* SSE4.1, four lanes, one group. */
#include "kernels/simd/sse41.h"

enum { GROUPS = 1 };

#include "kernels/sha256d/lanes.h"

void sha256d_scan_sse41(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STEP, scan);
}

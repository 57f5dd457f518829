/* SPDX-License-Identifier: MIT */
/* NEON, four nonces at a time. */
#include "kernels/simd/neon.h"

#include "kernels/sha256d/lanes.h"

void sha256d_scan_neon(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, LANES, scan);
}

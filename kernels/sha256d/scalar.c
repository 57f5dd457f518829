/* SPDX-License-Identifier: MIT */
/* Portable C, one nonce at a time. */
#include "kernels/simd/scalar.h"

#include "kernels/sha256d/lanes.h"

void sha256d_scan_scalar(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, LANES, scan);
}

/* SPDX-License-Identifier: MIT */
/* Portable C, one lane, one group. */
#include "kernels/simd/scalar.h"

enum { GROUPS = 1 };

#include "kernels/sha256d/lanes.h"

void sha256d_scan_scalar(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STEP, scan);
}

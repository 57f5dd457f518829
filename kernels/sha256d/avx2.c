/* SPDX-License-Identifier: MIT */
/* AVX2, eight lanes, one group. */
#include "kernels/simd/avx2.h"

enum { GROUPS = 1 };

#include "kernels/sha256d/lanes.h"

void sha256d_scan_avx2(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STEP, scan);
}

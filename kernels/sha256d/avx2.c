/* SPDX-License-Identifier: MIT */
/* AVX2, eight nonces at a time. */
#include "kernels/simd/avx2.h"

#include "kernels/sha256d/lanes.h"

void sha256d_scan_avx2(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, LANES, scan);
}

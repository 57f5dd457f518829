/* SPDX-License-Identifier: MIT */
/* AVX-512, sixteen lanes, two groups. */
#include "kernels/simd/avx512.h"

enum { GROUPS = 2 };

#include "kernels/sha256d/lanes.h"

void sha256d_scan_avx512(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, STEP, scan);
}

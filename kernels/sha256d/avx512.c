/* SPDX-License-Identifier: MIT */
/* AVX-512, sixteen nonces at a time. */
#include "kernels/simd/avx512.h"

#include "kernels/sha256d/lanes.h"

void sha256d_scan_avx512(struct algo_ctx *ctx, struct scan *scan)
{
    (void)ctx;
    sha256d_scan_by(search, LANES, scan);
}

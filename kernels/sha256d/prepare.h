/* SPDX-License-Identifier: MIT */
/* What all nonces of one header share, worked out once, and the loop that every lane count uses. */
#pragma once

#include "algo/algo.h"

/* Indices into the table of 32-bit constants of a scan. */
enum {
    C_K1 = 0,    /* [64] addends of the rounds of the header's second block, W folded in where it
                    is the same for all nonces; rounds 4..6 hold their h as well */
    C_K2 = 64,   /* [64] the same for the second hash; rounds 1..3 hold their h */
    C_MID = 128, /* [8] state after the header's first 64 bytes */
    C_R3 = 136,  /* [8] state after round 3 of the second block, for a nonce word of 0: the nonce
                    word is only added to a and e */
    C_W16 = 144,
    C_W17,
    C_W18, /* W18 without s0(nonce) */
    C_W19, /* W19 without + nonce */
    C_W31, /* the parts of W31 and W32 that no nonce changes */
    C_W32,
    C_COUNT,
};

struct sha256d_prepared {
    _Alignas(64) uint32_t c[C_COUNT];
    uint32_t tail[4]; /* words 16..19 of the header; the nonce's is 0 */
    uint32_t limit;   /* the target's most significant 32 bits */
};

void sha256d_prepare(struct sha256d_prepared *, const struct scan *);

/* Tries up to `vectors` whole vectors of nonces from `nonce` on (it wraps). Stops behind the first
 * that has a lane whose most significant hash word is <= limit; `*lanes` is the mask of such lanes,
 * 0 when there is none. Returns the vectors tried. */
typedef uint32_t sha256d_search_fn(const struct sha256d_prepared *, uint32_t nonce,
                                   uint32_t vectors, unsigned *lanes);

/* The scan of an implementation that tries `lanes` nonces at a time. */
void sha256d_scan_by(sha256d_search_fn *search, unsigned lanes, struct scan *scan);

algo_scan_fn sha256d_scan_scalar, sha256d_scan_sse41, sha256d_scan_avx2, sha256d_scan_avx512,
    sha256d_scan_shani, sha256d_scan_neon;

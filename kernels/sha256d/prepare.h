/* SPDX-License-Identifier: MIT */
/* What all nonces of one header share, worked out once, and the loop that every search uses. */
#pragma once

#include "algo/algo.h"

/* Indices into the table of 32-bit constants of a scan. */
enum {
    C_K1 = 0,    /* [64] addends of the rounds of the header's second block, W folded in where it
                    is the same for all nonces */
    C_K2 = 64,   /* [64] the same for the second hash; rounds 1..3 hold their h as well */
    C_W16 = 128, /* schedule words of the second block that no nonce changes */
    C_W17,
    C_W18, /* W18 without s0(nonce) */
    C_W19, /* W19 without + nonce */
    C_W31, /* the parts of W31 and W32 that no nonce changes */
    C_W32,
    C_COUNT,
};

/* What a version changes: it stands in the header's first block, so the message schedule of the
 * second block is the same for all of them. */
struct sha256d_version {
    uint32_t mid[8];   /* state after the first block */
    uint32_t start[8]; /* state after round 3 of the second block, for a nonce word of 0: the nonce
                          word is only added to a and e */
    uint32_t sum[3];   /* h + K + W of rounds 4..6 */
    uint32_t value;    /* as it is told in a hit */
};

struct sha256d_prepared {
    _Alignas(64) uint32_t c[C_COUNT];
    uint32_t tail[4]; /* words 16..19 of the header; the nonce's is 0 */
    uint32_t limit;   /* the target's most significant 32 bits */
    unsigned versions;
    struct sha256d_version version[SCAN_VERSIONS_MAX];
};

void sha256d_prepare(struct sha256d_prepared *, const struct scan *);

/* Tries up to `steps` steps of nonces from `nonce` on (it wraps) with every version. Stops behind
 * the first step that has a candidate: a nonce whose most significant hash word is <= limit. Bit i
 * of candidates[v] speaks of the step's nonce i with version v. Returns the steps tried. */
typedef uint32_t sha256d_search_fn(const struct sha256d_prepared *, uint32_t nonce, uint32_t steps,
                                   uint32_t candidates[SCAN_VERSIONS_MAX]);

/* The scan of an implementation that tries `step` nonces at a time, at most 32. */
void sha256d_scan_by(sha256d_search_fn *search, unsigned step, struct scan *scan);

algo_scan_fn sha256d_scan_scalar, sha256d_scan_sse41, sha256d_scan_avx2, sha256d_scan_avx512,
    sha256d_scan_shani, sha256d_scan_neon, sha256d_scan_armsha;

/* SPDX-License-Identifier: MIT */
/* What the scrypt files share: the thread's scratchpads and the scans. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "algo/algo.h"

enum {
    SCRYPT_LANES_MAX = 16,         /* hashes in flight at once, of any implementation */
    SCRYPT_PAD_BYTES = 1024 * 128, /* V of one lane */
};

struct algo_ctx {
    uint8_t *pads; /* SCRYPT_LANES_MAX of them, 2 MiB aligned */
    void *map;     /* as mmap gave it */
    size_t map_bytes;
};

/* Hashes nonces [nonce, nonce + lanes) of an 80-byte header (they wrap); out[i] is lane i's hash.
 */
typedef void scrypt_batch_fn(uint8_t *pads, const uint8_t *header, uint32_t nonce,
                             uint8_t (*out)[32]);

void scrypt_scan_by(scrypt_batch_fn *, unsigned lanes, struct algo_ctx *, struct scan *);

algo_scan_fn scrypt_scan_scalar, scrypt_scan_sse2, scrypt_scan_neon;
algo_scan_fn scrypt_scan_avx2, scrypt_scan_avx2_4, scrypt_scan_avx512, scrypt_scan_avx512_8;

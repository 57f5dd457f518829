/* SPDX-License-Identifier: MIT */
/* One thread's RandomX: virtual machines on a dataset, and the search with them. */
#pragma once

#include "algo/algo.h"

int rx_ctx_new(struct dataset *, struct algo_ctx **ret, struct fault *why);
void rx_ctx_free(struct algo_ctx *);

/* ERR_KEY when the input's seed is not the one of the context's dataset. With RandomX v2 the hash
 * is the commitment, which is what targets are compared with, and the mix the hash it commits to.
 */
int rx_hash(struct algo_ctx *, const struct algo_input *, struct algo_result *);

/* Ours, on full datasets: two hashes that take turns, one. Elsewhere they are the library's. */
algo_scan_fn rx_scan_pair, rx_scan_single;
algo_scan_fn rx_scan_jit, rx_scan_soft_aes, rx_scan_interpreter;

/* Is a hash (little-endian) at most the target? */
bool rx_meets(const uint8_t hash[32], const struct u256 *target);

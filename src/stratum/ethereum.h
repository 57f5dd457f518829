/* SPDX-License-Identifier: MIT */
/* What the dialects of Ethash and Etchash share. */
#pragma once

#include "stratum/client_common.h"
#include "stratum/server_common.h"

/* Header, seed and height (0 = the pool did not say) of a job, into its input and key. ERR_PROTOCOL
 * after ending the connection: a seed that is unknown, or that the height contradicts. */
int ethereum_fill_job(struct stratum_client *, struct job *, const uint8_t header[32],
                      const uint8_t seed[32], uint64_t height);

/* Appends 64 digits of a header hash, a seed, a target. */
void ethereum_put_seed(struct str *, const struct job *);
void ethereum_put_target(struct str *, const struct u256 *);

/* Reads a nonce that may lack the first bytes, which are the miner's prefix. */
bool ethereum_read_nonce(const struct miner *, const char *text, uint64_t *ret);

server_verb_fn ethereum_on_hashrate; /* eth_submitHashrate: true, nothing depends on it */

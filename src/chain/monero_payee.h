/* SPDX-License-Identifier: MIT */
/* The wallet that a Monero daemon's miner transactions must pay, known by its address and private
 * view key. Any thread. */
#pragma once

#include "chain/monero_blob.h"

struct monero_payee {
    uint8_t spend[32];       /* public */
    uint8_t view_secret[32]; /* wiped by monero_payee_fini */
};

/* `spend` and `view` are the public keys of the address, the secret one is 64 hex digits.
 * ERR_CONFIG and `why` when that is not a key, or the key of another wallet; nothing is left in
 * `ret` then. */
int monero_payee_init(struct monero_payee *ret, const uint8_t spend[32], const uint8_t view[32],
                      const char *view_key, struct fault *why);
void monero_payee_fini(struct monero_payee *); /* a zeroed one is fine */

/* Is every output of the miner transaction one that the wallet finds and can spend, by the one
 * public key in the extra field? ERR_PROTOCOL and `why` when not. Takes a tenth of a millisecond
 * for each output, up to the first that is wrong. */
int monero_payee_check(const struct monero_payee *, const struct monero_block *, struct fault *why);

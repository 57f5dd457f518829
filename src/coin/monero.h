/* SPDX-License-Identifier: MIT */
/* Monero addresses: CryptoNote's base58 of prefix, two public keys and a Keccak checksum. Any
 * thread. */
#pragma once

#include "coin/coin.h"

enum monero_kind { MONERO_STANDARD, MONERO_INTEGRATED, MONERO_SUBADDRESS };

struct monero_address {
    enum monero_kind kind;
    uint8_t spend[32], view[32]; /* public keys: points of the curve */
    uint8_t payment_id[8];       /* integrated addresses; else zero */
};

/* Any kind of address of the coin's network. ERR_FIELD and `why` as address_script. */
int monero_address_read(const struct coin *, enum network, const char *text,
                        struct monero_address *ret, struct fault *why);

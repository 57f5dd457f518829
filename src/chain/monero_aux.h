/* SPDX-License-Identifier: MIT */
/* Merge mining of Monero's family: which leaf of a tree a chain has, and how the miner transaction
 * tells of the tree. Any thread. Source: Monero's merge_mining.cpp. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    MONERO_AUX_MAX = 256,                /* leaves of a tree */
    MONERO_AUX_CHAINS_MAX = 32,          /* that we put into one tree */
    MONERO_AUX_TAG_MAX = 1 + 1 + 7 + 32, /* bytes */
};

/* The number that stands before the root: how many leaves (1 to MONERO_AUX_MAX) the tree has, and
 * its nonce. */
uint64_t monero_aux_params(unsigned leaves, uint32_t nonce);
/* Reads one from outside. False when no tree has it. */
bool monero_aux_params_read(uint64_t params, unsigned *leaves, uint32_t *nonce);

/* The leaf of a chain in a tree of so many, 1 to MONERO_AUX_MAX. */
unsigned monero_aux_slot(const uint8_t chain_id[32], uint32_t nonce, unsigned leaves);

/* The smallest tree, and a nonce, with which every chain has a leaf of its own. ERR_FIELD and `why`
 * without chains, with more than MONERO_AUX_CHAINS_MAX, or when two have the same id. */
int monero_aux_place(const uint8_t (*chain_ids)[32], size_t count, unsigned *leaves,
                     uint32_t *nonce, struct fault *why);

/* The field of the miner transaction's extra: 03, length, parameters, root. Returns its length. */
unsigned monero_aux_tag(uint64_t params, const uint8_t root[32], uint8_t out[MONERO_AUX_TAG_MAX]);

/* SPDX-License-Identifier: MIT */
/* The coinbase transaction, cut in two around the extranonce. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "chain/chain.h"

enum { COINBASE_SCRIPT_MAX = 100, HEIGHT_PUSH_MAX = 9, COINBASE_TEXT_MAX = 32 };

/* The script number push of BIP34: OP_0, OP_1..OP_16 or length and little-endian bytes. Returns its
 * length. */
unsigned coinbase_height(uint64_t height, uint8_t out[HEIGHT_PUSH_MAX]);

/* Fills coinb1, coinb2 and the extranonce lengths of a job's plan: height, aux flags, extranonce,
 * text; one output to the plan's script and the witness commitment last. Aux flags and then text
 * are left out where the script would pass 100 bytes. ERR_FIELD when lengths are out of range. */
int coinbase_split(const struct chain_template *, const struct coinbase_plan *,
                   struct block_plan *);

/* The coinbase with the witness of BIP141 (32 zero bytes) from its old form. Returns its length;
 * `out` holds len + COINBASE_WITNESS_BYTES. */
enum { COINBASE_WITNESS_BYTES = 2 + 34 };
size_t coinbase_with_witness(const uint8_t *old, size_t len, uint8_t *out);

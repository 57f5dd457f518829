/* SPDX-License-Identifier: MIT */
/* The transactions of a block template. Any thread. */
#pragma once

#include <jansson.h>

#include "chain/chain.h"
#include "chain/merkle.h"

/* Fills txs, branch, fees and the computed commitment (commitment_len stays as it is, and is set
 * when a transaction carries a witness, so that a block is never short of one it needs). */
int template_take_txs(const json_t *list, struct chain_template *, struct fault *why);

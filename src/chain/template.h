/* SPDX-License-Identifier: MIT */
/* Block templates from getblocktemplate (BIP22, BIP23, BIP145, Litecoin's MWEB). Any thread. */
#pragma once

#include <jansson.h>

#include "chain/chain.h"

enum { LONGPOLLID_MAX = 256 };

/* One reference, everything else zero. */
struct chain_template *template_new(const struct coin *, const struct algo *);

/* Checks every field as if an enemy had written it: types, ranges, hex, ids of all transactions,
 * the witness commitment, bits against target, rules that must be understood. ERR_PROTOCOL and
 * `why` (which field and what is wrong) otherwise. */
int template_from_json(const json_t *gbt, const struct coin *, const struct algo *,
                       struct chain_template **ret, struct fault *why);

/* The id for the next long poll; false when the daemon gives none that can be used. */
bool template_longpollid(const json_t *gbt, char out[LONGPOLLID_MAX]);

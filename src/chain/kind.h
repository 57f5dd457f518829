/* SPDX-License-Identifier: MIT */
/* An open chain: its kind and that kind's state. For chains.c and the kinds themselves. */
#pragma once

#include "chain/chain.h"

struct chain {
    const struct chain_kind *kind;
    void *state;
};

extern const struct chain_kind chain_bitcoind, chain_devnet, chain_monerod;

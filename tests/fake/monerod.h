/* SPDX-License-Identifier: MIT */
/* A monerod that answers as it is told: fake_daemon with Monero's methods, as its `answer`. Its
 * `header` is what block_header of get_block_header_by_hash is, `submit` the whole result of
 * submit_block; NULL of these is error -5 and -7. */
#pragma once

#include "coin/monero.h"
#include "tests/fake/daemon.h"

fake_method_fn fake_monerod;

/* What get_info says besides; may be changed at any time. */
struct fake_monerod_info {
    const char *nettype, *status;
    bool synchronized;
    const struct monero_address *pays; /* what its templates pay; NULL = nobody */
};
extern struct fake_monerod_info fake_monerod_info;

/* SPDX-License-Identifier: MIT */
/* A table of bans: bounded, looked up by address. The guard's lock is held. */
#pragma once

#include "front/guard.h"

struct banned; /* a row */

struct bans {
    struct banned *rows;   /* by network, oldest first */
    unsigned lengths[129]; /* rows for each number of bits */
};

/* The ban in force that the address is under; NULL: none. */
const struct guard_ban *bans_find(const struct bans *, const struct peer *, int64_t now_ms);
/* The row of just this network, in force or only remembered; NULL: none. */
const struct guard_ban *bans_get(const struct bans *, const struct prefix *);
/* Puts the row in, in place of an earlier one. False: no room, all are by hand and in force. */
bool bans_put(struct bans *, const struct guard_ban *);
bool bans_drop(struct bans *, const struct prefix *);
void bans_expire(struct bans *, int64_t now_ms);
unsigned bans_list(const struct bans *, int64_t now_ms, struct guard_ban *rows, unsigned max);
void bans_fini(struct bans *);

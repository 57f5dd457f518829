/* SPDX-License-Identifier: MIT */
/* Share difficulties where the configuration leaves them open, and the unit of work. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"
#include "config/config.h"

struct difficulty_settings {
    double start, min, max;        /* of miners' connections; max 0 = the network's */
    double local_start, local_min; /* of the rig's own devices */
};

void difficulty_choose(struct difficulty_settings *, const struct config *, const struct algo *);

/* A port's: "small" and "rental" replace what the configuration says for all. False: no such
 * preset. */
bool difficulty_preset(struct difficulty_settings *, const char *preset, const struct config *,
                       const struct algo *);

/* Units of work that a share of difficulty 1 is worth in the ledger: a million; where devices may
 * make a handful of hashes a second, as many as it takes hashes, so that no share is too small to
 * count. */
double difficulty_units(const struct algo *);

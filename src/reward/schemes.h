/* SPDX-License-Identifier: MIT */
/* The schemes, one per file; schemes.c lists them. */
#pragma once

#include "reward/scheme.h"

extern const struct reward_scheme scheme_pplns, scheme_solo;

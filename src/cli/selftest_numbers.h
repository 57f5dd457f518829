/* SPDX-License-Identifier: MIT */
/* The known answers that lie above the algorithms: targets, difficulty, heights of seeds. */
#pragma once

#include "algo/known.h"

extern const struct known_table selftest_numbers[]; /* ends with {0} */

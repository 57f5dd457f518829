/* SPDX-License-Identifier: MIT */
/* The sets of known answers of each algorithm's folder. */
#pragma once

#include "algo/known.h"

extern const struct known_set sha256d_known[], scrypt_known[], randomx_known[], ethash_known[],
    kawpow_known[];

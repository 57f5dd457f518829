/* SPDX-License-Identifier: MIT */
/* Which file of known answers is checked by whom. */
#include "kernels/known.h"

const struct known_table known_tables[] = {
    {"tests/vectors/sha256d.json", sha256d_known}, {"tests/vectors/scrypt.json", scrypt_known},
    {"tests/vectors/randomx.json", randomx_known}, {"tests/vectors/ethash.json", ethash_known},
    {"tests/vectors/kawpow.json", kawpow_known},   {0},
};

/* SPDX-License-Identifier: MIT */
/* The input as a pool gave it, complete but for the nonce: Ethash, KawPow and Monero pools. */
#include "core/form.h"

const struct header_form form_given = {
    .name = "given",
    .given = true,
    .header = form_header_as_hashed,
};

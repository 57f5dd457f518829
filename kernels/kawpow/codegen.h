/* SPDX-License-Identifier: MIT */
/* Between the writer of the code and who runs it. */
#pragma once

#include <stdint.h>

#include "kernels/kawpow/jit.h"

/* What the code reads besides its arguments. */
struct kawpow_constants {
    _Alignas(64) uint32_t lane_times_4[KAWPOW_LANES];
    uint32_t number[64]; /* 0, 1, 2, ... */
    uint8_t bits_of_nibble[64];
    uint32_t byte_ones[KAWPOW_LANES], word_ones[KAWPOW_LANES];
    uint32_t l1_mask, nibbles;
};
extern const struct kawpow_constants kawpow_constants;

/* SPDX-License-Identifier: MIT */
/* Code for eight dataset items at once. */
#pragma once

#include "kernels/randomx/superscalar.h"

enum { ITEMS_AT_ONCE = 8, ITEMS_CODE_BYTES = 256 << 10, ITEMS_CONSTANTS = 8192 };

/* Makes items number[0..7]. `constants` as items_write left them, `out` 512 bytes aligned to 64. */
typedef void items_fn(const uint8_t *cache, const uint64_t *constants, const uint64_t *number,
                      uint8_t *out);

/* Writes the code and its constants. Returns its length, 0 when either does not fit. */
size_t items_write(const struct super_program *, uint8_t *code, size_t room,
                   uint64_t constants[ITEMS_CONSTANTS]);

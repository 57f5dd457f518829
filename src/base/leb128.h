/* SPDX-License-Identifier: MIT */
/* LEB128: 7 bits a byte, the lowest first, as CryptoNote writes its numbers. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { LEB128_MAX = 10 }; /* bytes of a 64-bit number */

/* Returns the length, 1 to LEB128_MAX. */
unsigned leb128_put(uint8_t *at, uint64_t value);
/* Advances *at. False at the end of the bytes, past 64 bits, or for a form that is not the
 * shortest. */
bool leb128_take(const uint8_t **at, const uint8_t *end, uint64_t *ret);

/* SPDX-License-Identifier: MIT */
/* Hexadecimal text. Lower case on output, either case on input; no spaces, no 0x. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes 2*len digits and a NUL: `out` holds 2*len+1 bytes. */
void hex_encode(const void *bytes, size_t len, char *out);

/* Exactly 2*len digits, nothing else, into `out`. Returns false otherwise. */
bool hex_decode(const char *text, void *out, size_t len);

/* Any even number of digits up to 2*max bytes. Returns the number of bytes, or -1. */
long hex_decode_any(const char *text, void *out, size_t max);

/* A 32-bit number written as exactly 8 digits, most significant first. */
bool hex_u32(const char *text, uint32_t *out);

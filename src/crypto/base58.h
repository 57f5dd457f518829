/* SPDX-License-Identifier: MIT */
/* Base58 with a 4-byte sha256d checksum, as addresses of the Bitcoin family use it. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base58_result {
    BASE58_OK,
    BASE58_CHARACTER, /* a letter that the alphabet lacks, or nothing at all */
    BASE58_LENGTH,    /* not exactly `len` bytes */
    BASE58_CHECKSUM,
};

/* Decodes `text` into exactly `len` payload bytes (version included, checksum taken off; len <=
 * 60). `out` is untouched on failure. */
enum base58_result base58check_decode(const char *text, uint8_t *out, size_t len);

enum { BASE58_TEXT_MAX = 96 };
/* The other way: at most 60 bytes; `out` holds BASE58_TEXT_MAX. */
void base58check_encode(const uint8_t *payload, size_t len, char *out);

/* SPDX-License-Identifier: MIT */
/* Bech32 and bech32m, and the witness programs in them (BIP173, BIP350). Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BECH32_HRP_MAX = 83, BECH32_DATA_MAX = 90, WITNESS_PROGRAM_MAX = 40 };

enum bech32_result {
    BECH32_OK,
    BECH32_CASE,      /* upper and lower case mixed */
    BECH32_CHARACTER, /* not of the alphabet */
    BECH32_LENGTH,    /* no separator, no checksum, or more than 90 characters */
    BECH32_CHECKSUM,
    BECH32_VERSION,  /* no version, or above 16 */
    BECH32_ENCODING, /* version 0 in bech32m, or a later one in plain bech32 */
    BECH32_PADDING,  /* bits left over that are not zero, or too many of them */
    BECH32_PROGRAM,  /* not 2..40 bytes; version 0: not 20 or 32 */
};

struct witness_program {
    char hrp[BECH32_HRP_MAX + 1]; /* lower case */
    uint8_t version;              /* 0..16 */
    uint8_t len;
    uint8_t program[WITNESS_PROGRAM_MAX];
};

/* Fills `out` on BECH32_OK only. */
enum bech32_result witness_address_decode(const char *text, struct witness_program *out);
const char *bech32_result_text(enum bech32_result);

enum { BECH32_TEXT_MAX = 96 };
/* The other way: version 0 in bech32, later ones in bech32m. False when it has no address (lengths
 * as above). `out` holds BECH32_TEXT_MAX. */
_Bool witness_address_encode(const struct witness_program *, char *out);

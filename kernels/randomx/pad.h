/* SPDX-License-Identifier: MIT */
/* Scratchpads and programs by AES rounds (RandomX specification, section 3). These need the AES
 * instructions: CPU_AES. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PAD_BYTES = 2 << 20, PAD_STATE = 64, PADS_MAX = 2 };

/* Several pads at once hide the time a round takes. `count`: 1 or 2. */

/* AesGenerator1R: fills pads from states, which go on to what follows. */
void pad_fill(uint8_t *const pad[], uint8_t state[][PAD_STATE], unsigned count);

/* AesHash1R of pads. */
void pad_hash(uint8_t *const pad[], uint8_t out[][PAD_STATE], unsigned count);

/* Both in one pass: the hash of what was there, the fill of what comes next. */
void pad_hash_fill(uint8_t *const pad[], uint8_t out[][PAD_STATE], uint8_t state[][PAD_STATE],
                   unsigned count);

/* AesGenerator4R: `len` is a multiple of 64. */
void pad_program(const uint8_t state[PAD_STATE], uint8_t *out, size_t len);

/* SPDX-License-Identifier: MIT */
/* Scratchpads and programs by AES rounds (RandomX specification, section 3). These need the AES
 * instructions: CPU_AES. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PAD_BYTES = 2 << 20, PAD_STATE = 64 };

/* AesGenerator1R: fills a pad from a state, which goes on to what follows. */
void pad_fill(uint8_t *pad, uint8_t state[PAD_STATE]);

/* AesHash1R of a pad. */
void pad_hash(uint8_t *pad, uint8_t out[PAD_STATE]);

/* Both in one pass: the hash of what was there, the fill of what comes next. */
void pad_hash_fill(uint8_t *pad, uint8_t out[PAD_STATE], uint8_t state[PAD_STATE]);

/* AesGenerator4R: `len` is a multiple of 64. */
void pad_program(const uint8_t state[PAD_STATE], uint8_t *out, size_t len);

/* SPDX-License-Identifier: MIT */
/* scrypt's ROMix for r = 1 in plain C (RFC 7914, sections 3 to 5). Any thread. */
#pragma once

#include <stdint.h>

enum { SCRYPT_N = 1024, SCRYPT_WORDS = 32 };

void salsa20_8(uint32_t block[16]);
void scrypt_blockmix(uint32_t x[SCRYPT_WORDS]);
/* `v` holds n * SCRYPT_WORDS words; n is a power of two. */
void scrypt_romix(uint32_t x[SCRYPT_WORDS], uint32_t *v, uint32_t n);

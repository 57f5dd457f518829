/* SPDX-License-Identifier: MIT */
/* SHA-256 for everything but the hashing engines (OpenSSL underneath). Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

void sha256(const void *data, size_t len, uint8_t out[32]);
void sha256d(const void *data, size_t len, uint8_t out[32]); /* twice */

/* sha256d of the 64 bytes left || right: one Merkle step. `out` may alias either. */
void sha256d_pair(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]);

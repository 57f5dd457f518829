/* SPDX-License-Identifier: MIT */
/* BLAKE2b without a key (RFC 7693): what RandomX seeds, chains and ends with. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `out_len`: 1 to 64 bytes. `out` may be `in`. Any thread. */
void rx_blake2b(const void *in, size_t len, void *out, size_t out_len);

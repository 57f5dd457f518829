/* SPDX-License-Identifier: MIT */
/* HMAC-SHA256 and PBKDF2 with one iteration, as scrypt asks for them (RFC 2104, RFC 8018). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* PBKDF2-HMAC-SHA256, c = 1. `out_len` up to 32 * 255 bytes. Any thread. */
void pbkdf2_once(const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len,
                 uint8_t *out, size_t out_len);

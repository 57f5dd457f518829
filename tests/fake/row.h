/* SPDX-License-Identifier: MIT */
/* Fields of the rows of tests/vectors/: what is missing or of another type fails the test. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

const char *row_text(const json_t *row, const char *key);
uint64_t row_number(const json_t *row, const char *key);
/* Exactly `len` bytes, written in hex. */
void row_bytes(const json_t *row, const char *key, uint8_t *out, size_t len);

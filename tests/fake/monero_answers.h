/* SPDX-License-Identifier: MIT */
/* Blocks and templates of real Monero daemons, tests/vectors/monero-templates.json. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* cmocka group fixtures: load and unload `monero_captured`. */
extern json_t *monero_captured;
int monero_captured_load(void **state);
int monero_captured_unload(void **state);

/* The answer of a daemon with so many transactions in its pool; a copy. */
json_t *monero_answer_with(unsigned others);
/* What is hashed of a block, with its nonce; the miner transaction is cut at any place for it. */
struct monero_block;
uint16_t monero_blob_of(const uint8_t *bytes, const struct monero_block *, uint32_t cut,
                        uint8_t blob[]);
/* The bytes of a hex text, to be freed; room for one more. */
uint8_t *bytes_of_hex(const char *hex, size_t *len);

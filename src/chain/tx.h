/* SPDX-License-Identifier: MIT */
/* The bytes of a transaction of the Bitcoin family: where its parts lie, and its id. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    VARINT_MAX = 9,
    TX_WITNESS = 0x01, /* flag byte: witness stacks before the lock time */
    TX_MWEB = 0x08,    /* Litecoin: a (null) MWEB transaction before the lock time: the HogEx */
};

/* Offsets into the bytes that were parsed. */
struct tx_view {
    const uint8_t *data;
    size_t len;
    uint8_t flags;      /* TX_*; 0 = old form */
    size_t inputs_at;   /* the varint that counts the inputs */
    size_t outputs_at;  /* the varint that counts the outputs */
    size_t outputs_end; /* one past the last output: the tail of the old form is the lock time */
    uint64_t input_count, output_count;
    uint64_t output_sum;   /* atoms */
    const uint8_t *script; /* of the first input */
    size_t script_len;
};

/* Every length is checked; nothing may follow the lock time. ERR_FIELD otherwise. */
int tx_parse(const uint8_t *data, size_t len, struct tx_view *ret);
/* The same of a transaction that something may follow: ret->len is its own length. */
int tx_parse_start(const uint8_t *data, size_t len, struct tx_view *ret);

/* The id: sha256d without marker, flag and witnesses. Internal order. */
void tx_id(const struct tx_view *, uint8_t id[32]);

/* One input that spends nothing: a coinbase. */
bool tx_is_coinbase(const struct tx_view *);

/* Writes the compact size of Bitcoin; returns its length, 1, 3, 5 or 9. */
size_t varint_put(uint8_t out[VARINT_MAX], uint64_t value);
/* Reads one and advances *at. False at the end of the bytes, or for a form that is not the
 * shortest.
 */
bool varint_take(const uint8_t **at, const uint8_t *end, uint64_t *ret);

/* SPDX-License-Identifier: MIT */
/* Header forms: how the bytes that are hashed, and the header that stands in the block, are made
 * from a job. One file for each form; none knows a chain. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"

enum { HEADER_MAX = 256 };

struct job;
struct block_plan;

struct header_form {
    const char *name;

    /* The source gives the input whole (job->input): there is no coinbase to change, and lanes
     * share the nonces. All pointers below but `header` are NULL then. */
    bool given;

    uint16_t header_len;          /* of the header in the block; given: job->input_len */
    uint16_t input_len, nonce_at; /* of what is hashed; given: as the job says */
    bool rolls_version;           /* the version is in the input's first four bytes as it stands */

    /* Merkle root for two extranonces. */
    void (*root)(const struct block_plan *, const uint8_t *extranonce1, size_t len1,
                 const uint8_t *extranonce2, size_t len2, uint8_t root[32]);

    /* What is hashed, with a nonce of 0. */
    void (*input)(const struct job *, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *input);

    /* The header as it stands in the block, once the hash is known. `input` holds the nonce. */
    void (*header)(const struct job *, const uint8_t root[32], uint32_t version, uint32_t ntime,
                   const uint8_t *input, const struct algo_result *, uint8_t *header);
};

extern const struct header_form form_bitcoin; /* 80 bytes, hashed as they stand */
extern const struct header_form form_given;   /* whatever the source said */

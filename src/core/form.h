/* SPDX-License-Identifier: MIT */
/* Header forms: how the bytes that are hashed, and the header that stands in the block, are made
 * from a job, and read back. One file and one row in forms.c for each; none knows a chain. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"

enum { HEADER_MAX = 256 };

struct job;
struct block_plan;

/* What a header says. */
struct header_fields {
    uint8_t prev[32], root[32]; /* internal order */
    uint32_t version;           /* 0 where the header has none that may differ */
    uint32_t time, bits;
    uint32_t height; /* where has_height */
    bool has_height;
};

struct header_form {
    const char *name;

    /* The source gives the input whole (job->input): there is no coinbase to change, and lanes
     * share the nonces. All pointers below but `header` are NULL then. */
    bool given;

    uint16_t header_len; /* of the header in the block; 0: as long as the input */
    uint16_t input_len;  /* of what is hashed; 0: differs from job to job: job->input_len */
    uint16_t nonce_at;   /* in the input; input_len 0: job->nonce_at */
    uint8_t nonce_len;   /* bytes; 0 = the algorithm's */
    bool rolls_version;  /* the version is in the input's first four bytes as it stands */

    /* Merkle root for two extranonces. */
    void (*root)(const struct block_plan *, const uint8_t *extranonce1, size_t len1,
                 const uint8_t *extranonce2, size_t len2, uint8_t root[32]);

    /* What is hashed, with a nonce of 0. */
    void (*input)(const struct job *, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *input);

    /* The header as it stands in the block, once the hash is known. `input` holds the nonce. */
    void (*header)(const struct job *, const uint8_t root[32], uint32_t version, uint32_t ntime,
                   const uint8_t *input, const struct algo_result *, uint8_t *header);

    /* The way back, for a chain that checks headers itself; NULL where none of ours does. `read`
     * gives false when a part that is always the same is not. `unseal` gives what was hashed, and
     * the mix hash that the header claims (zero where the form has none). */
    bool (*read)(const uint8_t *header, struct header_fields *);
    void (*unseal)(const uint8_t *header, uint8_t *input, uint8_t mix[32]);
};

/* The `header` of forms whose header is what was hashed. */
void form_header_as_hashed(const struct job *, const uint8_t root[32], uint32_t version,
                           uint32_t ntime, const uint8_t *input, const struct algo_result *,
                           uint8_t *header);

extern const struct header_form form_bitcoin; /* 80 bytes, hashed as they stand */
extern const struct header_form form_sealed; /* 80 bytes, whose hash is sealed with nonce and mix */
extern const struct header_form form_devnet_blob; /* laid out so that Monero's miners can hash it */
extern const struct header_form form_monero;      /* a hashing blob of varints */
extern const struct header_form form_given;       /* whatever the source said */

/* By name; NULL when unknown. */
const struct header_form *form_find(const char *name);

/* The form of a chain of our own that the algorithm can hash: by the length of its input and the
 * place of its nonce. NULL when there is none. */
const struct header_form *form_of_algo(const struct algo *);

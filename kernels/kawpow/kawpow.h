/* SPDX-License-Identifier: MIT */
/* KawPow's dataset and contexts, as its files and tests share them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"
#include "kernels/ethash/ethash.h"
#include "kernels/kawpow/engine.h"
#include "kernels/kawpow/jit.h"

enum {
    KAWPOW_HEADER = 32, /* the input: header hash in display order, then the nonce */
    KAWPOW_NONCE_AT = KAWPOW_HEADER,
    KAWPOW_INPUT = KAWPOW_HEADER + 8,
    KAWPOW_GROUP_ITEMS = KAWPOW_GROUP_BYTES / sizeof(struct ethash_item),
    KAWPOW_L1_ITEMS = KAWPOW_L1_BYTES / sizeof(struct ethash_item),
};

/* The epoch of data that is no chain's: any height may use it. */
#define KAWPOW_ANY_EPOCH UINT32_MAX

/* What hashing reads. */
struct kawpow_data {
    uint32_t epoch;
    uint32_t groups; /* of 256 bytes */
    const struct ethash_cache *cache;
    struct ethash_item l1[KAWPOW_L1_ITEMS];
    const struct ethash_item *full; /* groups * KAWPOW_GROUP_ITEMS; NULL = light */
};

/* Light data over a cache, whose dataset has at least KAWPOW_L1_ITEMS items. */
void kawpow_data_prepare(struct kawpow_data *, uint32_t epoch, const struct ethash_cache *);

extern const struct algo algo_kawpow;
extern const struct dataset_ops kawpow_dataset;

/* The data within what kawpow_dataset.light gave. */
const struct kawpow_data *kawpow_data_of(const void *memory);

/* --- contexts -------------------------------------------------------------------------------- */

enum {
    KAWPOW_FLIGHT = 8,       /* hashes of a full dataset in flight */
    KAWPOW_BURST = 4,        /* of those, whose groups are fetched together */
    KAWPOW_LIGHT_FLIGHT = 4, /* of a light one: sixteen items are made at once */
    KAWPOW_PERIODS = 4,      /* programs kept: P-1, P, P+1, P+2 */
};

struct kawpow_prepared {
    bool there, tried; /* program; code */
    struct kawpow_program program;
    kawpow_code_fn *code;
};

struct algo_ctx {
    struct kawpow_mix mix[KAWPOW_FLIGHT];
    struct kawpow_words seed, digest, hash;
    struct ethash_item made[KAWPOW_FLIGHT][KAWPOW_GROUP_ITEMS];
    const uint32_t *group[KAWPOW_FLIGHT];
    const struct kawpow_data *data;                  /* borrowed */
    const struct ethash_item *full;                  /* NULL = this context is light */
    struct kawpow_prepared prepared[KAWPOW_PERIODS]; /* by period modulo their number */
    struct kawpow_code *code;
    bool no_code; /* could not be had: not tried again */
};

/* `full` false: light even if the data is full. */
struct algo_ctx *kawpow_ctx_over(const struct kawpow_data *, bool full);
void kawpow_ctx_free(struct algo_ctx *); /* NULL is fine */

/* Is it the context for blocks of that height? */
bool kawpow_ctx_fits(const struct algo_ctx *, const struct algo_key *);

/* The program of a height, drawn when it is not kept. Borrowed until four periods later. */
struct kawpow_prepared *kawpow_ctx_program(struct algo_ctx *, uint64_t height);
/* Its code; NULL when there is none to be had, which is logged once. */
kawpow_code_fn *kawpow_ctx_code(struct algo_ctx *, struct kawpow_prepared *);

/* --- hashing ---------------------------------------------------------------------------------- */

/* By the definition, from the cache alone: milliseconds. */
int kawpow_hash(struct algo_ctx *, const struct algo_input *, struct algo_result *);
/* The hash that a mix gives: two f800. */
int kawpow_final_of_mix(const struct algo_input *, const uint8_t mix[32], uint8_t hash[32]);

/* In order of algo_kawpow.impls. */
algo_scan_fn kawpow_scan_avx512_jit, kawpow_scan_avx512, kawpow_scan_avx2, kawpow_scan_scalar;
/* The rest of scans: with an engine, or code where that is there. */
void kawpow_scan_by(const struct kawpow_engine *, bool code, struct algo_ctx *, struct scan *);

/* Each implementation on a tiny dataset, in milliseconds: algo_kawpow.selftest. */
unsigned kawpow_selftest(unsigned rounds, algo_report_fn *, void *arg);

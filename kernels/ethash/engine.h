/* SPDX-License-Identifier: MIT */
/* The code that makes items and hashes, one engine for each instruction set. */
#pragma once

#include "algo/scan.h"
#include "kernels/ethash/ethash.h"

enum {
    ETHASH_INPUT = 40,
    ETHASH_NONCE_AT = 32,
    ETHASH_BATCH = 8, /* hashes from the cache at once */
};

/* What a thread hashes with. */
struct ethash_view {
    const struct ethash_cache *cache;
    const struct ethash_item *dag; /* 2 * sizes.entries items; NULL = made from the cache */
    struct ethash_mod by_entries;
};

struct ethash_view ethash_view_of(const struct ethash_cache *, const struct ethash_item *dag);

struct ethash_engine {
    const char *name;
    unsigned needs; /* CPU_* bits of algo/cpu.h */
    void (*items)(const struct ethash_cache *, const uint32_t *index, size_t count,
                  struct ethash_item *out);
    /* As algo_scan_fn, the input being a header hash and a nonce. */
    void (*scan)(const struct ethash_view *, struct scan *);
    /* Hashes of at most ETHASH_BATCH inputs, from the cache. */
    void (*hash)(const struct ethash_cache *, const uint8_t *const *inputs, unsigned count,
                 struct algo_result *);
    /* An item becomes its Keccak-512; NULL = there is nothing better than plain code. */
    void (*rehash)(struct ethash_item *);
};

extern const struct ethash_engine ethash_avx512, ethash_avx2, ethash_scalar;
extern const struct ethash_engine *const ethash_engines[]; /* fastest first; ends with NULL */

/* The fastest that this processor runs. */
const struct ethash_engine *ethash_engine_best(void);

/* A hash by the definition, item by item: from the DAG where the view has one. */
void ethash_hash_reference(const struct ethash_view *, const uint8_t *input, struct algo_result *);

/* Every engine that runs here against the definition on a tiny DAG, and its digest: some twenty
 * milliseconds. `name`: of the algorithm. As algo->selftest. */
unsigned ethash_selftest(const char *name, unsigned rounds, algo_report_fn *report, void *arg);

/* The hash that follows from an input and a mix hash. */
void ethash_hash_of_mix(const uint8_t *input, const uint8_t mix[32], uint8_t hash[32]);

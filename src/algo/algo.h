/* SPDX-License-Identifier: MIT */
/* The algorithm descriptor: what a proof of work is, and the fast ways to search it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/u256.h"

enum { ALGO_HEADER_MAX = 256, SCAN_FOUND_MAX = 16 };

struct algo_ctx; /* dataset, DAG or scratchpads: the algorithm's own */

/* One search: nonces [first, first + count) of a header, for hashes <= target. */
struct scan {
    const uint8_t *header;              /* in: algo->header_len bytes; nonce field ignored */
    uint64_t first, count;              /* in */
    struct u256 target;                 /* in */
    const _Atomic uint32_t *generation; /* in: give up early once it differs from `born`; may be
                                           NULL. Read relaxed at least every 5 ms of work */
    uint32_t born;                      /* in */
    uint64_t done;                      /* out: nonces tried, from `first` on without a gap */
    unsigned found;                     /* out: entries in nonce[]; the search stops when full */
    uint64_t nonce[SCAN_FOUND_MAX];     /* out: winners, ascending; verified by the caller */
};

/* `ctx` is this thread's own context (scratch memory); NULL when the algorithm has none. */
typedef void algo_scan_fn(struct algo_ctx *ctx, struct scan *);

struct algo_impl {
    const char *name; /* "scalar", "avx2", "shani" */
    unsigned needs;   /* CPU_* bits of algo/cpu.h; 0 runs anywhere */
    algo_scan_fn *scan;
};

struct algo_vector {
    const char *source;     /* "BTC block 125552" */
    const char *header_hex; /* header_len bytes, nonce included */
    const char *hash_hex;   /* 32 bytes in the order algo->hash writes them */
};

struct algo {
    const char *name;           /* "sha256d": the word in configuration, API and metrics */
    const char *title;          /* "SHA-256d": for people */
    const char *const *aliases; /* other names that pools use; ends with NULL */
    uint16_t header_len;        /* bytes hashed, <= ALGO_HEADER_MAX */
    uint16_t nonce_at;          /* byte offset of the nonce in the header */
    uint8_t nonce_len;          /* bytes: 4 (little-endian) or 8 */
    bool hash_is_be;            /* compare the hash as a big-endian number (Ethash, KawPow) */
    struct u256 diff1;          /* the target that share difficulty 1 stands for */

    /* The definition: slow and clear; everything else is checked against it. Thread-safe when each
     * thread brings its own ctx (NULL is allowed: it then allocates what it needs). */
    void (*hash)(struct algo_ctx *, const uint8_t *header, uint8_t out[32]);

    const struct algo_impl
        *impls; /* fastest first; ends with {0}; the last real one needs nothing */
    const struct algo_impl *(*pick)(unsigned features); /* NULL = the first that runs */

    /* Per-thread scratch memory. NULL when none is needed. */
    int (*ctx_new)(struct algo_ctx **ret, struct fault *why);
    void (*ctx_free)(struct algo_ctx *);

    const struct algo_vector *vectors; /* known answers; ends with {0} */
};

extern const struct algo *const algos[]; /* kernels/registry.c; ends with NULL */

/* By name or alias, letters in either case. NULL when unknown. */
const struct algo *algo_find(const char *name);

/* The implementation to run: `wanted` "auto" or NULL picks the best for this CPU. A named one that
 * is unknown or that this CPU cannot run gives NULL and `why` (with the names that would work). */
const struct algo_impl *algo_impl_pick(const struct algo *, const char *wanted, struct fault *why);

/* Sets the nonce field of a header. */
void algo_put_nonce(const struct algo *, uint8_t *header, uint64_t nonce);

/* The hash as the number that is compared with targets. */
struct u256 algo_hash_value(const struct algo *, const uint8_t hash[32]);

/* Vectors, then every implementation this CPU runs against `hash` on `rounds` random headers.
 * `report` is called once for each line ("sha256d avx2", ok, NULL or what differs). Returns the
 * number of failures. Takes milliseconds with rounds = 8. Any thread. */
unsigned algo_selftest(const struct algo *, unsigned rounds,
                       void (*report)(void *arg, const char *what, bool ok, const char *detail),
                       void *arg);

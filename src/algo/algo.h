/* SPDX-License-Identifier: MIT */
/* The algorithm descriptor: what a proof of work is, and the fast ways to search it. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/u256.h"

enum {
    ALGO_INPUT_MAX = 256, /* bytes hashed */
    ALGO_SEED_MAX = 60,   /* bytes */
    SCAN_FOUND_MAX = 16,
    SCAN_VERSIONS_MAX = 16,
};

struct algo_ctx; /* one thread's scratch memory, machine or view of a dataset: the algorithm's own
                  */
struct dataset;  /* algo/dataset.h */
struct dataset_ops; /* algo/dataset_ops.h */

/* What a hash depends on besides its input: which dataset, which program. Zero where an algorithm
 * does not ask. */
struct algo_key {
    uint64_t height; /* Ethash, Etchash, KawPow: the block's, which gives epoch and period */
    uint8_t seed[ALGO_SEED_MAX]; /* RandomX: the key of its cache */
    uint8_t seed_len;
    bool seed_is_empty; /* with seed_len 0: the key of no bytes is meant, not that there is none */
};

/* What is hashed, nonce included. */
struct algo_input {
    const uint8_t *bytes;
    uint16_t len, nonce_at;
    const struct algo_key *key; /* NULL only where algo->dataset is NULL */
};

struct algo_result {
    uint8_t hash[32]; /* in the order that algo->hash_is_be speaks of */
    uint8_t mix[32];  /* Ethash, KawPow: the mix hash; zero elsewhere */
};

/* One search: nonces [first, first + count) of an input, for hashes <= target. Each nonce is tried
 * with each version, so that done * scan_versions() hashes are made. */
struct scan {
    struct algo_input in;                /* in: its nonce field is ignored */
    uint64_t first, count;               /* in */
    struct u256 target;                  /* in */
    unsigned version_count;              /* in: 0 = the input's own version alone; else a power of
                                            two, at most the implementation's `versions` */
    uint32_t version[SCAN_VERSIONS_MAX]; /* in: what the input's first four bytes (little-endian)
                                            are replaced with */
    const _Atomic uint32_t *generation;  /* in: give up early once it differs from `born`; may be
                                            NULL. Read relaxed at least every 5 ms of work */
    uint32_t born;                       /* in */
    uint64_t done;                       /* out: nonces tried, from `first` on without a gap */
    unsigned found;                      /* out: entries below; the search stops when full */
    struct {
        uint64_t nonce;
        uint32_t version;  /* 0 when version_count is 0 */
    } hit[SCAN_FOUND_MAX]; /* out: winners, ascending by nonce, then in the order of version[];
                              verified by the caller. When the list fills up in the midst of a
                              nonce's versions, `done` counts that nonce and the rest is lost */
};

/* `ctx` is this thread's own context; NULL when the algorithm has none. */
typedef void algo_scan_fn(struct algo_ctx *ctx, struct scan *);

struct algo_impl {
    const char *name;  /* "scalar", "avx2", "shani" */
    unsigned needs;    /* CPU_* bits of algo/cpu.h; 0 runs anywhere */
    unsigned versions; /* most versions that one scan can try at no more than their share of the
                          cost; 0 = it does not roll versions */
    algo_scan_fn *scan;
};

/* A known answer. */
struct algo_vector {
    const char *source;    /* "BTC block 125552" */
    const char *input_hex; /* nonce included */
    const char *hash_hex;  /* 32 bytes in the order algo->hash writes them */
    const char *mix_hex;   /* NULL where there is none */
    uint64_t height;       /* of the key */
    const char *seed_hex;  /* of the key; NULL = none, "" = the empty one */
    bool slow; /* its dataset takes seconds: for `selftest` and tests, not for starting */
};

typedef void algo_report_fn(void *arg, const char *what, bool ok, const char *detail);

struct algo {
    const char *name;           /* "sha256d": the word in configuration, API and metrics */
    const char *title;          /* "SHA-256d": for people */
    const char *const *aliases; /* other names that pools use; ends with NULL */
    uint16_t input_len;         /* bytes hashed, <= ALGO_INPUT_MAX; RandomX: of the usual input */
    uint16_t nonce_at;          /* byte offset of the nonce in the usual input */
    uint8_t nonce_len;          /* bytes, little-endian: 4 or 8 */
    bool any_len;               /* RandomX: inputs may have any length up to ALGO_INPUT_MAX */
    bool hash_is_be;            /* compare the hash as a big-endian number (Ethash, KawPow) */
    struct u256 diff1;          /* the target that share difficulty 1 stands for */

    /* The definition: slow and clear; everything else is checked against it. `ctx` may be NULL
     * where `dataset` is NULL: it then allocates what it needs. Any thread, each with its own ctx.
     * 0, or ERR_KEY: ctx was made for a dataset that the input's key does not name. */
    int (*hash)(struct algo_ctx *, const struct algo_input *, struct algo_result *);

    /* Optional (Ethash, KawPow): the hash that follows from an input and a claimed mix hash,
     * without any dataset, in microseconds. Proves nothing about the mix: a cheap filter before
     * `hash`, for shares whose claim would not even meet their target. Any thread. 0 or ERR_FIELD.
     */
    int (*quick)(const struct algo_input *, const uint8_t mix[32], uint8_t hash[32]);

    const struct algo_impl
        *impls; /* fastest first; ends with {0}; the last real one needs nothing */
    const struct algo_impl *(*pick)(unsigned features); /* NULL = the first that runs */

    /* The shared memory that hashing reads, by key. NULL: none. */
    const struct dataset_ops *dataset;

    /* A thread's own memory. NULL when none is needed. `dataset` is NULL where the algorithm has
     * none; else it is at least light, and stays borrowed until ctx_free. A context made while the
     * dataset was light goes on light. On the thread that will use it. */
    int (*ctx_new)(struct dataset *, struct algo_ctx **ret, struct fault *why);
    void (*ctx_free)(struct algo_ctx *);

    const struct algo_vector *vectors; /* known answers; ends with {0} */

    /* Optional: checks that need no dataset of full size, in milliseconds, such as each variant
     * on a tiny one. Reports as algo_selftest does; returns the failures. */
    unsigned (*selftest)(unsigned rounds, algo_report_fn *report, void *arg);

    /* Nonces of one random search in the self-test, where a hash takes long; 0 = the usual 37. */
    uint8_t trial_nonces;

    /* Nonces that an implementation hashes side by side where each takes milliseconds: a scan of
     * fewer takes nearly as long. 0 = 1. */
    uint8_t batch;

    /* Optional: how many threads this machine's caches feed, and the CPUs to bind them to, up to
     * `max`. Counts only CPUs the calling thread may use; 0 = cannot tell. NULL: one thread for
     * each core. */
    unsigned (*threads)(unsigned *cpus, unsigned max);
};

extern const struct algo *const algos[]; /* kernels/registry.c; ends with NULL */

/* By name or alias, letters in either case. NULL when unknown. */
const struct algo *algo_find(const char *name);

/* The implementation to run: `wanted` "auto" or NULL picks the best for this CPU. A named one that
 * is unknown or that this CPU cannot run gives NULL and `why` (with the names that would work). */
const struct algo_impl *algo_impl_pick(const struct algo *, const char *wanted, struct fault *why);

/* Is a seed named, be it the empty one? */
static inline bool algo_key_has_seed(const struct algo_key *key)
{
    return key->seed_len || key->seed_is_empty;
}

bool algo_key_same(const struct algo_key *, const struct algo_key *);

/* Sets the nonce field of an input. */
void algo_put_nonce(const struct algo *, uint8_t *input, unsigned nonce_at, uint64_t nonce);

/* The hash as the number that is compared with targets. */
struct u256 algo_hash_value(const struct algo *, const uint8_t hash[32]);

/* The fewest nonces worth a scan. */
static inline unsigned algo_batch(const struct algo *algo)
{
    return algo->batch ? algo->batch : 1;
}

/* How many hashes each nonce of a scan stands for. */
static inline unsigned scan_versions(const struct scan *scan)
{
    return scan->version_count ? scan->version_count : 1;
}

/* Vectors, then every implementation this CPU runs against `hash` on `rounds` random inputs.
 * `report` is called once for each line ("sha256d avx2", ok, NULL or what differs). Returns the
 * number of failures. `slow`: builds datasets too, which takes seconds each; else milliseconds with
 * rounds = 8. Any thread. */
unsigned algo_selftest(const struct algo *, unsigned rounds, bool slow, algo_report_fn *report,
                       void *arg);

/* SPDX-License-Identifier: MIT */
/* Ethash's memory: sizes, seeds, the cache, the items of the dataset (DAG), as Ethash, Etchash and
 * KawPow use them. Everything depends on numbers in structures, nothing on an epoch: a DAG of a
 * thousand items is made and searched by the same code as one of gigabytes.
 *
 * Words are kept as the processor reads them, and the definition is little-endian; so must be the
 * processor. Source: the Ethash specification, revision 23; ECIP-1099; ProgPoW 0.9.4. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the DAG is kept in little-endian words");

enum {
    ETHASH_EPOCH_MAX = 32639, /* the last whose entries are counted by a signed 32-bit number */
    ETHASH_WORDS = 16,
    ETHASH_ACCESSES = 64,
    ETHASH_HEADER = 32, /* bytes of a header hash */
};

/* An item of the cache or of the dataset. */
struct ethash_item {
    union {
        uint32_t word[ETHASH_WORDS];
        uint64_t lane[ETHASH_WORDS / 2]; /* as Keccak sees it */
        uint8_t bytes[64];
    };
} __attribute__((aligned(64)));

struct ethash_sizes {
    uint32_t cache_items; /* a prime */
    uint32_t entries;     /* of 128 bytes, two items each; a prime; times two it fits 32 bits */
    uint32_t parents;     /* cache items that each dataset item mixes: 256; KawPow 512 */
};

/* Sizes of an epoch, at most ETHASH_EPOCH_MAX. Half a millisecond at most. */
struct ethash_sizes ethash_sizes_of(uint32_t size_epoch, uint32_t parents);
uint64_t ethash_cache_bytes(const struct ethash_sizes *);
uint64_t ethash_dag_bytes(const struct ethash_sizes *);

/* 32 zero bytes, hashed `seed_epoch` times. */
void ethash_seed_of(uint32_t seed_epoch, uint8_t seed[32]);

/* --- remainders without division ------------------------------------------------------------- */

/* x mod n for all 32-bit x and n >= 2. Source: Lemire, Kaser, Kurz, "Faster remainder by direct
 * computation" (2019): exact when the reciprocal has 64 bits. */
struct ethash_mod {
    uint64_t reciprocal; /* floor((2^64 - 1) / n) + 1 */
    uint64_t n;
};

static inline struct ethash_mod ethash_mod_by(uint32_t n)
{
    return (struct ethash_mod){.reciprocal = UINT64_MAX / n + 1, .n = n};
}

static inline uint32_t ethash_mod(const struct ethash_mod *by, uint32_t x)
{
    return (uint32_t)((__extension__(unsigned __int128)(by->reciprocal * x) * by->n) >> 64);
}

static inline uint32_t ethash_fnv(uint32_t a, uint32_t b)
{
    return a * UINT32_C(0x01000193) ^ b;
}

/* --- big memory ------------------------------------------------------------------------------ */

struct ethash_memory {
    void *at; /* aligned to 2 MiB; NULL = none */
    size_t bytes;
    void *map;
    size_t map_bytes;
};

/* Zeroed memory; `huge`: of huge pages if they can be had. ERR_MEMORY and `why`. */
int ethash_memory_get(struct ethash_memory *, uint64_t bytes, bool huge, struct fault *why);
void ethash_memory_put(struct ethash_memory *); /* an empty one is fine */

/* --- cache ----------------------------------------------------------------------------------- */

struct ethash_cache {
    struct ethash_sizes sizes;
    struct ethash_mod by_items; /* of the cache */
    struct ethash_item *items;
    struct ethash_memory memory;
};

/* Makes a cache: a chain of Keccak on one thread, seconds at full size. Raises *permille (0..1000)
 * and leaves with ERR_CLOSED when *cancel is set; both may be NULL. ERR_MEMORY and `why`. After a
 * failure there is nothing to free. */
int ethash_cache_make(struct ethash_cache *, const struct ethash_sizes *, const uint8_t seed[32],
                      bool huge, const _Atomic bool *cancel, _Atomic uint32_t *permille,
                      struct fault *why);
void ethash_cache_free(struct ethash_cache *); /* an empty one is fine */

/* --- dataset items --------------------------------------------------------------------------- */

/* By the definition, one at a time: what the rest is checked against. */
void ethash_item_reference(const struct ethash_cache *, uint32_t index, struct ethash_item *out);

/* Items of any indices, several in flight, by the best code this processor runs. Any thread. Index
 * i is the i-th 64 bytes of the dataset; a KawPow group g is items 4 g .. 4 g + 3. */
void ethash_items(const struct ethash_cache *, const uint32_t *index, size_t count,
                  struct ethash_item *out);

/* The same for `count` items from `first` on. */
void ethash_items_from(const struct ethash_cache *, uint32_t first, size_t count,
                       struct ethash_item *out);

/* SPDX-License-Identifier: MIT */
/* librandomx, opened at run time: the program starts, and mines everything else, without it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* The library's handles and flags, declared here so that building needs no header of it. The
 * flags are its binary interface. */
struct rx_cache;
struct rx_set;
struct rx_vm;

enum {
    RX_LARGE_PAGES = 1,
    RX_HARD_AES = 2,
    RX_FULL_MEM = 4,
    RX_JIT = 8,
    RX_SECURE = 16,
    RX_V2 = 128, /* libraries before 2.0 ignore it without a word */
};

/* return type, name behind randomx_, parameters. NULL returns mean that memory could not be had. */
#define RX_FUNCTIONS(X)                                                                            \
    X(int, get_flags, (void))                                                                      \
    X(struct rx_cache *, alloc_cache, (int flags))                                                 \
    X(void, init_cache, (struct rx_cache *, const void *key, size_t len))                          \
    X(void, release_cache, (struct rx_cache *))                                                    \
    X(struct rx_set *, alloc_dataset, (int flags))                                                 \
    X(unsigned long, dataset_item_count, (void))                                                   \
    X(void, init_dataset,                                                                          \
      (struct rx_set *, struct rx_cache *, unsigned long first, unsigned long count))              \
    X(void *, get_dataset_memory, (struct rx_set *))                                               \
    X(void, release_dataset, (struct rx_set *))                                                    \
    X(struct rx_vm *, create_vm, (int flags, struct rx_cache *, struct rx_set *))                  \
    X(void, destroy_vm, (struct rx_vm *))                                                          \
    X(void, calculate_hash, (struct rx_vm *, const void *input, size_t len, void *out))            \
    X(void, calculate_hash_first, (struct rx_vm *, const void *input, size_t len))                 \
    X(void, calculate_hash_next, (struct rx_vm *, const void *next, size_t len, void *out))        \
    X(void, calculate_hash_last, (struct rx_vm *, void *out))

struct rx_lib {
#define RX_MEMBER(type, name, parameters) type(*name) parameters;
    RX_FUNCTIONS(RX_MEMBER)
#undef RX_MEMBER

    /* NULL in libraries before 1.2. */
    void *(*get_cache_memory)(struct rx_cache *);

    /* NULL in libraries that lack it: together with a known answer it tells RandomX v2. */
    void (*calculate_commitment)(const void *input, size_t len, const void *hash, void *out);
};

/* The library, opened on the first call and kept. The environment variable OTEDAMA_LIBRANDOMX
 * names another file than the system's. NULL and `why` (ERR_CONFIG) when there is none, or it lacks
 * a function. Any thread. */
const struct rx_lib *rx_lib(struct fault *why);

/* The library's flags for this CPU, less what the system forbids: JIT where memory may become
 * executable, with RX_SECURE where it may not be writable then. The library itself ends the process
 * when it finds out. Any thread. */
int rx_flags(const struct rx_lib *);

/* Where the lines of a cache lie, 256 MiB of them; NULL when it cannot be told. A library
 * before 1.2 has no function for it: the address is then what its handle begins with, if there is
 * memory. Who reads there checks what is computed from it. Any thread. */
uint8_t *rx_cache_memory(const struct rx_lib *, struct rx_cache *);

/* The flag that chooses a variant: 0 for "v1" (also NULL and ""), RX_V2 for "v2" after a hash with
 * a known answer, which takes a second and 256 MiB the first time. ERR_CONFIG when the library does
 * not have it, or there is no such variant. Any thread. */
int rx_variant(const struct rx_lib *, const char *variant, struct fault *why);

/* SPDX-License-Identifier: MIT */
/* The inside of a RandomX dataset: cache, items, the file they are kept in. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "algo/dataset_ops.h"
#include "kernels/randomx/lib.h"
#include "kernels/randomx/numa.h"

/* Source: the RandomX specification, parameters of version 1; version 2 has the same. */
enum { RX_ITEM_BYTES = 64, RX_SCRATCHPAD = 2 << 20 };
#define RX_CACHE_BYTES UINT64_C(268435456)
#define RX_ITEMS       UINT64_C(34078719)
#define RX_SET_BYTES   (RX_ITEMS * RX_ITEM_BYTES)

/* The items in the memory of one node. */
struct rx_copy {
    struct rx_set *set;
    int node;
    size_t page; /* of explicit huge pages, in bytes; 0 = of none */
};

struct rx_data {
    const struct rx_lib *rx;
    char name[DATASET_NAME_MAX]; /* of the plan */
    char *dir;                   /* files are kept there; NULL = nowhere */
    uint8_t seed[ALGO_SEED_MAX];
    uint8_t seed_len;
    bool huge_pages;
    uint64_t items; /* that are filled, checked and kept: RX_ITEMS but in tests */
    int flags;      /* of the library, for every virtual machine: JIT, AES, SECURE, V2 */

    struct rx_cache *cache;
    struct rx_items *maker; /* of items, faster than the library; NULL = the library makes them */
    bool cache_large;       /* in explicit huge pages */
    unsigned cache_huge;    /* 2 MiB units of the cache in huge pages... */
    bool cache_huge_known;  /* ...where they can be counted */

    struct rx_copy copies[NODES_MAX]; /* the first is the one that is filled; complete when full */
    unsigned copy_count;
    unsigned set_huge[NODES_MAX];   /* 2 MiB units in huge pages */
    _Atomic bool set_counted;       /* released once set_huge is written */
    _Atomic unsigned vms, vms_huge; /* scratchpads that were counted, and are in huge pages */
};

extern const struct dataset_ops rx_dataset_ops;

/* A virtual machine with these flags (those of data, RX_FULL_MEM, ...); `copy` is the items for
 * RX_FULL_MEM. In huge pages where they can be had. NULL when there is no memory. On the thread
 * that will use it: its scratchpad is then near. */
struct rx_vm *rx_vm_new(struct rx_data *, int flags, const struct rx_copy *copy);

/* The copy of the items that lies nearest to the calling thread. Full ones only. */
const struct rx_copy *rx_copy_here(const struct rx_data *);

/* A maker for the cache's items that agrees with the library on some of them, or NULL. The first
 * copy is there. */
struct rx_items *rx_maker_new(const struct rx_data *);

/* full.c: the operations on the full part. */
int rx_reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why);
void rx_fill(void *state, uint64_t first, uint64_t count);
int rx_finish(void *state, struct fault *why);
void rx_release_copies(struct rx_data *);
uint8_t *rx_items(const struct rx_data *, const struct rx_copy *);

/* Makes the items of `from` again on another node, on this thread. False when there is no memory.
 */
bool rx_copy_to(struct rx_data *, int node);

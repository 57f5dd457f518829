/* SPDX-License-Identifier: MIT */
/* What an algorithm with a dataset brings: how big it is for a key, and how it is made. The life of
 * datasets (threads, progress, memory, sharing) is dataset.c's business. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "algo/algo.h"
#include "base/err.h"

enum { DATASET_NAME_MAX = 144, DATASET_TITLE_MAX = 32 };

/* Two keys with the same name share a dataset. */
struct dataset_plan {
    char name[DATASET_NAME_MAX];   /* "epoch-598", "seed-4f1a..." : also a file name */
    char title[DATASET_TITLE_MAX]; /* for people: "epoch 598", "seed 4f1a9b02" */
    uint64_t light_bytes;          /* memory of the light part */
    uint64_t full_bytes;           /* memory of the full one, besides the light part */
    uint64_t items;                /* what `fill` counts in; 0 = there is no full one */
};

/* How a dataset is to be made: from the configuration, the same for all. */
struct dataset_choices {
    const char *dir;     /* full datasets are kept there between runs; NULL = not kept */
    bool huge_pages;     /* ask for them; what cannot be had is done without */
    bool secure_jit;     /* RandomX: never write and execute the same page at once */
    const char *randomx; /* RandomX variant: "v1", "v2" */
};

struct dataset_ops {
    /* Pure arithmetic, no allocation. ERR_KEY and `why` when the key is out of range or a part of
     * it is missing. Any thread. */
    int (*plan)(const struct algo_key *, struct dataset_plan *, struct fault *why);

    /* Makes the light part; seconds. Raises *permille (0..1000) as it goes on; gives up with
     * ERR_CLOSED soon after *cancel is set. Memory was found to be there, allocation may fail all
     * the same. On a thread of dataset.c. */
    int (*light)(const struct algo_key *, const struct dataset_plan *,
                 const struct dataset_choices *, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **state, struct fault *why);

    /* Allocates the full part; true in *complete when it was read from a file, and needs no fill.
     * On a thread of dataset.c. */
    int (*reserve)(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why);

    /* Makes items [first, first + count) of the full part: many threads at once on ranges that do
     * not overlap. About `step` items take 5 ms. */
    void (*fill)(void *state, uint64_t first, uint64_t count);
    uint64_t step;

    /* All items are there: samples are checked against the light part. ERR_CHECK when they differ:
     * bad memory, or a bad file. On a thread of dataset.c. */
    int (*finish)(void *state, struct fault *why);

    /* Optional: writes the full part to choices.dir, while others hash with it. Gives up soon after
     * *cancel is set and leaves no half-written file that `reserve` would take. */
    int (*keep)(void *state, const _Atomic bool *cancel, struct fault *why);

    /* What was allocated, in words for people: "2 MiB pages: dataset 1040 of 1040, cache 128 of
     * 128". Optional. Any thread, after `light`. */
    void (*describe)(const void *state, char *out, size_t len);

    void (*free)(void *state); /* no thread uses it any more; half-made ones too */
};

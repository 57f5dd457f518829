/* SPDX-License-Identifier: MIT */
/* Datasets: the big memory that RandomX, Ethash, Etchash and KawPow hash with, one for each
 * algorithm and key, shared by all threads of the process and counted.
 *
 * A dataset is first light (a cache: each hash makes what it needs) and, when that is wanted, later
 * full (all items in memory). The light part is made by a thread of its own; the full part by
 * whoever calls dataset_fill, so that a device that stands still, or was switched to something
 * else, costs nothing and goes on later where it was. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "algo/algo.h"
#include "algo/dataset_ops.h"

/* Names of threads that compute begin with this ("hash-cpu0.1"), so that the rest can be told
 * apart. */
#define THREAD_HASH_PREFIX "hash-"

enum dataset_state {
    DATASET_PREPARING, /* the light part is being made */
    DATASET_LIGHT,     /* may be hashed with, slowly */
    DATASET_FULL,
    DATASET_FAILED, /* see the view's error; get it again to try again */
};

const char *dataset_state_name(enum dataset_state);

struct datasets;

typedef void datasets_changed_fn(void *arg); /* a state changed; on any thread */

struct datasets_options {
    struct dataset_choices choices; /* its strings are copied */
    uint64_t memory_max;            /* bytes for all datasets; 0 = what the machine has free */
    datasets_changed_fn *changed;   /* may be NULL */
    void *arg;
};

struct datasets *datasets_new(const struct datasets_options *);

/* Stops what is being made, waits for it (within 100 ms), forgets unused ones. Those still
 * referenced live on until their last reference goes. */
void datasets_free(struct datasets *);

/* The dataset of an algorithm and key, made if it is not there: one reference. Does not block. At
 * most two keys of an algorithm are kept when nobody uses them, and they go first when memory is
 * short. NULL and `why` (ERR_KEY) for a key that cannot be, or (ERR_MEMORY, needed and free bytes
 * named) when the light part does not fit. `full`: the full part is wanted too; where it does not
 * fit, the dataset stays light and its view says why. Any thread. */
struct dataset *datasets_get(struct datasets *, const struct algo *, const struct algo_key *,
                             bool full, struct fault *why);

struct dataset *dataset_ref(struct dataset *); /* any thread; returns its argument; NULL is fine */
void dataset_unref(struct dataset *);          /* any thread; NULL is fine */

enum dataset_state dataset_state(const struct dataset *); /* acquire: what it says is visible */

/* Is this the dataset of that key? Any thread. */
bool dataset_fits(const struct dataset *, const struct algo *, const struct algo_key *);

/* Is the full part wanted, allocated, and not made yet? Then dataset_fill has work. */
bool dataset_filling(const struct dataset *);

/* Makes items for about `us` microseconds. False when there was nothing to do. After the last item
 * a thread of its own checks the dataset and makes it full. Any thread. */
bool dataset_fill(struct dataset *, int64_t us);

/* For the algorithm's own ctx_new: what ops->light gave, and the key it was made for. */
void *dataset_memory(const struct dataset *);
const struct algo_key *dataset_key(const struct dataset *);

struct dataset_view {
    const struct algo *algo;
    char title[DATASET_TITLE_MAX];
    enum dataset_state state;
    bool full_wanted;
    double progress;    /* 0..1 of the part that is being made; 1 = nothing is */
    double seconds;     /* spent on that part so far */
    double eta_seconds; /* NAN unknown */
    uint64_t bytes;     /* held in memory */
    unsigned users;     /* references */
    char pages[96];     /* from ops->describe */
    char error[160];    /* why it failed, or why it stays light; "" = none */
};
void dataset_view(const struct dataset *, struct dataset_view *);
unsigned datasets_view(struct datasets *, struct dataset_view *out, unsigned max);

/* Makes one outside any list, with `threads` threads, and waits for it: for tests, benchmarks and
 * self-tests. `seconds` (may be NULL) takes the wall time of the light and the full part. */
int dataset_build(const struct algo *, const struct algo_key *, const struct dataset_choices *,
                  bool full, unsigned threads, double seconds[2], struct dataset **ret,
                  struct fault *why);

/* SPDX-License-Identifier: MIT */
/* The inside of a dataset and of the list they stand in: for dataset.c and datasets.c alone. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "algo/dataset.h"

enum { DATASETS_MAX = 32 };

struct datasets {
    _Atomic uint32_t refs;              /* the owner's and one of each dataset */
    pthread_mutex_t lock;               /* list, closed, makers */
    pthread_cond_t ended;               /* a maker ended */
    struct dataset *list[DATASETS_MAX]; /* oldest use first; each holds a reference */
    unsigned count;
    unsigned makers; /* threads under way */
    bool closed;
    struct datasets_options options;
};

struct dataset {
    _Atomic uint32_t refs;
    struct datasets *all; /* a reference */
    const struct algo *algo;
    const struct dataset_ops *ops;
    struct algo_key key;
    struct dataset_plan plan;

    _Atomic int state;   /* enum dataset_state; released when it rises, acquired by readers */
    _Atomic bool cancel; /* stop making */
    _Atomic bool full_wanted, filling;
    _Atomic bool reserved;       /* the full part's bytes are promised to it, or taken */
    _Atomic bool touched;        /* all of them were written once: the system counts them as used */
    _Atomic uint32_t permille;   /* of the light part */
    _Atomic uint64_t next, made; /* items of the full part: claimed, finished */
    void *memory;                /* the algorithm's; written before the state says LIGHT */

    pthread_mutex_t lock;      /* the rest */
    bool making;               /* a maker thread is on it */
    int64_t began_us, took_us; /* of the part that is being made, or was made last */
    char error[160];
};

struct datasets *datasets_ref(struct datasets *);
void datasets_unref(struct datasets *);

/* One reference; nothing is made yet. */
struct dataset *dataset_new(struct datasets *, const struct algo *, const struct algo_key *,
                            const struct dataset_plan *);

/* The stages, blocking. */
int dataset_make_light(struct dataset *, struct fault *why);
int dataset_make_room(struct dataset *,
                      struct fault *why); /* for the full part; then filling, or full */
int dataset_make_full(struct dataset *, struct fault *why); /* after the last item */

/* Starts a thread that runs the stages that are due, unless one is on it or the list is closed. */
void dataset_start(struct dataset *);

void dataset_fail(struct dataset *, enum dataset_state, const char *text);

/* Promises the full part's bytes to a dataset, unless they are already. Makes room by forgetting
 * unused ones. ERR_MEMORY when they cannot be had. */
int datasets_reserve(struct datasets *, struct dataset *, struct fault *why);
uint64_t dataset_bytes(const struct dataset *);   /* held now, or promised */
uint64_t dataset_unmade(const struct dataset *d); /* of those, promised and not written yet */

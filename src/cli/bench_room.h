/* SPDX-License-Identifier: MIT */
/* Where figures are measured: holds the dataset from one figure to the next. */
#pragma once

#include "algo/algo.h"
#include "cli/bench_figure.h"

struct bench_room { /* zero = empty */
    const struct algo *algo;
    struct algo_key key;
    struct dataset *dataset;
    bool full, reserved;
    double seconds[2]; /* that the parts of the dataset took */
    unsigned builders; /* threads that made it */
};

/* Measures what the figure's first half names, for about `seconds`. 0 or negative. */
int bench_measure(struct bench_room *, struct figure *, double seconds, struct fault *why);
void bench_room_free(struct bench_room *);

/* A light or full dataset for the figure's algorithm, height and threads, in the room; nothing to
 * do where the algorithm has none. */
int bench_room_fill(struct bench_room *, const struct figure *, bool full, struct fault *why);

/* The height at which an epoch begins; ERR_FIELD where the algorithm does not count epochs. */
int bench_epoch_height(const struct algo *, uint64_t epoch, uint64_t *height);

/* Share checks as the pool makes them, through the algorithm's header form: bench_check.c. */
int bench_check(const struct bench_room *, struct figure *, double seconds, struct fault *why);

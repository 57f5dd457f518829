/* SPDX-License-Identifier: MIT */
/* Measuring: hashes of an implementation, items of a dataset, or any other work in small turns. */
#pragma once

#include <stdint.h>

#include "algo/algo.h"

enum { BENCH_THREADS_MAX = 1024 };

/* Threads that work for a while, started together. */
struct bench_crew {
    unsigned threads; /* in: 1..BENCH_THREADS_MAX, each bound to a CPU of its own while there are
                         enough */
    double seconds;   /* in: how long; out: wall time really spent */
    void *arg;        /* in: passed to the functions below, which run on the crew's threads */

    /* Makes what one thread needs. 0 or a negative error. */
    int (*begin)(void *arg, void **state, struct fault *why);
    /* Some milliseconds of work. Returns how much was done; 0 = there is no more. */
    uint64_t (*turn)(void *arg, void *state);
    void (*end)(void *arg, void *state); /* after a `begin` that succeeded */

    double cpu_seconds; /* out: CPU time of all threads */
    uint64_t count;     /* out */
    double rate;        /* out: count per second of wall time */
};

/* Blocks for `seconds` and a short warm-up. 0, or the error of a thread that could not begin. Any
 * thread. */
int bench_crew_run(struct bench_crew *, struct fault *why);

/* Scans random headers for a target that nothing meets. */
struct bench {
    const struct algo *algo;      /* in */
    const struct algo_impl *impl; /* in */
    struct dataset *dataset; /* in: what algo->dataset made; borrowed; NULL where there is none */
    unsigned versions;       /* in: versions rolled with each nonce, 0..impl->versions */
    unsigned threads;        /* in: as above */
    double seconds;          /* in, out: as above */
    double cpu_seconds;      /* out: CPU time of all threads */
    uint64_t hashes;         /* out */
    double hashrate;         /* out: hashes per second of wall time */
};
int bench_run(struct bench *, struct fault *why);

/* Fills the full part of a light dataset from item 0 on, for as long as `seconds` say. Allocates
 * that part (ERR_MEMORY before, when it cannot fit); it goes with the dataset, which stays light.
 */
struct bench_fill {
    const struct algo *algo; /* in: one with a dataset */
    struct dataset *dataset; /* in: borrowed */
    bool reserved;           /* in, out: that part of this dataset is allocated */
    unsigned threads;        /* in */
    double seconds;          /* in, out */
    double cpu_seconds;      /* out */
    uint64_t items, total;   /* out: made, and of how many */
    double rate;             /* out: items per second of wall time */
};
int bench_fill(struct bench_fill *, struct fault *why);

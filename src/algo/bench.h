/* SPDX-License-Identifier: MIT */
/* Measuring an implementation's hash rate. */
#pragma once

#include <stdint.h>

#include "algo/algo.h"

enum { BENCH_THREADS_MAX = 1024 };

struct bench {
    const struct algo *algo;      /* in */
    const struct algo_impl *impl; /* in */
    struct dataset *dataset; /* in: what algo->dataset made; borrowed; NULL where there is none */
    unsigned versions;       /* in: versions rolled with each nonce, 0..impl->versions */
    unsigned threads;        /* in: 1..BENCH_THREADS_MAX, each bound to a CPU of its own while
                                there are enough */
    double seconds;          /* in: how long; out: wall time really spent */
    double cpu_seconds;      /* out: CPU time of all threads */
    uint64_t hashes;         /* out */
    double hashrate;         /* out: hashes per second of wall time */
};

/* Scans random headers for a target that nothing meets. Blocks for `seconds` and a short warm-up.
 * 0, or a negative error when threads or scratch memory cannot be had. Any thread. */
int bench_run(struct bench *, struct fault *why);

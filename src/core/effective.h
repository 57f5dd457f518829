/* SPDX-License-Identifier: MIT */
/* The effective hash rate: what a source of work has acknowledged, as expected hashes over time,
 * with the band in which the true rate lies with 95 % confidence. Shares come by chance (a Poisson
 * process), so few of them say little. One owner thread. */
#pragma once

#include <stdint.h>

enum { EFFECTIVE_BUCKETS = 60, EFFECTIVE_BUCKET_S = 60 }; /* the window is an hour */

struct effective {
    int64_t start_us, bucket_us; /* begin of it all, and of the newest bucket */
    struct {
        double hashes, squares; /* sums of what shares stand for, and of its squares */
        uint32_t shares;
    } bucket[EFFECTIVE_BUCKETS]; /* ring, newest at `at` */
    unsigned at;
};

struct effective_rate {
    double rate, low, high; /* hashes per second; NAN while there are no shares */
    uint64_t shares;        /* in the window */
    double seconds;         /* that the window covers */
};

void effective_reset(struct effective *, int64_t now_us);

/* A share that was accepted at `now_us` (monotonic): the hashes it stands for, target_hashes. */
void effective_add(struct effective *, double hashes, int64_t now_us);

struct effective_rate effective_rate(struct effective *, int64_t now_us);

/* Where the mean of a Poisson process lies with 95 % confidence when it gave `n` events (Garwood's
 * exact interval). `n` >= 0 need not be whole: shares of unequal weight count as so many equal
 * ones.
 */
void poisson_band(double n, double *low, double *high);

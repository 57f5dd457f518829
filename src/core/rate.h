/* SPDX-License-Identifier: MIT */
/* Hash rate over 10 s, 1 min, 15 min and since the start. One owner thread. */
#pragma once

#include <stdint.h>

enum rate_window { RATE_10S, RATE_1M, RATE_15M, RATE_WINDOWS };

struct rate {
    int64_t start_us, last_us;
    double total; /* hashes */
    double average[RATE_WINDOWS];
};

void rate_reset(struct rate *, int64_t now_us);

/* Adds hashes done up to `now_us` (monotonic). Exponential averages, corrected for short history.
 */
void rate_add(struct rate *, double hashes, int64_t now_us);

/* Hashes per second at `now_us`; falls to 0 when nothing is added. NAN before the first second. */
double rate_window(const struct rate *, enum rate_window, int64_t now_us);
double rate_average(const struct rate *, int64_t now_us);

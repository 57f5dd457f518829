/* SPDX-License-Identifier: MIT */
/* Times in nanoseconds, counted in buckets 1.6 % wide. One owner thread. */
#pragma once

#include <stdint.h>

enum { HISTOGRAM_STEPS = 64, HISTOGRAM_BUCKETS = 60 * HISTOGRAM_STEPS };

struct histogram {
    uint64_t count, max;
    uint32_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *, uint64_t ns);

/* The time that a part of all (0 < part <= 1) did not pass, in milliseconds; 0 when there are none.
 */
double histogram_ms(const struct histogram *, double part);

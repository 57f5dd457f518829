/* SPDX-License-Identifier: MIT */
/* 64 steps in each power of two; below 128 ns, one bucket for each. */
#include "cli/bench_histogram.h"

#include <math.h>

enum { STEP_BITS = 6 };

static unsigned power_of(uint64_t ns)
{
    return ns < HISTOGRAM_STEPS ? 0 : 63 - (unsigned)__builtin_clzll(ns) - STEP_BITS;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
    unsigned power = power_of(ns);
    uint64_t at = (uint64_t)power * HISTOGRAM_STEPS + (ns >> power);

    h->bucket[at]++;
    h->count++;
    h->max = ns > h->max ? ns : h->max;
}

/* The last time that a bucket holds. */
static uint64_t last_of(unsigned at)
{
    unsigned power = at < 2 * HISTOGRAM_STEPS ? 0 : at / HISTOGRAM_STEPS - 1;
    uint64_t step = at - (uint64_t)power * HISTOGRAM_STEPS;

    return ((step + 1) << power) - 1;
}

double histogram_ms(const struct histogram *h, double part)
{
    uint64_t wanted = (uint64_t)ceil(part * (double)h->count), seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS && h->count; i++)
        if ((seen += h->bucket[i]) >= wanted) {
            uint64_t last = last_of(i);
            return (double)(last < h->max ? last : h->max) / 1e6;
        }
    return (double)h->max / 1e6;
}

/* SPDX-License-Identifier: MIT */
/* Exponential hash-rate averages: weight e^(-age/window), corrected for a short history. */
#include "core/rate.h"

#include <math.h>

static const double window_s[RATE_WINDOWS] = {10, 60, 900};

void rate_reset(struct rate *rate, int64_t now_us)
{
    *rate = (struct rate){.start_us = now_us, .last_us = now_us};
}

void rate_add(struct rate *rate, double hashes, int64_t now_us)
{
    double dt = (double)(now_us - rate->last_us) / 1e6;

    rate->total += hashes;
    if (dt < 1e-6)
        dt = 1e-6;
    for (unsigned i = 0; i < RATE_WINDOWS; i++) {
        double keep = exp(-dt / window_s[i]);
        /* `hashes` came evenly over dt: their own decayed mean is hashes/dt * (1 - keep) */
        rate->average[i] = rate->average[i] * keep + hashes / dt * (1 - keep);
    }
    rate->last_us = now_us;
}

double rate_window(const struct rate *rate, enum rate_window w, int64_t now_us)
{
    double age = (double)(now_us - rate->start_us) / 1e6;
    double told = (double)(rate->last_us - rate->start_us) / 1e6; /* history that reports cover */
    double idle = age - told;

    if (age < 1)
        return NAN;
    if (told <= 0)
        return 0;
    /* a device reports every few hundred ms: do not let the value sag between two reports */
    double decay = idle > 2 ? exp(-(idle - 2) / window_s[w]) : 1;
    return rate->average[w] * decay / (1 - exp(-told / window_s[w]));
}

double rate_average(const struct rate *rate, int64_t now_us)
{
    double age = (double)(now_us - rate->start_us) / 1e6;

    return age < 1 ? NAN : rate->total / age;
}

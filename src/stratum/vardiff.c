/* SPDX-License-Identifier: MIT */
/* Variable difficulty by an exponential average with a dead band, bounded steps and idle halving.
 */
#include "stratum/vardiff.h"

#include <math.h>
#include <string.h>

enum {
    MIN_SHARES = 12,
    MIN_INTERVALS = 6,
    WINDOW_INTERVALS = 30,
    FAST_SHARES = 8,
    FAST_FACTOR = 8
};

static const double band = 1.5, step = 4, step_fast = 64;

void vardiff_init(struct vardiff *v, double difficulty, int64_t now_us)
{
    memset(v, 0, sizeof *v);
    v->difficulty = difficulty;
    v->start_us = v->changed_us = now_us;
}

static double seconds(int64_t us)
{
    return us > 1000 ? (double)us / 1e6 : 1e-3;
}

static double window_s(const struct vardiff_limits *limits)
{
    return seconds(limits->interval_us) * WINDOW_INTERVALS;
}

void vardiff_share(struct vardiff *v, const struct vardiff_limits *limits, double difficulty,
                   int64_t now_us)
{
    int64_t from = v->last_us ? v->last_us : v->start_us;
    double window = window_s(limits);

    v->rate = v->rate * exp(-(double)(now_us - from) / 1e6 / window) + difficulty / window;
    v->last_us = now_us;
    v->since_change += difficulty >= v->difficulty; /* those of easier work say little of it */
}

void vardiff_told(struct vardiff *v, int64_t now_us)
{
    v->changed_us = now_us;
    v->since_change = 0;
}

/* Difficulty per second at `now_us`, corrected for a history shorter than the window. */
static double rate_now(const struct vardiff *v, const struct vardiff_limits *limits, int64_t now_us)
{
    double window = window_s(limits);
    double weight = 1 - exp(-seconds(now_us - v->start_us) / window);

    return v->rate * exp(-(double)(now_us - v->last_us) / 1e6 / window) / weight;
}

double vardiff_clamp(double difficulty, const struct vardiff_limits *limits)
{
    double unit = pow(10, floor(log10(difficulty)) - 2);
    double nice = unit >= 1 ? round(difficulty / unit) * unit : difficulty;

    if (unit < 1) { /* below 100 in binary fractions: 0.4375, 12.5 */
        unit = exp2(floor(log2(difficulty)) - 6);
        nice = round(difficulty / unit) * unit;
    }
    return fmax(limits->min, fmin(nice, limits->max));
}

/* What the shares ask for, and by how much one step may follow; 0 = too few to say. */
static double wanted(const struct vardiff *v, const struct vardiff_limits *limits, int64_t now_us,
                     double *max_step)
{
    double interval = seconds(limits->interval_us), elapsed = seconds(now_us - v->changed_us);

    if (v->since_change >= FAST_SHARES && elapsed * FAST_FACTOR < v->since_change * interval) {
        *max_step = step_fast;
        return v->difficulty * v->since_change * interval / elapsed;
    }
    *max_step = step;
    if (v->since_change >= MIN_SHARES || (v->since_change && elapsed >= MIN_INTERVALS * interval))
        return rate_now(v, limits, now_us) * interval;
    return 0;
}

static double change(struct vardiff *v, const struct vardiff_limits *limits, double to,
                     int64_t now_us)
{
    double difficulty = vardiff_clamp(to, limits);

    v->changed_us = now_us;
    v->since_change = 0;
    if (difficulty == v->difficulty)
        return 0;
    v->difficulty = difficulty;
    return difficulty;
}

double vardiff_next(struct vardiff *v, const struct vardiff_limits *limits, int64_t now_us)
{
    int64_t quiet_from = v->last_us > v->changed_us ? v->last_us : v->changed_us;
    double max_step;

    if (v->difficulty < limits->min || v->difficulty > limits->max)
        return change(v, limits, v->difficulty, now_us);
    if (now_us - quiet_from >= MIN_INTERVALS * limits->interval_us)
        return change(v, limits, v->difficulty / 2, now_us);
    double want = wanted(v, limits, now_us, &max_step);
    if (want <= 0 || (want < v->difficulty * band && want > v->difficulty / band))
        return 0;
    want = fmax(v->difficulty / max_step, fmin(want, v->difficulty * max_step));
    return change(v, limits, want, now_us);
}

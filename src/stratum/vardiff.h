/* SPDX-License-Identifier: MIT */
/* Variable difficulty: from the times of accepted shares to the difficulty that gives one share an
 * interval. Pure: the caller brings the clock. One owner thread. */
#pragma once

#include <stdint.h>

struct vardiff_limits {
    double min, max;     /* inclusive, min <= max */
    int64_t interval_us; /* one share per this, on average */
};

struct vardiff {
    double difficulty;     /* in force */
    double rate;           /* exponential average of difficulty per second, short history not
                              corrected */
    int64_t start_us;      /* where the average begins */
    int64_t changed_us;    /* last change of the difficulty */
    int64_t last_us;       /* last accepted share; 0 = none yet */
    uint32_t since_change; /* accepted shares since */
};

/* Starts (or starts over) at a difficulty. `now_us` monotonic, > 0. */
void vardiff_init(struct vardiff *, double difficulty, int64_t now_us);

/* The difficulty in force was told only now: its shares are counted from here. */
void vardiff_told(struct vardiff *, int64_t now_us);

/* Records an accepted share of the difficulty it was assigned. */
void vardiff_share(struct vardiff *, const struct vardiff_limits *, double difficulty,
                   int64_t now_us);

/* The difficulty to change to, or 0 to leave it. A change is recorded as made. Call after each
 * share and about once a second. Moves at most 4x a step (64x when shares come 8 times too fast),
 * keeps a band of 1.5x where nothing is changed, and halves each time 6 intervals pass without a
 * share (before the first share too: a small miner may start far too high, and one that was only
 * warming up comes back fast). */
double vardiff_next(struct vardiff *, const struct vardiff_limits *, int64_t now_us);

/* Into the limits, rounded to a number that is easy to read (three digits). */
double vardiff_clamp(double difficulty, const struct vardiff_limits *);

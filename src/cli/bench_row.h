/* SPDX-License-Identifier: MIT */
/* One row of the pool's benchmarks: what was done, and the figures, for people or machines. */
#pragma once

#include <stdbool.h>

enum { ROW_CELLS = 24 };

struct bench_row {
    const char *bench, *what; /* "pool", "submits" */
    struct {
        const char *key;   /* of the JSON */
        const char *label; /* behind the number in the text; NULL = not in the text */
        double value;
        int digits; /* behind the point */
    } cells[ROW_CELLS];
    unsigned count;
};

void row_add(struct bench_row *, const char *key, const char *label, double value, int digits);
void row_print(const struct bench_row *, bool json);
/* A figure that could not be had, and why. */
void row_missing(const struct bench_row *, const char *why, bool json);

/* SPDX-License-Identifier: MIT */
/* What `otedama bench` measures: one figure is one row, one JSON object, one thing to compare. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum figure_kind {
    FIGURE_HASH,    /* hashes a second */
    FIGURE_CHECK,   /* shares checked a second, by the reference */
    FIGURE_CACHE,   /* seconds to make the light part of a dataset */
    FIGURE_ITEMS,   /* items of the full part made in a second */
    FIGURE_DATASET, /* seconds to make all of it */
    FIGURE_KINDS,
};

#define FIGURE_ONE_VERSION "fixed" /* an engine that could roll versions does not */

struct figure {
    /* which: two figures with the same values here can be compared */
    enum figure_kind kind;
    char algo[32];
    char impl[32]; /* engine of a hash rate; "" elsewhere */
    char mode[8];  /* "light", "full"; FIGURE_ONE_VERSION; else "" */
    unsigned threads;
    uint64_t height; /* of the dataset's key */

    /* what was measured */
    double value;   /* per second of wall time, or seconds */
    double per_cpu; /* rates: per second of CPU time */
    double count;   /* of what was done */
    double seconds, cpu_seconds;
    char dataset[32]; /* "epoch 0" */
    double total;     /* FIGURE_ITEMS: items of a whole dataset */
};

const char *figure_name(enum figure_kind); /* "hash" */
const char *figure_unit(enum figure_kind); /* "H/s" */
bool figure_same(const struct figure *, const struct figure *);

void figure_head(void); /* the table's head on stdout */
void figure_print(const struct figure *, bool json);

/* Reads what --json wrote, one object a line ("-": standard input). Owned by the caller. Lines that
 * are no figures, and more than 10,000 of them, are an error. 0 or negative. */
int figures_read(const char *path, struct figure **ret, size_t *count, struct fault *why);

/* A row for one pair: rates per second of CPU time, which other load on the machine does not change
 * (`wall`: of wall time). Returns true when `now` is worse by more than `tolerance` (0.1 = 10 %).
 */
bool figure_compare(const struct figure *before, const struct figure *now, double tolerance,
                    bool wall);

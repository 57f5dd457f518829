/* SPDX-License-Identifier: MIT */
/* Writes the Prometheus text format, version 0.0.4. One thread per page. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "metrics/metrics.h"

struct prom_page {
    struct str out; /* the text; the caller frees it */
    int open;       /* metric + 1 whose samples may come; 0 = none yet */
    bool done[METRICS];
};

/* Adds one sample. `values`: as many label values as the table has labels for this metric, UTF-8;
 * NULL when there are none. All samples of a metric stand together: coming back to an earlier
 * metric is a bug and asserts. NAN means unknown and writes nothing. */
void prom_add(struct prom_page *, enum metric, double value, const char *const *values);

/* prom_put(page, METRIC_X, 1.5, "cpu0", "sha256d") */
#define prom_put(page, metric, value, ...)                                                         \
    prom_add(page, metric, value, (const char *const[]){__VA_ARGS__, NULL})

/* The same for a metric without labels. */
#define prom_plain(page, metric, value) prom_add(page, metric, value, NULL)

#define PROM_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* SPDX-License-Identifier: MIT */
/* The metrics by name: one row each in metrics.def. Any thread. */
#pragma once

#include <stdio.h>

enum metric {
#define X(name, kind, unit, labels, help) METRIC_##name,
#include "metrics/metrics.def"
#undef X
    METRICS
};

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

enum { METRIC_LABELS_MAX = 4 };

struct metric_info {
    const char *word; /* "HASHES_TOTAL" */
    enum metric_kind kind;
    const char *unit;   /* "H/s"; "" = a plain number */
    const char *labels; /* "device,algo"; "" = none */
    const char *help;   /* one sentence without a full stop */
};

const struct metric_info *metric_info(enum metric);

/* The series' name: "otedama_hashes_total". Always fits. */
enum { METRIC_NAME_MAX = 80 };
void metric_name(enum metric, char out[METRIC_NAME_MAX]);

const char *metric_kind_name(enum metric_kind); /* "counter", "gauge" */

/* Copies the label names, in the table's order. Returns how many. */
enum { METRIC_LABEL_MAX = 24 };
unsigned metric_labels(enum metric, char out[METRIC_LABELS_MAX][METRIC_LABEL_MAX]);

/* All of them as rows of a man page's table (tbl): name, type, labels, meaning. */
void metrics_print(FILE *);

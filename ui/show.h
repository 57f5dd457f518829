/* SPDX-License-Identifier: MIT */
/* Words and styles that several panels share. One thread. */
#pragma once

#include "ui/panel.h"

const char *show_state(const struct snapshot *); /* "MINING+POOL" */
unsigned show_state_style(const struct snapshot *);
bool show_any_sim(const struct snapshot *);   /* a device only pretends */
bool show_worthless(const struct snapshot *); /* coins of this chain have no value */

const char *show_device_state(const struct device_view *); /* "RUN" */
unsigned show_device_style(const struct device_view *);
float show_hottest(const struct telemetry *); /* NAN = not measured */
bool show_telemetry_old(const struct device_view *, int64_t now_us);

const char *show_upstream_state(const struct upstream_view *); /* "ALIVE" */
unsigned show_upstream_style(const struct upstream_view *);
const struct upstream_view *show_active_upstream(const struct snapshot *); /* NULL = none */

const char *show_url(const char *url); /* without "stratum+tcp://" */

enum { SHOW_EFFECTIVE_MAX = 80 };
/* "1.58GH/s (-23..+28%)": what was acknowledged, with its 95 % band; "unknown" without shares.
 */
const char *show_effective(const struct effective_rate *, char out[SHOW_EFFECTIVE_MAX]);

/* One log record in row y: time, level, category, text, repeats. `found` marks a match. */
void show_log(struct canvas, int y, const struct log_record *, bool millis, bool found);
/* The newest records up to `level` fill the canvas from its bottom. */
void show_log_tail(struct canvas, const struct log_view *, enum log_level);

/* The points of a history that were measured, oldest first. */
const float *show_history(const struct snapshot *, const float all[HISTORY_POINTS],
                          unsigned *count);

/* "DAG epoch 0 43 % eta 0:52", "dataset seed 4f1a9b02 full, 2.3 GiB". */
const char *show_dataset(const struct dataset_brief *, char out[96]);
/* The same with a gauge, or with why it failed. Returns the column after it. */
int show_dataset_row(struct canvas, int x, int y, const struct dataset_brief *);

const char *show_line_name(const struct line_view *); /* "devices", "cpu0" */
/* "sha256d gpu0:kawpow" in at most `width` cells; shorter where that does not fit. */
const char *show_algorithms(const struct snapshot *, int width, char out[160]);

/* Draws text only where all of it fits: a number cut in the middle would be another number. Returns
 * the column after it; far outside when it did not fit, so that nothing follows. */
int show_whole(struct canvas, int x, int y, unsigned style, const char *text);

/* The same for a pair "label value". Returns the column after it plus a gap. */
int show_pair(struct canvas, int x, int y, const char *label, unsigned style, const char *value);

/* Text with breaks between words. Returns the row after it. */
int show_wrapped(struct canvas, int x, int y, int width, unsigned style, const char *text);

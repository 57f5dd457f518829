/* SPDX-License-Identifier: MIT */
/* Graphs of values over time in braille dots, block eighths or ASCII; NAN is a gap. */
#pragma once

#include "ui/canvas.h"

/* Filled graph with an axis at the left where there is room; newest value at the right. Its range
 * starts at 0 unless all values lie close together far above it. */
void graph_draw(struct canvas, const float *points, unsigned count);

/* One row, without axis. */
void spark_draw(struct canvas, const float *points, unsigned count);

/* Range shown for these values: *low <= all <= *high, *low < *high. */
void graph_range(const float *points, unsigned count, double *low, double *high);

/* A bar filled to `ratio` (clamped to 0...1; NAN: empty). */
void gauge_draw(struct canvas, int x, int y, int width, double ratio, unsigned style);

/* SPDX-License-Identifier: MIT */
/* JSON of the things that several routes show. New references. Any thread. */
#pragma once

#include <jansson.h>

enum { HISTORY_INTERVAL_S = 5 }; /* of the snapshot's history points */

struct counters;
struct dataset_brief;
struct device_view;
struct effective_rate;
struct pool_view;
struct snapshot;
struct upstream_view;

json_t *view_rates(const double *rate, double average); /* rate[RATE_WINDOWS] */
json_t *view_shares(const struct counters *);
json_t *view_by_algorithm(const struct counters *);    /* by place in algos[] */
json_t *view_effective(const struct effective_rate *); /* null: no share yet */
json_t *view_device(const struct snapshot *, const struct device_view *);
json_t *view_upstream(const struct snapshot *, const struct upstream_view *);
json_t *view_dataset(const struct dataset_brief *); /* null: none is needed */
json_t *view_listeners(const struct pool_view *);
json_t *view_lines(const struct snapshot *);
json_t *view_number(float);                                /* short: 61.5 stays 61.5 */
json_t *view_wall(const struct snapshot *, int64_t at_us); /* RFC 3339 of a monotonic time */
json_t *view_page(const char *key, json_t *take_rows, size_t total, size_t limit, size_t offset);

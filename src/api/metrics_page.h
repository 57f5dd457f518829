/* SPDX-License-Identifier: MIT */
/* The sections of the metrics page. The API's thread. */
#pragma once

#include <stdint.h>

#include "api/routes.h"
#include "metrics/prometheus.h"

typedef void section_fn(struct prom_page *, const struct request *, const struct snapshot *);

/* metrics_pools.c */
section_fn metrics_upstream_shares, metrics_upstream_links, metrics_drill, metrics_server,
    metrics_chain, metrics_money;

double metrics_age_s(int64_t now_us, int64_t at_us);            /* NAN for at 0 */
double metrics_nonzero(uint64_t);                               /* NAN for 0 */
const char *metrics_number_text(unsigned number, char out[12]); /* returns `out` */

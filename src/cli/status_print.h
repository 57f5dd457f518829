/* SPDX-License-Identifier: MIT */
/* The table that `otedama status` prints. */
#pragma once

#include <stdio.h>

#include <jansson.h>

/* `status`: data of /api/status; `devices` and `pools`: of those routes. Unknown numbers are "-".
 */
void status_print(FILE *, const json_t *status, const json_t *devices, const json_t *pools);

/* "1.25 MH/s" with three digits; "-" when `rate` is no number. */
void status_rate(const json_t *rate, char out[32]);

/* "1.10 MH/s (900 kH/s to 1.40 MH/s by 9 shares)"; "unknown" while there are no shares. */
void status_effective(const json_t *effective, char out[128]);

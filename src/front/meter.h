/* SPDX-License-Identifier: MIT */
/* What one connection sends, and how good it is: bytes and lines a second, shares by ratio, refused
 * logins. Nothing but counting; one owner thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "front/guard.h"

enum { METER_BURST_S = 10 }; /* this long the double is fine, then the rate must hold */

struct meter {
    int64_t bytes_us, lines_us; /* when what came so far would be used up at the allowed rate */
    uint32_t good, invalid, duplicate; /* lately: halved when there are many */
    uint32_t refused_logins;
};

/* Each returns CAUSE_NONE, or why the connection must be closed. Times are monotonic microseconds.
 */
enum cause meter_bytes(struct meter *, const struct guard_limits *, uint32_t bytes, int64_t now_us);
enum cause meter_line(struct meter *, const struct guard_limits *, int64_t now_us);
/* `err`: what came of a submit. What is stale, and what the pool had no room or no dataset for, is
 * nobody's fault. */
enum cause meter_share(struct meter *, const struct guard_limits *, int err);
/* The connection ends by itself: CAUSE_SPOILT when what it sent would have been too bad in the long
 * run, so that nobody escapes the ratios by coming back. `false_claims`: those not made up for. */
enum cause meter_left(const struct meter *, const struct guard_limits *, unsigned false_claims);
enum cause meter_login_refused(struct meter *, const struct guard_limits *);

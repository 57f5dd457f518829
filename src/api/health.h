/* SPDX-License-Identifier: MIT */
/* Is it well? Judged from a snapshot alone: no disk, no network. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct snapshot;

enum verdict { VERDICT_OK, VERDICT_DEGRADED, VERDICT_FAIL };

enum {
    HEALTH_CHECKS_MAX = 12,
    HUB_TICK_LIMIT_S = 10, /* a main loop that did not turn for this long is hung */
    TEMPLATE_LIMIT_S = 60, /* older templates mean that the coin daemon is not followed... */
    TEMPLATE_SPACINGS = 3, /* ...unless the coin's blocks are this much further apart */
};

struct health_check {
    const char *name; /* "main_loop" */
    enum verdict verdict;
    double value, limit; /* NAN = none */
    const char *unit;    /* "s"; "" = none */
    int cost;            /* what it takes from the score */
    char detail[200];    /* "" = nothing to say */
};

struct health {
    bool live;           /* restart it when false */
    bool ready;          /* send it work and traffic */
    bool started;        /* the start is complete */
    enum verdict status; /* FAIL = not live or not ready */
    int score;           /* 0...10 */
    unsigned count;
    struct health_check checks[HEALTH_CHECKS_MAX];
};

/* `snapshot` may be NULL: not started. A dead upstream pool never makes `live` false. */
void health_judge(const struct snapshot *, int64_t now_us, struct health *ret);
const char *verdict_name(enum verdict); /* "ok", "degraded", "fail" */

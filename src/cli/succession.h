/* SPDX-License-Identifier: MIT */
/* One program after the other in the same process: what the one before handed over, and beginning
 * the next with what this one hands over. Main thread. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include <jansson.h>
#include <uv.h>

#include "base/err.h"

enum { SUCCESSION_SIGNALS = 5 };

struct succession {
    char program[PATH_MAX]; /* this program's file; "" = not known */
    json_t *handed;         /* by the one before, then for the next (front/handover.h) */
    bool wanted;            /* the next one is to begin */
    bool holding;           /* signals, by: */
    uv_loop_t loop;
    uv_signal_t held[SUCCESSION_SIGNALS];
    bool ended, ignore_hangup; /* a signal said so; it was so when the program began */
};

/* Learns what file this is, before it may be replaced, and what was handed over. What cannot be
 * used is closed and logged. */
void succession_begin(struct succession *);
/* From here on nobody else listens to signals: those to end hold the next program off, the others
 * wait for it. */
void succession_hold_signals(struct succession *, bool ignore_hangup);
/* Begins the program's file as it is now, or this one again. Returns an exit code: EXIT_OK when it
 * was asked to end meanwhile, another and `why` when neither could be begun. */
int succession_exec(struct succession *, struct fault *why);
void succession_end(struct succession *);

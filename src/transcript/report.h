/* SPDX-License-Identifier: MIT */
/* What a replay found: differences count, notes are told only. One owner thread. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct report {
    FILE *out;
    bool quiet; /* no notes */
    unsigned matched, differences, notes;
};

/* One line each, with the transcript's line (0 = none). */
void report_difference(struct report *, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void report_note(struct report *, unsigned line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

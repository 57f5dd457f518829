/* SPDX-License-Identifier: MIT */
/* Telling what a replay found. */
#include "transcript/report.h"

#include <stdarg.h>

#include "base/str.h"

/* The peer's words are in it: cleaned for terminals. */
static void say(FILE *out, const char *kind, unsigned line, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));
static void say(FILE *out, const char *kind, unsigned line, const char *format, va_list args)
{
    char text[400], clean[400];

    (void)vsnprintf(text, sizeof text, format, args);
    (void)text_clean(clean, sizeof clean, text);
    if (line)
        (void)fprintf(out, "line %u: %s: %s\n", line, kind, clean);
    else
        (void)fprintf(out, "%s: %s\n", kind, clean);
}

void report_difference(struct report *r, unsigned line, const char *format, ...)
{
    va_list args;

    r->differences++;
    va_start(args, format);
    say(r->out, "difference", line, format, args);
    va_end(args);
}

void report_note(struct report *r, unsigned line, const char *format, ...)
{
    va_list args;

    r->notes++;
    if (r->quiet)
        return;
    va_start(args, format);
    say(r->out, "note", line, format, args);
    va_end(args);
}

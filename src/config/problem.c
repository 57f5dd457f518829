/* SPDX-License-Identifier: MIT */
/* Counting and passing on problems. */
#include "config/problem.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"

enum { TEXT_BYTES = 1024 };

static void add(struct report *report, bool warning, const struct place *place, const char *key,
                const char *text)
{
    struct problem p = {.warning = warning && !report->strict};

    (void)text_clean(p.text, sizeof p.text, text);
    (void)text_clean(p.key, sizeof p.key, key ? key : "");
    if (place && place->file) {
        (void)text_copy(p.file, sizeof p.file, place->file);
        p.line = place->line;
        p.column = place->column;
    }
    if (p.warning)
        report->warnings++;
    else if (!report->errors++)
        report->first = p;
    if (report->say)
        report->say(report->arg, &p);
}

__attribute__((format(printf, 5, 0))) static void tell(struct report *report, bool warning,
                                                       const struct place *place, const char *key,
                                                       const char *format, va_list args)
{
    char text[TEXT_BYTES];

    (void)vsnprintf(text, sizeof text, format, args);
    add(report, warning, place, key, text);
}

void report_error(struct report *report, const struct place *place, const char *key,
                  const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(report, false, place, key, format, args);
    va_end(args);
}

void report_warning(struct report *report, const struct place *place, const char *key,
                    const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(report, true, place, key, format, args);
    va_end(args);
}

void problem_text(const struct problem *p, char *out, size_t size)
{
    AUTO_STR struct str text = {0};

    if (*p->file)
        str_add(&text, p->file);
    if (*p->file && p->line)
        str_addf(&text, ":%d:%d", p->line, p->column);
    if (text.len)
        str_add(&text, ": ");
    if (*p->key)
        str_addf(&text, "%s: ", p->key);
    str_add(&text, p->text);
    (void)text_copy(out, size, text.s);
}

/* SPDX-License-Identifier: MIT */
/* The log as the console keeps it: the newest records, and text filters over them. One thread. */
#pragma once

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

enum { LOG_VIEW_MAX = 20000 };

struct log_view { /* a ring */
    struct log_record *records;
    unsigned count, first;
    uint64_t seq; /* newest seen */
};

void log_view_add(struct log_view *, const struct log_record *, unsigned n); /* oldest first */
const struct log_record *log_view_at(const struct log_view *, unsigned i);   /* 0 = oldest */
void log_view_fini(struct log_view *);

/* "words", "a|b", "!not", "/regular expression/" (POSIX extended, letters in either case). */
struct filter {
    char text[96];
    bool is_regex, broken; /* broken: the expression has an error; it then matches nothing */
    regex_t regex;
};
void filter_set(struct filter *, const char *text);
bool filter_match(const struct filter *, const char *text); /* an empty filter matches all */
void filter_fini(struct filter *);

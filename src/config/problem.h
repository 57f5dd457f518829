/* SPDX-License-Identifier: MIT */
/* What is wrong with a configuration: collected while it is loaded, then reported. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct problem {
    bool warning;
    char file[256];   /* empty = not from a file */
    int line, column; /* 1-based; 0 = unknown */
    char key[128];    /* "pool.rewards.system"; empty = the file as a whole */
    char text[384];   /* one sentence */
};

typedef void problem_fn(void *arg, const struct problem *);

/* Where problems go, and the place in the input that is being read. */
struct report {
    problem_fn *say; /* may be NULL */
    void *arg;
    bool strict; /* warnings are errors */
    unsigned errors, warnings;
    struct problem first; /* the first error */
};

struct place {
    const char *file; /* NULL = not from a file */
    int line, column;
};

void report_error(struct report *, const struct place *, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_warning(struct report *, const struct place *, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "config.yaml:3:9: pool.fee: ..." */
void problem_text(const struct problem *, char *out, size_t size);

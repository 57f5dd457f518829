/* SPDX-License-Identifier: MIT */
/* The values of a JSON text where they stand: for changing some and leaving every other byte as it
 * is. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WALK_PATH_MAX = 192 };

struct span {
    const char *path; /* "params.0", "result.id", "id"; keys and indices from the root on */
    const char *at;   /* the value's first byte, behind the quote of a string */
    size_t len;       /* of a string without its quotes; escapes are as they stand */
    bool string;      /* else a number, true, false or null */
};

typedef void walk_fn(void *arg, const struct span *);

/* Every value that is no object or array, in the order of the text, which must be valid JSON (a
 * path past its limit is cut). */
void json_walk(const char *text, size_t len, walk_fn *, void *arg);

/* Is `path` of the form of `pattern`, whose parts may be "*" (any one part)? */
bool path_is(const char *path, const char *pattern);

/* `change` may append another value for the span (with quotes, if it is to be a string) to `out`
 * and return true; false leaves it as it stands. Appends the whole text, changed, to `out`. */
struct str;
typedef bool change_fn(void *arg, const struct span *, struct str *out);
void json_rewrite(const char *text, size_t len, change_fn *change, void *arg, struct str *out);

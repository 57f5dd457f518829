/* SPDX-License-Identifier: MIT */
/* Lines of a byte stream that is only looked at: the bytes are left as they are, and a line past
 * the limit is counted and passed over, not an error. One owner thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct cutter {
    struct str line; /* the unfinished one */
    size_t limit;    /* bytes */
    size_t skipped;  /* bytes of the unfinished line, once it is too long */
};

/* `line` is NULL for one that was too long, of `len` bytes. Without LF and CR. */
typedef void cutter_fn(void *arg, const char *line, size_t len);

void cutter_feed(struct cutter *, const char *bytes, size_t len, cutter_fn *, void *arg);

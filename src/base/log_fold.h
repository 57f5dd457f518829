/* SPDX-License-Identifier: MIT */
/* Folding of repeated log texts: the first is written at once, the others as one line with their
 * number. The log thread's own. */
#pragma once

#include "base/log.h"

enum { FOLD_ENTRIES = 32, FOLD_WINDOW_US = 60000000 };

struct fold_entry {
    struct log_record record; /* the first of its kind; seq 0 = free. repeats: how many followed */
    int64_t since_us;         /* monotonic */
};

struct fold {
    struct fold_entry entry[FOLD_ENTRIES];
};

/* True when `record` repeats an open entry: it is counted there (`*ret` is that entry) and not to
 * be written. Otherwise it opens an entry; the one it pushes out is copied to `*ret_out` (repeats 0
 * = nothing to tell). Every entry must have been asked for by fold_expired first. */
bool fold_add(struct fold *, const struct log_record *, int64_t now_us, struct log_record *ret_out,
              const struct fold_entry **ret);

/* Closes one entry whose window is over (all = any entry). Returns false when there is none;
 * `*ret`: its record, repeats > 0 when a summary line is due. */
bool fold_expired(struct fold *, int64_t now_us, bool all, struct log_record *ret);

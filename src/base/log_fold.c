/* SPDX-License-Identifier: MIT */
/* A small table of the texts of the last minute; the oldest gives way. */
#include "base/log_fold.h"

#include <string.h>

static bool same(const struct log_record *a, const struct log_record *b)
{
    return a->level == b->level && a->category == b->category && !strcmp(a->text, b->text);
}

bool fold_add(struct fold *fold, const struct log_record *record, int64_t now_us,
              struct log_record *ret_out, const struct fold_entry **ret)
{
    struct fold_entry *oldest = fold->entry;

    for (struct fold_entry *e = fold->entry; e < fold->entry + FOLD_ENTRIES; e++) {
        if (e->record.seq && same(&e->record, record) && e->record.repeats < UINT16_MAX) {
            e->record.repeats++;
            e->record.wall_ms = record->wall_ms;
            *ret = e;
            return true;
        }
        if (!e->record.seq || (oldest->record.seq && e->since_us < oldest->since_us))
            oldest = e;
    }
    *ret_out = oldest->record;
    oldest->record = *record;
    oldest->record.repeats = 0;
    oldest->since_us = now_us;
    return false;
}

bool fold_expired(struct fold *fold, int64_t now_us, bool all, struct log_record *ret)
{
    for (struct fold_entry *e = fold->entry; e < fold->entry + FOLD_ENTRIES; e++) {
        if (e->record.seq && (all || now_us - e->since_us >= FOLD_WINDOW_US)) {
            *ret = e->record;
            e->record.seq = 0;
            return true;
        }
    }
    return false;
}

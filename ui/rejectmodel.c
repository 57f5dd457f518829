/* SPDX-License-Identifier: MIT */
/* Rejected shares: newest first, with reason, age of the job, device and difficulty. */
#include "ui/rejectmodel.h"

#include <math.h>
#include <stdio.h>

#include "base/str.h"
#include "ui/format.h"

enum reject_column {
    COLUMN_TIME,
    COLUMN_POOL,
    COLUMN_DEVICE,
    COLUMN_ALGO,
    COLUMN_DIFF,
    COLUMN_AGE,
    COLUMN_KIND,
    COLUMN_REASON,
    COLUMN_COUNT
};

static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_TIME] = {"TIME", 8, 0, 0, false},     [COLUMN_POOL] = {"POOL", 4, 0, 0, false},
    [COLUMN_DEVICE] = {"DEVICE", 6, 8, 1, false}, [COLUMN_ALGO] = {"ALGO", 8, 0, 4, false},
    [COLUMN_DIFF] = {"DIFF", 5, 0, 2, true},      [COLUMN_AGE] = {"JOB AGE", 7, 0, 1, true},
    [COLUMN_KIND] = {"KIND", 14, 0, 3, false},    [COLUMN_REASON] = {"REASON", 16, 60, 0, false},
};

static const struct rejected *at(const struct ui_ctx *ctx, unsigned row)
{
    return rejects_at(ctx->now->rejects, row);
}

static void reject_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                        struct table_cell *out)
{
    const struct rejected *r = at(ctx, row);

    switch (column) {
    case COLUMN_TIME:
        (void)format_clock(out->text, r->at_ms);
        out->style = STYLE_LOG_TIME;
        break;
    case COLUMN_POOL:
        if (r->pool < 0)
            (void)text_copy(out->text, sizeof out->text, "own");
        else
            (void)snprintf(out->text, sizeof out->text, "%d", r->pool);
        break;
    case COLUMN_DEVICE:
        (void)text_copy(out->text, sizeof out->text, r->device);
        break;
    case COLUMN_ALGO:
        (void)text_copy(out->text, sizeof out->text, r->algo);
        break;
    case COLUMN_DIFF:
        (void)format_short(out->text, r->difficulty);
        break;
    case COLUMN_AGE:
        (void)format_age(out->text, r->job_age_ms * 1000);
        break;
    case COLUMN_KIND:
        (void)text_copy(out->text, sizeof out->text, refusal_name(r->refusal));
        out->style = r->refusal == REFUSAL_STALE ? STYLE_TEXT : STYLE_WARN;
        break;
    case COLUMN_REASON:
        (void)text_copy(out->text, sizeof out->text, r->reason);
    }
}

static double reject_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    const struct rejected *r = at(ctx, row);
    const double keys[COLUMN_COUNT] = {
        [COLUMN_TIME] = -(double)r->at_us,
        [COLUMN_POOL] = r->pool,
        [COLUMN_DEVICE] = NAN,
        [COLUMN_ALGO] = NAN,
        [COLUMN_DIFF] = r->difficulty,
        [COLUMN_AGE] = (double)r->job_age_ms,
        [COLUMN_KIND] = r->refusal,
        [COLUMN_REASON] = NAN,
    };

    return keys[column];
}

/* The same reject keeps its number while others come. */
static uint64_t reject_id(const struct ui_ctx *ctx, unsigned row)
{
    return ctx->now->rejects->total - row;
}

struct table_model reject_model(const struct ui_ctx *ctx)
{
    return (struct table_model){.columns = columns,
                                .column_count = COLUMN_COUNT,
                                .rows =
                                    ctx->now && ctx->now->rejects ? ctx->now->rejects->count : 0,
                                .cell = reject_cell,
                                .key = reject_key,
                                .id = reject_id};
}

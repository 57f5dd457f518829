/* SPDX-License-Identifier: MIT */
/* Who may not connect to the own pool: for how long, and why. */
#include "ui/banmodel.h"

#include <math.h>
#include <stdio.h>

#include "base/str.h"
#include "ui/format.h"

enum ban_column { COLUMN_ADDRESS, COLUMN_LEFT, COLUMN_SINCE, COLUMN_COUNT, COLUMN_REASON, COLUMNS };

_Static_assert((int)BAN_SORT == (int)COLUMN_SINCE, "see banmodel.h");

static const struct column columns[COLUMNS] = {
    [COLUMN_ADDRESS] = {"BANNED", 18, 6, 0, false}, [COLUMN_LEFT] = {"LEFT", 8, 0, 0, true},
    [COLUMN_SINCE] = {"SINCE", 8, 0, 2, true},      [COLUMN_COUNT] = {"COUNT", 5, 0, 1, true},
    [COLUMN_REASON] = {"REASON", 20, 60, 0, false},
};

static const struct pool_ban_view *at(const struct ui_ctx *ctx, unsigned row)
{
    return &ctx->now->pool.ban[row];
}

/* Unix time at the moment that is shown. */
static int64_t wall_now_ms(const struct ui_ctx *ctx)
{
    return ctx->now->taken_ms + (ctx->now_us - ctx->now->taken_us) / 1000;
}

static int64_t left_ms(const struct ui_ctx *ctx, const struct pool_ban_view *b)
{
    int64_t left = b->until_ms - wall_now_ms(ctx);

    return left > 0 ? left : 0;
}

static void ban_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                     struct table_cell *out)
{
    const struct pool_ban_view *b = at(ctx, row);

    switch (column) {
    case COLUMN_ADDRESS:
        (void)text_copy(out->text, sizeof out->text, b->network);
        out->style = STYLE_VALUE;
        break;
    case COLUMN_LEFT:
        if (b->until_ms)
            (void)format_age(out->text, left_ms(ctx, b) * 1000);
        else
            (void)text_copy(out->text, sizeof out->text, "for ever");
        break;
    case COLUMN_SINCE:
        (void)format_age(out->text, (wall_now_ms(ctx) - b->since_ms) * 1000);
        break;
    case COLUMN_COUNT:
        (void)snprintf(out->text, sizeof out->text, "%u", b->count);
        break;
    case COLUMN_REASON:
        (void)text_copy(out->text, sizeof out->text, cause_text(b->cause));
    }
}

static double ban_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    const struct pool_ban_view *b = at(ctx, row);
    const double keys[COLUMNS] = {
        [COLUMN_ADDRESS] = NAN,
        [COLUMN_LEFT] = b->until_ms ? (double)left_ms(ctx, b) : INFINITY,
        [COLUMN_SINCE] = -(double)b->since_ms,
        [COLUMN_COUNT] = b->count,
        [COLUMN_REASON] = NAN,
    };

    return keys[column];
}

static uint64_t ban_id(const struct ui_ctx *ctx, unsigned row)
{
    return table_text_id(at(ctx, row)->network);
}

struct table_model ban_model(const struct ui_ctx *ctx)
{
    return (struct table_model){.columns = columns,
                                .column_count = COLUMNS,
                                .rows = ctx->now ? ctx->now->pool.ban_count : 0,
                                .cell = ban_cell,
                                .key = ban_key,
                                .id = ban_id};
}

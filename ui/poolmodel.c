/* SPDX-License-Identifier: MIT */
/* Workers and blocks of the own pool. */
#include "ui/poolmodel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"

enum worker_column {
    COLUMN_NAME,
    COLUMN_ADDRESS,
    COLUMN_1M,
    COLUMN_15M,
    COLUMN_DIFF,
    COLUMN_SHARES,
    COLUMN_REJECT,
    COLUMN_SEEN,
    COLUMN_PART,
    COLUMN_CONNECTIONS,
    COLUMN_COUNT
};

_Static_assert((int)WORKER_SORT == (int)COLUMN_1M, "see poolmodel.h");

static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_NAME] = {"WORKER", 14, 14, 0, false}, [COLUMN_ADDRESS] = {"ADDRESS", 13, 50, 4, false},
    [COLUMN_1M] = {"1m", 7, 0, 0, true},          [COLUMN_15M] = {"15m", 7, 0, 2, true},
    [COLUMN_DIFF] = {"DIFF", 5, 0, 5, true},      [COLUMN_SHARES] = {"ACCEPTED", 8, 0, 6, true},
    [COLUMN_REJECT] = {"REJ%", 5, 0, 3, true},    [COLUMN_SEEN] = {"SEEN", 6, 0, 1, true},
    [COLUMN_PART] = {"PART%", 5, 0, 7, true},     [COLUMN_CONNECTIONS] = {"CONN", 4, 0, 8, true},
};

static const struct pool_worker_view *at(const struct ui_ctx *ctx, unsigned row)
{
    return &ctx->now->pool.worker[row];
}

static double reject_percent(const struct pool_worker_view *w)
{
    uint64_t bad = w->rejected + w->stale, all = bad + w->accepted;

    return all ? 100.0 * (double)bad / (double)all : NAN;
}

/* Share of the pool's hash rate, %. */
static double part_percent(const struct ui_ctx *ctx, const struct pool_worker_view *w)
{
    return ctx->now->pool.rate_1m > 0 ? 100 * w->rate_1m / ctx->now->pool.rate_1m : NAN;
}

static void worker_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                        struct table_cell *out)
{
    const struct pool_worker_view *w = at(ctx, row);

    switch (column) {
    case COLUMN_NAME:
        if (w->local)
            (void)snprintf(out->text, sizeof out->text, "this rig %s", w->name);
        else
            (void)text_copy(out->text, sizeof out->text, w->name[0] ? w->name : "(no name)");
        break;
    case COLUMN_ADDRESS:
        (void)text_copy(out->text, sizeof out->text, w->address);
        break;
    case COLUMN_1M:
        (void)format_si(out->text, w->rate_1m);
        out->style = STYLE_VALUE;
        break;
    case COLUMN_15M:
        (void)format_si(out->text, w->rate_15m);
        break;
    case COLUMN_DIFF:
        (void)format_short(out->text, w->difficulty);
        break;
    case COLUMN_SHARES:
        (void)format_count(out->text, w->accepted);
        break;
    case COLUMN_REJECT:
        (void)format_fixed(out->text, reject_percent(w), 1);
        out->style = reject_percent(w) >= 2 ? STYLE_WARN : STYLE_TEXT;
        break;
    case COLUMN_SEEN:
        (void)format_since(out->text, ctx->now_us, w->seen_us);
        break;
    case COLUMN_PART:
        (void)format_fixed(out->text, part_percent(ctx, w), 1);
        break;
    case COLUMN_CONNECTIONS:
        (void)snprintf(out->text, sizeof out->text, "%u", w->connections);
    }
}

static double worker_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    const struct pool_worker_view *w = at(ctx, row);
    const double keys[COLUMN_COUNT] = {
        [COLUMN_NAME] = NAN,
        [COLUMN_ADDRESS] = NAN,
        [COLUMN_1M] = w->rate_1m,
        [COLUMN_15M] = w->rate_15m,
        [COLUMN_DIFF] = w->difficulty,
        [COLUMN_SHARES] = (double)w->accepted,
        [COLUMN_REJECT] = reject_percent(w),
        [COLUMN_SEEN] = w->seen_us ? -(double)w->seen_us : NAN,
        [COLUMN_PART] = part_percent(ctx, w),
        [COLUMN_CONNECTIONS] = w->connections,
    };

    return keys[column];
}

static uint64_t worker_id(const struct ui_ctx *ctx, unsigned row)
{
    const struct pool_worker_view *w = at(ctx, row);

    return table_text_id(w->address) * 31 + table_text_id(w->name);
}

struct table_model worker_model(const struct ui_ctx *ctx)
{
    unsigned n = ctx->now ? ctx->now->pool.worker_count : 0;

    return (struct table_model){.columns = columns,
                                .column_count = COLUMN_COUNT,
                                .rows = n < POOL_WORKERS_SHOWN ? n : POOL_WORKERS_SHOWN,
                                .cell = worker_cell,
                                .key = worker_key,
                                .id = worker_id};
}

void pool_block_row(const struct ui_ctx *ctx, const struct pool_block_view *b, struct canvas c,
                    int y)
{
    static const struct {
        const char *word;
        unsigned style;
    } states[] = {[BLOCK_FOUND] = {"found", STYLE_OK},
                  [BLOCK_IMMATURE] = {"immature", STYLE_TEXT},
                  [BLOCK_MATURE] = {"mature", STYLE_OK},
                  [BLOCK_ORPHANED] = {"ORPHANED", STYLE_BAD},
                  [BLOCK_REJECTED] = {"REJECTED", STYLE_BAD}};
    const struct coin *coin = ctx->now->pool.coin;
    char text[FORMAT_MAX], amount[32] = "";
    int x = canvas_text(c, 1, y, STYLE_LOG_TIME, format_date(text, b->found_ms)) + 2;

    if (c.w >= 60)
        x = 19;
    (void)canvas_text_right(c, x + 9, y, STYLE_VALUE, format_count(text, b->height));
    x += 11;
    (void)canvas_text(c, x, y, states[b->state].style, states[b->state].word);
    x += 10;
    if (b->state == BLOCK_IMMATURE && coin)
        (void)snprintf(text, sizeof text, "%lld/%u", (long long)b->confirmations, coin->maturity);
    else
        text[0] = 0;
    (void)canvas_text(c, x, y, STYLE_TEXT, text);
    x += 9;
    if (coin)
        coin_amount(coin, b->reward, amount);
    (void)canvas_text_right(c, x + 16, y, STYLE_TEXT, amount);
    x = canvas_text(c, x + 17, y, STYLE_LABEL, coin ? coin->symbol : "") + 2;
    (void)canvas_text_cut(c, x, y, c.w - x - 1, STYLE_LABEL, b->detail[0] ? b->detail : b->finder);
}

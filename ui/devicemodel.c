/* SPDX-License-Identifier: MIT */
/* Devices as rows of a table. */
#include "ui/devicemodel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/show.h"

enum device_column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_ALGO,
    COLUMN_IMPL,
    COLUMN_STATE,
    COLUMN_10S,
    COLUMN_1M,
    COLUMN_15M,
    COLUMN_AVERAGE,
    COLUMN_SHARES,
    COLUMN_CELSIUS,
    COLUMN_WATTS,
    COLUMN_FAN,
    COLUMN_MHZ,
    COLUMN_EFFICIENCY,
    COLUMN_HISTORY,
    COLUMN_COUNT
};

static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_ID] = {"ID", 6, 0, 0, false},         [COLUMN_NAME] = {"NAME", 18, 9, 6, false},
    [COLUMN_ALGO] = {"ALGO", 8, 0, 10, false},    [COLUMN_IMPL] = {"IMPL", 7, 0, 11, false},
    [COLUMN_STATE] = {"STATE", 6, 0, 0, false},   [COLUMN_10S] = {"10s", 7, 0, 3, true},
    [COLUMN_1M] = {"1m", 7, 0, 0, true},          [COLUMN_15M] = {"15m", 7, 0, 11, true},
    [COLUMN_AVERAGE] = {"avg", 7, 0, 8, true},    [COLUMN_SHARES] = {"A/R/HW", 9, 4, 1, true},
    [COLUMN_CELSIUS] = {"C", 4, 0, 4, true},      [COLUMN_WATTS] = {"W", 4, 1, 5, true},
    [COLUMN_FAN] = {"FAN%", 4, 0, 9, true},       [COLUMN_MHZ] = {"MHz", 5, 0, 12, true},
    [COLUMN_EFFICIENCY] = {"H/J", 6, 0, 9, true}, [COLUMN_HISTORY] = {"30 MIN", 6, 30, 7, false},
};

static const struct device_view *device_at(const struct ui_ctx *ctx, unsigned row)
{
    return &ctx->now->devices[row];
}

static double fan_percent(const struct telemetry *t)
{
    return (double)t->fan_ratio * 100;
}

static double efficiency(const struct device_view *d)
{
    return d->telemetry.watts > 0 ? d->rate[RATE_1M] / (double)d->telemetry.watts : NAN;
}

/* The number behind a cell; NAN = unknown or a text. */
static double number(const struct device_view *d, unsigned column)
{
    switch (column) {
    case COLUMN_10S:
        return d->rate[RATE_10S];
    case COLUMN_1M:
        return d->rate[RATE_1M];
    case COLUMN_15M:
        return d->rate[RATE_15M];
    case COLUMN_AVERAGE:
    case COLUMN_HISTORY:
        return d->average;
    case COLUMN_SHARES:
        return (double)d->shares.accepted;
    case COLUMN_CELSIUS:
        return (double)show_hottest(&d->telemetry);
    case COLUMN_WATTS:
        return (double)d->telemetry.watts;
    case COLUMN_FAN:
        return fan_percent(&d->telemetry);
    case COLUMN_MHZ:
        return (double)d->telemetry.mhz;
    case COLUMN_EFFICIENCY:
        return efficiency(d);
    default:
        return NAN;
    }
}

static bool is_telemetry(unsigned column)
{
    return column == COLUMN_CELSIUS || column == COLUMN_WATTS || column == COLUMN_FAN ||
           column == COLUMN_MHZ || column == COLUMN_EFFICIENCY;
}

static void number_cell(const struct ui_ctx *ctx, const struct device_view *d, unsigned column,
                        struct table_cell *out)
{
    double v = number(d, column);
    bool si = !is_telemetry(column) || column == COLUMN_EFFICIENCY;

    if (isnan(v) || (is_telemetry(column) && show_telemetry_old(d, ctx->now_us)))
        out->style = STYLE_OFF;
    else if (column == COLUMN_1M)
        out->style = STYLE_VALUE;
    if (si)
        (void)format_si(out->text, v);
    else
        (void)format_fixed(out->text, v, 0);
}

static void shares_cell(const struct device_view *d, struct table_cell *out)
{
    const struct counters *s = &d->shares;

    (void)snprintf(out->text, sizeof out->text, "%llu/%llu/%llu", (unsigned long long)s->accepted,
                   (unsigned long long)(s->rejected + s->stale),
                   (unsigned long long)s->hardware_errors);
    if (s->hardware_errors)
        out->style = STYLE_WARN;
}

static void device_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                        struct table_cell *out)
{
    const struct device_view *d = device_at(ctx, row);

    switch (column) {
    case COLUMN_ID:
        (void)text_copy(out->text, sizeof out->text, d->info.id);
        break;
    case COLUMN_NAME:
        (void)snprintf(out->text, sizeof out->text, "%s%s",
                       strcmp(d->info.kind, "sim") == 0 ? "SIM " : "", d->info.name);
        break;
    case COLUMN_ALGO:
        (void)text_copy(out->text, sizeof out->text, d->algo[0] ? d->algo : "\xe2\x80\x93");
        break;
    case COLUMN_IMPL:
        (void)text_copy(out->text, sizeof out->text, d->impl[0] ? d->impl : "\xe2\x80\x93");
        break;
    case COLUMN_STATE:
        (void)text_copy(out->text, sizeof out->text, show_device_state(d));
        out->style = show_device_style(d);
        break;
    case COLUMN_SHARES:
        shares_cell(d, out);
        break;
    case COLUMN_HISTORY:
        out->points = show_history(ctx->now, d->history, &out->count);
        break;
    default:
        number_cell(ctx, d, column, out);
    }
}

static double device_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    if (column == COLUMN_ID)
        return row;
    if (column == COLUMN_STATE)
        return device_at(ctx, row)->state;
    return number(device_at(ctx, row), column);
}

static uint64_t device_id(const struct ui_ctx *ctx, unsigned row)
{
    return table_text_id(device_at(ctx, row)->info.id);
}

struct table_model device_model(const struct ui_ctx *ctx)
{
    return (struct table_model){.columns = columns,
                                .column_count = COLUMN_COUNT,
                                .rows = ctx->now ? ctx->now->device_count : 0,
                                .cell = device_cell,
                                .key = device_key,
                                .id = device_id};
}

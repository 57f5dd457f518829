/* SPDX-License-Identifier: MIT */
/* Screen 2: all devices with all columns, and everything about the chosen one. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/devicemodel.h"
#include "ui/format.h"
#include "ui/show.h"
#include "ui/widgets/graph.h"

enum { DETAIL_ROWS = 9, DETAIL_MORE = 12, DETAIL_MIN_HEIGHT = 16 };

static const double STARVED = 0.75; /* of the CPU time it could use */

struct devices_state {
    struct table table;
    bool closed; /* the detail */
};

static void detail_telemetry(const struct ui_ctx *ctx, const struct device_view *d, struct canvas c,
                             int y)
{
    const struct telemetry *t = &d->telemetry;
    char text[FORMAT_MAX];
    unsigned style = show_telemetry_old(d, ctx->now_us) ? STYLE_OFF : STYLE_TEXT;
    int x = canvas_text(c, 1, y, STYLE_LABEL, "heat ");

    for (size_t i = 0; i < sizeof t->celsius / sizeof *t->celsius; i++)
        if (i == 0 || !isnan(t->celsius[i])) {
            x = canvas_text(c, x, y, style, format_fixed(text, (double)t->celsius[i], 0));
            x = canvas_text(c, x, y, STYLE_LABEL, isnan(t->celsius[i]) ? " " : "C ");
        }
    x = show_pair(c, x + 1, y, "power W", style, format_fixed(text, (double)t->watts, 1));
    x = show_pair(c, x, y, "volt", style, format_fixed(text, (double)t->volts, 2));
    x = show_pair(c, x, y, "fan %", style, format_fixed(text, (double)t->fan_ratio * 100, 0));
    x = show_pair(c, x, y, "rpm", style, format_fixed(text, (double)t->fan_rpm[0], 0));
    x = show_pair(c, x, y, "MHz", style, format_fixed(text, (double)t->mhz, 0));
    if (d->telemetry_us)
        (void)show_pair(c, x, y, "measured ago", style,
                        format_since(text, ctx->now_us, d->telemetry_us));
    else
        (void)show_whole(c, x, y, STYLE_OFF, "no sensor answers");
}

static void detail_shares(const struct device_view *d, struct canvas c, int y)
{
    const struct counters *s = &d->shares;
    char text[FORMAT_MAX];
    int x = show_pair(c, 1, y, "found", STYLE_TEXT, format_count(text, s->found));

    x = show_pair(c, x, y, "accepted", STYLE_OK, format_count(text, s->accepted));
    x = show_pair(c, x, y, "rejected", s->rejected ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->rejected));
    x = show_pair(c, x, y, "stale", STYLE_TEXT, format_count(text, s->stale));
    x = show_pair(c, x, y, "lost", STYLE_TEXT, format_count(text, s->lost));
    x = show_pair(c, x, y, "unack", s->unacknowledged ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->unacknowledged));
    x = show_pair(c, x, y, "HW", s->hardware_errors ? STYLE_BAD : STYLE_TEXT,
                  format_count(text, s->hardware_errors));
    (void)show_pair(c, x, y, "best", STYLE_TEXT,
                    format_short(text, s->best_difficulty > 0 ? s->best_difficulty : NAN));
}

static void detail_rates(const struct device_view *d, struct canvas c, int y)
{
    static const char *const windows[RATE_WINDOWS] = {"10s", "1m", "15m"};
    char text[FORMAT_MAX], effective[SHOW_EFFECTIVE_MAX];
    int x = 1;

    for (int i = 0; i < RATE_WINDOWS; i++)
        x = show_pair(c, x, y, windows[i], i == RATE_1M ? STYLE_VALUE : STYLE_TEXT,
                      format_rate(text, d->rate[i]));
    x = show_pair(c, x, y, "eff", STYLE_TEXT, show_effective(&d->effective, effective));
    x = show_pair(c, x, y, "avg", STYLE_TEXT, format_rate(text, d->average));
    (void)show_pair(c, x, y, "hashes", STYLE_TEXT, format_si(text, d->hashes));
}

static void draw_detail(const struct ui_ctx *ctx, const struct device_view *d, struct canvas c)
{
    char title[128], count[FORMAT_MAX];
    int x;

    (void)snprintf(title, sizeof title, "%s  %s%s", d->info.id,
                   strcmp(d->info.kind, "sim") == 0 ? "SIM (pretends, earns nothing)  " : "",
                   d->info.name);
    canvas_rule(c, 0, title, "Enter: close");
    x = show_pair(c, 1, 1, "state", show_device_style(d), show_device_state(d));
    x = show_pair(c, x, 1, "kind", STYLE_TEXT, d->info.kind);
    x = show_pair(c, x, 1, "threads", STYLE_TEXT, format_count(count, d->info.threads));
    x = show_pair(c, x, 1, *d->line ? "own algorithm" : "algorithm", STYLE_TEXT,
                  d->algo[0] ? d->algo : "\xe2\x80\x93");
    x = show_pair(c, x, 1, "code", STYLE_TEXT, d->impl[0] ? d->impl : "\xe2\x80\x93");
    if (!isnan(d->cpu_share))
        x = show_pair(c, x, 1, "cpu %", d->cpu_share < STARVED ? STYLE_WARN : STYLE_TEXT,
                      format_fixed(count, d->cpu_share * 100, 0));
    if (d->info.address[0])
        (void)show_pair(c, x, 1, "at", STYLE_TEXT, d->info.address);
    detail_rates(d, c, 2);
    detail_shares(d, c, 3);
    detail_telemetry(ctx, d, c, 4);
    int top = 5;
    if (d->dataset.known)
        (void)show_dataset_row(c, 1, top++, &d->dataset);
    if (d->error[0])
        (void)canvas_textf(c, 1, top++, STYLE_BAD, "last error: %s", d->error);
    unsigned n;
    const float *points = show_history(ctx->now, d->history, &n);
    graph_draw(canvas_sub(c, 1, top, c.w - 2, c.h - top), points, n);
}

static void devices_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct devices_state *s = ctx->state;
    struct table_model m = device_model(ctx);
    int detail = s->closed || c.h < DETAIL_MIN_HEIGHT || m.rows == 0 ? 0 : DETAIL_ROWS;
    char title[64], note[160];
    unsigned running = 0;

    int spare = c.h - DETAIL_ROWS - 3 - (int)m.rows;
    if (detail && spare > 0)
        detail += spare < DETAIL_MORE ? spare : DETAIL_MORE;
    for (unsigned i = 0; i < m.rows; i++)
        running += ctx->now->devices[i].state == DEVICE_RUN;
    table_draw(&s->table, &m, ctx, canvas_sub(c, 0, 1, c.w, c.h - 1 - detail));
    (void)snprintf(title, sizeof title, "Devices %u/%u run", running, m.rows);
    canvas_rule(c, 0, title, table_note(&s->table, &m, ctx, note));
    int row = table_chosen(&s->table, &m, ctx);
    if (detail && row >= 0)
        draw_detail(ctx, &ctx->now->devices[row], canvas_sub(c, 0, c.h - detail, c.w, detail));
}

/* "device pause cpu0" for the chosen one; `verb` NULL: whichever changes its state. */
static void device_command(const struct ui_ctx *ctx, const char *verb)
{
    struct devices_state *s = ctx->state;
    struct table_model m = device_model(ctx);
    int row = table_chosen(&s->table, &m, ctx);
    char words[80];

    if (row < 0) {
        screen_say(ctx->screen, "no device is chosen");
        return;
    }
    const struct device_view *d = &ctx->now->devices[row];
    if (!verb)
        verb = d->state == DEVICE_PAUSED ? "resume" : "pause";
    (void)snprintf(words, sizeof words, "device %s %s", verb, d->info.id);
    screen_command(ctx->screen, words);
}

static bool devices_act(const struct ui_ctx *ctx, const char *action)
{
    struct devices_state *s = ctx->state;
    struct table_model m = device_model(ctx);

    if (strcmp(action, "row.toggle") == 0)
        device_command(ctx, NULL);
    else if (strcmp(action, "device.pause") == 0)
        device_command(ctx, "pause");
    else if (strcmp(action, "device.resume") == 0)
        device_command(ctx, "resume");
    else if (strcmp(action, "row.menu") == 0)
        screen_menu(ctx->screen, "menu.device");
    else if (strcmp(action, "open") == 0)
        s->closed = !s->closed;
    else
        return table_act(&s->table, &m, ctx, action);
    return true;
}

static void devices_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct devices_state *s = ctx->state;
    struct table_model m = device_model(ctx);

    table_typed(&s->table, &m, ctx, action, text);
}

static void devices_fini(void *state)
{
    table_fini(&((struct devices_state *)state)->table);
}

static const struct binding bindings[] = {
    {"Space", "row.toggle", "pause or resume the chosen device", "Pause"},
    {"Enter", "open", "open or close the detail of the chosen device", "Detail"},
    TABLE_BINDINGS,
    {"F9 .", "row.menu", "menu of the chosen device", "Act"},
    {0},
};

extern const struct panel panel_devices;
const struct panel panel_devices = {
    .name = "devices",
    .title = "Devices",
    .key = '2',
    .state_bytes = sizeof(struct devices_state),
    .bindings = bindings,
    .draw = devices_draw,
    .act = devices_act,
    .typed = devices_typed,
    .fini = devices_fini,
};

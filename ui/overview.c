/* SPDX-License-Identifier: MIT */
/* The overview's status block and its tiny form. */
#include "ui/overview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/format.h"
#include "ui/overview_parts.h"
#include "ui/show.h"

enum { LABEL = 7 };

struct rig_heat overview_heat(const struct snapshot *now, int64_t now_us)
{
    struct rig_heat heat = {.watts = NAN, .celsius = NAN, .fan = NAN};
    double rate = 0;

    for (unsigned i = 0; i < now->device_count; i++) {
        const struct device_view *d = &now->devices[i];
        double c = (double)show_hottest(&d->telemetry), w = (double)d->telemetry.watts;
        if (show_telemetry_old(d, now_us))
            continue;
        if (!isnan(w)) {
            heat.watts = isnan(heat.watts) ? w : heat.watts + w;
            rate += isnan(d->rate[RATE_1M]) ? 0 : d->rate[RATE_1M];
        }
        if (!isnan(c) && !(heat.celsius >= c)) {
            heat.celsius = c;
            heat.hottest = d->info.id;
        }
        if (!isnan(d->telemetry.fan_ratio))
            heat.fan = fmax(isnan(heat.fan) ? 0 : heat.fan, (double)d->telemetry.fan_ratio);
    }
    heat.hashes_per_joule = heat.watts > 0 ? rate / heat.watts : NAN;
    return heat;
}

void overview_rates(const struct ui_ctx *ctx, struct canvas c, int y, bool wide)
{
    static const char *const windows[RATE_WINDOWS] = {"10s", "1m", "15m"};
    char text[FORMAT_MAX], effective[SHOW_EFFECTIVE_MAX];
    int x = wide ? 1 : LABEL;

    if (!wide)
        (void)canvas_text(c, 1, y, STYLE_LABEL, "Hash");
    for (int i = 0; i < RATE_WINDOWS; i++)
        x = show_pair(c, x, y, windows[i], i == RATE_1M ? STYLE_VALUE : STYLE_TEXT,
                      format_rate(text, ctx->now->rate[i]));
    x = show_pair(c, x, y, "eff", STYLE_TEXT, show_effective(&ctx->now->effective, effective));
    x = show_pair(c, x, y, "avg", STYLE_TEXT, format_rate(text, ctx->now->average));
    if (!wide || c.w > x + 14)
        (void)show_pair(c, x, y, "done", STYLE_TEXT, format_si(text, ctx->now->hashes));
}

static void shares_line(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct counters *s = &ctx->now->shares;
    uint64_t answered = s->accepted + s->rejected + s->stale;
    char text[FORMAT_MAX], both[2 * FORMAT_MAX], part[FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Share");
    x = show_pair(c, x, y, "A", STYLE_OK, format_count(text, s->accepted));
    (void)snprintf(both, sizeof both, "%s %s", format_count(text, s->rejected),
                   format_percent(part, s->rejected, answered));
    x = show_pair(c, x, y, "R", s->rejected ? STYLE_WARN : STYLE_TEXT, both);
    (void)snprintf(both, sizeof both, "%s %s", format_count(text, s->stale),
                   format_percent(part, s->stale, answered));
    x = show_pair(c, x, y, "stale", STYLE_TEXT, both);
    x = show_pair(c, x, y, "HW", s->hardware_errors ? STYLE_BAD : STYLE_TEXT,
                  format_count(text, s->hardware_errors));
    x = show_pair(c, x, y, "open", STYLE_TEXT, format_count(text, s->unanswered));
    x = show_pair(c, x, y, "unack", s->unacknowledged ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->unacknowledged));
    if (s->lost)
        x = show_pair(c, x, y, "lost", STYLE_WARN, format_count(text, s->lost));
    (void)show_pair(c, x, y, "best", STYLE_VALUE,
                    format_short(text, s->best_difficulty > 0 ? s->best_difficulty : NAN));
}

static void upstream_line(const struct ui_ctx *ctx, const struct upstream_view *u, struct canvas c,
                          int y)
{
    char text[FORMAT_MAX], id[16];
    int x = LABEL;

    (void)snprintf(id, sizeof id, "%u*", u->number);
    (void)canvas_text(c, 1, y, STYLE_LABEL, "Pool");
    x = canvas_text(c, x, y, STYLE_VALUE, id) + 1;
    const char *url = show_url(u->url);
    int room = c.w - x - 46 > 12 ? c.w - x - 46 : 12;
    x = canvas_text_cut(c, x, y, room < text_width(url) ? room : text_width(url), STYLE_TEXT, url) +
        2;
    x = show_pair(c, x, y, "diff", STYLE_TEXT, format_short(text, u->client.difficulty));
    x = show_pair(c, x, y, "job", STYLE_TEXT,
                  format_since(text, ctx->now_us, u->client.last_job_us));
    x = show_pair(c, x, y, "rtt ms", STYLE_TEXT, format_fixed(text, u->client.rtt_ms, 0));
    x = show_pair(c, x, y, "ack", STYLE_TEXT, format_fixed(text, u->ack_ms_p95, 0));
    (void)show_pair(c, x, y, "fails", u->failures ? STYLE_WARN : STYLE_TEXT,
                    format_count(text, u->failures));
}

static void chain_line(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct snapshot *now = ctx->now;
    char text[FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Work");
    x = canvas_text(c, x, y, STYLE_VALUE, now->source) + 1;
    if (now->pool.coin)
        x = canvas_textf(c, x, y, STYLE_TEXT, "on %s", now->pool.coin->name) + 2;
    x = show_pair(c, x, y, "block", STYLE_TEXT, format_count(text, now->job_height));
    x = show_pair(c, x, y, "job", STYLE_TEXT, format_since(text, ctx->now_us, now->job_us));
    x = show_pair(c, x, y, "diff", STYLE_TEXT, format_short(text, now->job_difficulty));
    x = show_pair(c, x, y, "net", STYLE_TEXT, format_short(text, now->network_difficulty));
    if (show_worthless(now))
        (void)show_whole(c, x, y, STYLE_WARN, x + 20 <= c.w ? "coins have no value" : "no value");
}

void overview_source(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct upstream_view *u = show_active_upstream(ctx->now);

    if (u)
        upstream_line(ctx, u, c, y);
    else if (ctx->now->source[0])
        chain_line(ctx, c, y);
    else {
        (void)canvas_text(c, 1, y, STYLE_LABEL, "Work");
        (void)canvas_text(c, LABEL, y, STYLE_BAD,
                          ctx->now->upstream_count ? "none: no pool answers (3: Pools)"
                                                   : "none: no block template yet");
    }
}

static void heat_line(const struct ui_ctx *ctx, struct canvas c, int y)
{
    struct rig_heat heat = overview_heat(ctx->now, ctx->now_us);
    char text[FORMAT_MAX];
    int x = LABEL;

    (void)canvas_text(c, 1, y, STYLE_LABEL, "Heat");
    if (isnan(heat.celsius) && isnan(heat.watts) && isnan(heat.fan)) {
        x = canvas_text(c, x, y, STYLE_OFF, "\xe2\x80\x93  no sensor answers") + 2;
    } else {
        if (heat.hottest)
            x = canvas_textf(c, x, y, STYLE_TEXT, "%s ", heat.hottest);
        x = show_whole(c, x, y, STYLE_VALUE, format_fixed(text, heat.celsius, 0)) + 1;
        x = canvas_text(c, x, y, STYLE_LABEL, "C") + 2;
        x = show_pair(c, x, y, "power W", STYLE_TEXT, format_fixed(text, heat.watts, 0));
        x = show_pair(c, x, y, "H/J", STYLE_TEXT, format_si(text, heat.hashes_per_joule));
        x = show_pair(c, x, y, "fan %", STYLE_TEXT, format_fixed(text, heat.fan * 100, 0));
    }
    if (ctx->now->rss_bytes)
        x = show_pair(c, x, y, "memory", STYLE_TEXT, format_bytes(text, ctx->now->rss_bytes));
    if (ctx->now->pool_on)
        (void)show_pair(c, x, y, "workers", STYLE_TEXT, format_count(text, ctx->now->pool.workers));
}

int overview_status(const struct ui_ctx *ctx, struct canvas c)
{
    const struct snapshot *now = ctx->now;

    overview_rates(ctx, c, 0, false);
    shares_line(ctx, c, 1);
    overview_source(ctx, c, 2);
    heat_line(ctx, c, 3);
    if (!now->warning_count)
        return 4;
    char more[24] = "";
    if (now->warning_count > 1)
        (void)snprintf(more, sizeof more, " (+%u more)", now->warning_count - 1);
    (void)canvas_text(c, 1, 4, STYLE_WARN, "!");
    int room = c.w - LABEL - text_width(more);
    int x = canvas_text_cut(c, LABEL, 4, room, STYLE_WARN, now->warnings[0]);
    (void)canvas_text(c, x, 4, STYLE_LABEL, more);
    return 5;
}

/* One row for each device, as many as there is room for. */
static int tiny_devices(const struct ui_ctx *ctx, struct canvas c, int y, int rows)
{
    char rate[FORMAT_MAX], heat[FORMAT_MAX];

    for (unsigned i = 0; i < ctx->now->device_count && rows > 0; i++, rows--) {
        const struct device_view *d = &ctx->now->devices[i];
        int x = canvas_textf(c, 0, y, STYLE_TEXT, "%-6s", d->info.id);
        x = canvas_textf(c, x, y, show_device_style(d), "%-6s", show_device_state(d)) + 1;
        format_si(rate, d->rate[RATE_1M]);
        x = show_whole(c, x + 6 - text_width(rate), y, STYLE_VALUE, rate) + 2;
        if (strcmp(d->info.kind, "sim") == 0)
            x = show_whole(c, x, y, STYLE_WARN, "SIM") + 1;
        x = show_whole(c, x, y, STYLE_TEXT,
                       format_fixed(heat, (double)show_hottest(&d->telemetry), 0));
        (void)canvas_text(c, x, y, STYLE_LABEL, "C");
        y++;
    }
    return y;
}

void overview_tiny(const struct ui_ctx *ctx, struct canvas c)
{
    const struct snapshot *now = ctx->now;
    const struct upstream_view *u = show_active_upstream(now);
    char text[FORMAT_MAX];
    int y = 1;

    const struct {
        const char *label;
        uint64_t value;
    } counts[] = {{"A", now->shares.accepted},
                  {"R", now->shares.rejected},
                  {"S", now->shares.stale},
                  {"HW", now->shares.hardware_errors}};
    int x = show_whole(c, 0, 0, STYLE_VALUE, format_rate(text, now->rate[RATE_1M]));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        (void)snprintf(text, sizeof text, "%s%llu", counts[i].label,
                       (unsigned long long)counts[i].value);
        x = show_whole(c, x + 1, 0, STYLE_TEXT, text);
    }
    if (u)
        x = canvas_textf(c, 0, y, STYLE_TEXT, "pool%u* %s job ", u->number, show_upstream_state(u));
    else
        x = canvas_textf(c, 0, y, STYLE_TEXT, "%s %s job ",
                         now->source[0] ? now->source : "no work",
                         now->pool.coin ? now->pool.coin->name : "");
    x = show_whole(c, x, y, STYLE_TEXT, format_since(text, ctx->now_us, now->job_us));
    if (!u && show_worthless(now))
        (void)show_whole(c, x + 1, y, STYLE_WARN, "no value");
    y++;
    if (now->warning_count && c.h >= 4)
        (void)canvas_text_cut(c, 0, y++, c.w, STYLE_WARN, now->warnings[0]);
    y = tiny_devices(ctx, c, y, c.h - y > 2 ? c.h - y - 1 : c.h - y);
    show_log_tail(canvas_sub(c, 0, y, c.w, c.h - y), ctx->log, LOG_INFO);
}

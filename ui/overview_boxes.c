/* SPDX-License-Identifier: MIT */
/* The boxes of the wide overview. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/format.h"
#include "ui/overview.h"
#include "ui/overview_parts.h"
#include "ui/show.h"
#include "ui/widgets/graph.h"

enum { GAUGE = 18, HOT_C = 85, WARM_C = 75 };

static int count_and_part(struct canvas c, int x, int y, const char *label, unsigned style,
                          uint64_t part, uint64_t whole)
{
    char count[FORMAT_MAX], percent[FORMAT_MAX], text[2 * FORMAT_MAX];

    (void)snprintf(text, sizeof text, "%s (%s)", format_count(count, part),
                   format_percent(percent, part, whole));
    return show_pair(c, x, y, label, style, text);
}

static void upstream_rows(const struct ui_ctx *ctx, const struct upstream_view *u, struct canvas c,
                          int y)
{
    char text[FORMAT_MAX];
    int x = canvas_textf(c, 1, y, STYLE_LABEL, "pool %u ", u->number);

    x = canvas_text(c, x, y, STYLE_VALUE, show_url(u->url)) + 2;
    (void)canvas_text(c, x, y, show_upstream_style(u), show_upstream_state(u));
    x = show_pair(c, 1, y + 1, "difficulty", STYLE_TEXT, format_short(text, u->client.difficulty));
    x = show_pair(c, x, y + 1, "job", STYLE_TEXT,
                  format_since(text, ctx->now_us, u->client.last_job_us));
    x = show_pair(c, x, y + 1, "rtt ms", STYLE_TEXT, format_fixed(text, u->client.rtt_ms, 0));
    x = show_pair(c, x, y + 1, "ack ms p50", STYLE_TEXT, format_fixed(text, u->ack_ms_p50, 0));
    (void)show_pair(c, x, y + 1, "p95", STYLE_TEXT, format_fixed(text, u->ack_ms_p95, 0));
}

static void chain_rows(const struct ui_ctx *ctx, struct canvas c, int y)
{
    const struct snapshot *now = ctx->now;
    char text[FORMAT_MAX];
    int x = show_pair(c, 1, y, "work for", now->source[0] ? STYLE_VALUE : STYLE_BAD,
                      now->source[0] ? now->source : "nothing");

    if (now->pool.coin)
        x = show_pair(c, x - 1, y, "on", STYLE_TEXT, now->pool.coin->name);
    if (show_worthless(now))
        (void)canvas_text(c, x, y, STYLE_WARN, "its coins have no value");
    x = show_pair(c, 1, y + 1, "block", STYLE_TEXT, format_count(text, now->job_height));
    x = show_pair(c, x, y + 1, "job", STYLE_TEXT, format_since(text, ctx->now_us, now->job_us));
    x = show_pair(c, x, y + 1, "difficulty", STYLE_TEXT, format_short(text, now->job_difficulty));
    (void)show_pair(c, x, y + 1, "network", STYLE_TEXT,
                    format_short(text, now->network_difficulty));
}

/* The pools that wait behind the one in use. */
static void backup_row(const struct snapshot *now, struct canvas c, int y)
{
    int x = canvas_text(c, 1, y, STYLE_LABEL, "backups");
    unsigned n = 0;

    for (unsigned i = 0; i < now->upstream_count && i < UPSTREAM_MAX && x < c.w - 12; i++) {
        const struct upstream_view *u = &now->upstreams[i];
        if (u->active)
            continue;
        x = canvas_textf(c, x + 1, y, STYLE_TEXT, "%u ", u->number);
        x = canvas_text(c, x, y, show_upstream_style(u), show_upstream_state(u)) + 1;
        n++;
    }
    if (n == 0)
        (void)canvas_text(c, x + 1, y, STYLE_OFF, "none");
}

void overview_shares_box(const struct ui_ctx *ctx, struct canvas c)
{
    const struct snapshot *now = ctx->now;
    const struct counters *s = &now->shares;
    const struct upstream_view *u = show_active_upstream(now);
    uint64_t answered = s->accepted + s->rejected + s->stale;
    char text[FORMAT_MAX];
    int x = show_pair(c, 1, 0, "accepted", STYLE_OK, format_count(text, s->accepted));

    x = count_and_part(c, x, 0, "rejected", s->rejected ? STYLE_WARN : STYLE_TEXT, s->rejected,
                       answered);
    (void)count_and_part(c, x, 0, "stale", STYLE_TEXT, s->stale, answered);
    x = show_pair(c, 1, 1, "open", STYLE_TEXT, format_count(text, s->unanswered));
    x = show_pair(c, x, 1, "unack", s->unacknowledged ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->unacknowledged));
    x = show_pair(c, x, 1, "lost", s->lost ? STYLE_WARN : STYLE_TEXT, format_count(text, s->lost));
    x = show_pair(c, x, 1, "hardware errors", s->hardware_errors ? STYLE_BAD : STYLE_TEXT,
                  format_count(text, s->hardware_errors));
    (void)show_pair(c, x, 1, "best", STYLE_VALUE,
                    format_short(text, s->best_difficulty > 0 ? s->best_difficulty : NAN));
    if (u)
        upstream_rows(ctx, u, c, 2);
    else
        chain_rows(ctx, c, 2);
    int y = 4;
    if (now->upstream_count)
        backup_row(now, c, y++);
    for (unsigned i = 0; i < now->warning_count && y < c.h; i++, y++) {
        (void)canvas_text(c, 1, y, STYLE_WARN, "!");
        (void)canvas_text_cut(c, 3, y, c.w - 4, STYLE_WARN, now->warnings[i]);
    }
    if (!now->warning_count && y < c.h)
        (void)canvas_text(c, 1, y, STYLE_LABEL, "no warnings");
}

void overview_heat_box(const struct ui_ctx *ctx, struct canvas c)
{
    const struct snapshot *now = ctx->now;
    char text[FORMAT_MAX], watts[FORMAT_MAX];
    int y = 0;

    for (unsigned i = 0; i < now->device_count && y < c.h - 1; i++) {
        const struct device_view *d = &now->devices[i];
        double t = (double)show_hottest(&d->telemetry);
        bool old = show_telemetry_old(d, ctx->now_us);
        if (isnan(t) && isnan(d->telemetry.watts))
            continue;
        unsigned style = old           ? STYLE_OFF
                         : t >= HOT_C  ? STYLE_BAD
                         : t >= WARM_C ? STYLE_WARN
                                       : STYLE_OK;
        (void)canvas_text_cut(c, 1, y, 6, STYLE_TEXT, d->info.id);
        gauge_draw(c, 8, y, GAUGE, t / 100, style);
        (void)canvas_textf(c, 9 + GAUGE, y, style, "%3s C %4s W", format_fixed(text, t, 0),
                           format_fixed(watts, (double)d->telemetry.watts, 0));
        y++;
    }
    if (y == 0)
        (void)canvas_text(c, 1, 0, STYLE_OFF, "\xe2\x80\x93  no sensor answers");
    struct rig_heat heat = overview_heat(now, ctx->now_us);
    int x = show_pair(c, 1, c.h - 1, "power W", STYLE_TEXT, format_fixed(text, heat.watts, 0));
    x = show_pair(c, x, c.h - 1, "H/J", STYLE_TEXT, format_si(text, heat.hashes_per_joule));
    (void)show_pair(c, x, c.h - 1, "fan %", STYLE_TEXT, format_fixed(text, heat.fan * 100, 0));
}

void overview_pool_box(const struct ui_ctx *ctx, struct canvas c)
{
    const struct pool_view *p = &ctx->now->pool;
    char text[FORMAT_MAX], amount[32];
    int x;

    x = show_pair(c, 1, 0, "coin", STYLE_TEXT, p->coin ? p->coin->name : "\xe2\x80\x93");
    x = show_pair(c, x, 0, "height", STYLE_TEXT,
                  p->height ? format_count(text, p->height) : "\xe2\x80\x93");
    (void)show_pair(c, x, 0, "template", STYLE_TEXT,
                    format_since(text, ctx->now_us, p->template_us));
    if (p->serving) {
        x = show_pair(c, 1, 1, "rate", STYLE_VALUE, format_rate(text, p->rate_1m));
        x = show_pair(c, x, 1, "workers", STYLE_TEXT, format_count(text, p->workers));
        (void)show_pair(c, x, 1, "conn", STYLE_TEXT, format_count(text, p->connections));
    } else {
        (void)canvas_text(c, 1, 1, STYLE_LABEL, "pool mode is off: O opens it to miners");
    }
    x = show_pair(c, 1, 2, "effort %", STYLE_TEXT, format_fixed(text, p->round_effort * 100, 1));
    (void)show_pair(c, x, 2, "blocks", STYLE_TEXT, format_count(text, p->blocks_found));
    if (p->coin) {
        coin_amount(p->coin, p->balance_owed, amount);
        x = show_pair(c, 1, 3, "owed", STYLE_TEXT, amount) - 1;
        x = canvas_text(c, x, 3, STYLE_LABEL, p->coin->symbol) + 2;
        (void)show_pair(c, x, 3, "ledger", p->ledger_ok ? STYLE_OK : STYLE_BAD,
                        p->ledger_ok ? "OK" : "BROKEN");
    }
    if (p->node_count) {
        x = show_pair(c, 1, 4, "node", p->nodes[0].up ? STYLE_OK : STYLE_BAD,
                      p->nodes[0].up ? "up" : "DOWN");
        x = canvas_text(c, x - 1, 4, STYLE_TEXT, p->nodes[0].name) + 2;
        (void)show_pair(c, x, 4, "rpc ms", STYLE_TEXT, format_fixed(text, p->nodes[0].rpc_ms, 1));
    }
}

void overview_program_box(const struct ui_ctx *ctx, struct canvas c)
{
    const struct snapshot *now = ctx->now;
    char text[FORMAT_MAX];
    int x =
        show_pair(c, 1, 0, "loop %", STYLE_TEXT, format_fixed(text, now->hub_busy_ratio * 100, 1));

    x = show_pair(c, x, 0, "worst ms", STYLE_TEXT, format_fixed(text, now->hub_tick_ms_max, 1));
    (void)show_pair(c, x, 0, "memory", STYLE_TEXT, format_bytes(text, now->rss_bytes));
    x = show_pair(c, 1, 1, "lost events", now->events_dropped ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, now->events_dropped));
    (void)show_pair(c, x, 1, "lost log records", now->log_dropped ? STYLE_WARN : STYLE_TEXT,
                    format_count(text, now->log_dropped));
    x = show_pair(c, 1, 2, "store", now->store.error[0] ? STYLE_BAD : STYLE_OK,
                  now->store.error[0] ? "FAILS" : "OK");
    x = show_pair(c, x, 2, "size", STYLE_TEXT, format_bytes(text, now->store.bytes));
    (void)show_pair(c, x, 2, "queued", STYLE_TEXT, format_count(text, now->store.queued));
    (void)canvas_text(c, 1, 3, STYLE_LABEL, "config");
    (void)canvas_text_cut(c, 8, 3, c.w - 9, STYLE_TEXT,
                          now->config_path[0] ? now->config_path : "built-in default");
    (void)canvas_text(c, 1, 4, STYLE_LABEL, "log");
    (void)canvas_text_cut(c, 8, 4, c.w - 9, STYLE_TEXT,
                          now->log_path[0] ? now->log_path : "no file");
}

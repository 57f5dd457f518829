/* SPDX-License-Identifier: MIT */
/* Screen 3: the upstream pools, which one is used, and how each behaves. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/show.h"
#include "ui/widgets/table.h"

enum { DETAIL_ROWS = 7, DETAIL_MIN_HEIGHT = 14 };

enum pools_column {
    COLUMN_NUMBER,
    COLUMN_STATE,
    COLUMN_URL,
    COLUMN_DIFF,
    COLUMN_JOB,
    COLUMN_RTT,
    COLUMN_ACK,
    COLUMN_SHARES,
    COLUMN_FAILS,
    COLUMN_FOR,
    COLUMN_ERROR,
    COLUMN_COUNT
};

static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_NUMBER] = {"N", 3, 0, 0, false},
    [COLUMN_STATE] = {"STATE", 7, 0, 0, false},
    [COLUMN_URL] = {"POOL", 20, 24, 0, false},
    [COLUMN_DIFF] = {"DIFF", 5, 0, 2, true},
    [COLUMN_JOB] = {"JOB", 6, 0, 1, true},
    [COLUMN_RTT] = {"RTTms", 5, 0, 4, true},
    [COLUMN_ACK] = {"ACK95", 5, 0, 6, true},
    [COLUMN_SHARES] = {"A/R/S", 9, 4, 3, true},
    [COLUMN_FAILS] = {"FAIL", 4, 0, 5, true},
    [COLUMN_FOR] = {"SINCE", 6, 0, 8, true},
    [COLUMN_ERROR] = {"LAST ERROR", 12, 60, 7, false},
};

struct pools_state {
    struct table table;
    bool closed;
};

static const struct upstream_view *at(const struct ui_ctx *ctx, unsigned row)
{
    return &ctx->now->upstreams[row];
}

static void pools_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                       struct table_cell *out)
{
    const struct upstream_view *u = at(ctx, row);

    switch (column) {
    case COLUMN_NUMBER:
        (void)snprintf(out->text, sizeof out->text, "%u%s", u->number, u->active ? "*" : "");
        out->style = u->active ? STYLE_VALUE : STYLE_TEXT;
        break;
    case COLUMN_STATE:
        (void)text_copy(out->text, sizeof out->text, show_upstream_state(u));
        out->style = show_upstream_style(u);
        break;
    case COLUMN_URL:
        (void)text_copy(out->text, sizeof out->text, show_url(u->url));
        break;
    case COLUMN_DIFF:
        (void)format_short(out->text, u->client.difficulty);
        break;
    case COLUMN_JOB:
        (void)format_since(out->text, ctx->now_us, u->client.last_job_us);
        break;
    case COLUMN_RTT:
        (void)format_fixed(out->text, u->client.rtt_ms, 0);
        break;
    case COLUMN_ACK:
        (void)format_fixed(out->text, u->ack_ms_p95, 0);
        break;
    case COLUMN_SHARES:
        (void)snprintf(out->text, sizeof out->text, "%llu/%llu/%llu",
                       (unsigned long long)u->shares.accepted,
                       (unsigned long long)u->shares.rejected, (unsigned long long)u->shares.stale);
        break;
    case COLUMN_FAILS:
        (void)snprintf(out->text, sizeof out->text, "%u", u->failures);
        out->style = u->failures ? STYLE_WARN : STYLE_TEXT;
        break;
    case COLUMN_FOR:
        (void)format_since(out->text, ctx->now_us, u->since_us);
        break;
    case COLUMN_ERROR:
        (void)text_copy(out->text, sizeof out->text, u->last_error);
        out->style = STYLE_WARN;
    }
}

static double pools_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    const struct upstream_view *u = at(ctx, row);
    const double keys[COLUMN_COUNT] = {
        [COLUMN_NUMBER] = u->number,
        [COLUMN_STATE] = u->status,
        [COLUMN_URL] = NAN,
        [COLUMN_DIFF] = u->client.difficulty,
        [COLUMN_JOB] = u->client.last_job_us ? -(double)u->client.last_job_us : NAN,
        [COLUMN_RTT] = u->client.rtt_ms,
        [COLUMN_ACK] = u->ack_ms_p95,
        [COLUMN_SHARES] = (double)u->shares.accepted,
        [COLUMN_FAILS] = u->failures,
        [COLUMN_FOR] = u->since_us ? -(double)u->since_us : NAN,
        [COLUMN_ERROR] = NAN,
    };

    return keys[column];
}

static uint64_t pools_id(const struct ui_ctx *ctx, unsigned row)
{
    return at(ctx, row)->number;
}

static struct table_model pools_model(const struct ui_ctx *ctx)
{
    unsigned n = ctx->now ? ctx->now->upstream_count : 0;

    return (struct table_model){.columns = columns,
                                .column_count = COLUMN_COUNT,
                                .rows = n < UPSTREAM_MAX ? n : UPSTREAM_MAX,
                                .cell = pools_cell,
                                .key = pools_key,
                                .id = pools_id};
}

static void draw_detail(const struct ui_ctx *ctx, const struct upstream_view *u, struct canvas c)
{
    char text[FORMAT_MAX], title[64];
    const struct counters *s = &u->shares;
    int x;

    (void)snprintf(title, sizeof title, "Pool %u%s", u->number, u->active ? " (in use)" : "");
    canvas_rule(c, 0, title, "Enter: close");
    x = show_pair(c, 1, 1, "url", STYLE_VALUE, u->url);
    if (u->client.peer[0])
        (void)show_pair(c, x, 1, "at", STYLE_TEXT, u->client.peer);
    x = show_pair(c, 1, 2, "user", STYLE_TEXT, u->user[0] ? u->user : "\xe2\x80\x93");
    x = show_pair(c, x, 2, "state", show_upstream_style(u), show_upstream_state(u));
    x = show_pair(c, x, 2, "for", STYLE_TEXT, format_since(text, ctx->now_us, u->since_us));
    (void)show_pair(c, x, 2, "authorised", u->client.authorised ? STYLE_OK : STYLE_OFF,
                    u->client.authorised ? "yes" : "no");
    x = show_pair(c, 1, 3, "accepted", STYLE_OK, format_count(text, s->accepted));
    x = show_pair(c, x, 3, "rejected", s->rejected ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->rejected));
    x = show_pair(c, x, 3, "stale", STYLE_TEXT, format_count(text, s->stale));
    x = show_pair(c, x, 3, "lost", STYLE_TEXT, format_count(text, s->lost));
    x = show_pair(c, x, 3, "unanswered", STYLE_TEXT, format_count(text, u->client.unanswered));
    (void)show_pair(c, x, 3, "best", STYLE_TEXT,
                    format_short(text, s->best_difficulty > 0 ? s->best_difficulty : NAN));
    x = show_pair(c, 1, 4, "difficulty", STYLE_TEXT, format_short(text, u->client.difficulty));
    x = show_pair(c, x, 4, "job", STYLE_TEXT,
                  format_since(text, ctx->now_us, u->client.last_job_us));
    x = show_pair(c, x, 4, "rtt ms", STYLE_TEXT, format_fixed(text, u->client.rtt_ms, 0));
    x = show_pair(c, x, 4, "ack ms p50", STYLE_TEXT, format_fixed(text, u->ack_ms_p50, 0));
    x = show_pair(c, x, 4, "p95", STYLE_TEXT, format_fixed(text, u->ack_ms_p95, 0));
    (void)show_pair(c, x, 4, "failures", u->failures ? STYLE_WARN : STYLE_TEXT,
                    format_count(text, u->failures));
    if (u->last_error[0])
        (void)show_wrapped(c, 1, 5, c.w - 2, STYLE_WARN, u->last_error);
}

static void draw_empty(const struct ui_ctx *ctx, struct canvas c)
{
    int w = c.w - 4 < 72 ? c.w - 4 : 72;
    char text[160];

    (void)snprintf(text, sizeof text, "No upstream pools are configured. The devices work for: %s.",
                   ctx->now->source[0] ? ctx->now->source : "nothing");
    int y = show_wrapped(c, 2, 2, w, STYLE_TEXT, text);
    (void)show_wrapped(c, 2, y + 1, w, STYLE_LABEL,
                       "To mine at a pool, add it under upstreams: in the configuration file (url, "
                       "user, pass; the first is preferred, the others take over when it fails), "
                       "then reload with S R.");
}

static void pools_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);
    char title[64], note[160];
    unsigned alive = 0;

    for (unsigned i = 0; i < m.rows; i++)
        alive += at(ctx, i)->status == UPSTREAM_ALIVE;
    (void)snprintf(title, sizeof title, "Pools %u/%u alive", alive, m.rows);
    if (m.rows == 0) {
        canvas_rule(c, 0, "Pools", NULL);
        draw_empty(ctx, c);
        return;
    }
    int detail = s->closed || c.h < DETAIL_MIN_HEIGHT ? 0 : DETAIL_ROWS;
    table_draw(&s->table, &m, ctx, canvas_sub(c, 0, 1, c.w, c.h - 1 - detail));
    canvas_rule(c, 0, title, table_note(&s->table, &m, ctx, note));
    int row = table_chosen(&s->table, &m, ctx);
    if (detail && row >= 0)
        draw_detail(ctx, at(ctx, (unsigned)row), canvas_sub(c, 0, c.h - detail, c.w, detail));
}

static void upstream_command(const struct ui_ctx *ctx, const char *verb)
{
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);
    int row = table_chosen(&s->table, &m, ctx);
    char words[64];

    if (row < 0) {
        screen_say(ctx->screen, "no pool is chosen");
        return;
    }
    const struct upstream_view *u = at(ctx, (unsigned)row);
    if (!verb)
        verb = u->status == UPSTREAM_DISABLED ? "enable" : "disable";
    (void)snprintf(words, sizeof words, "upstream %s %u", verb, u->number);
    screen_command(ctx->screen, words);
}

static bool pools_act(const struct ui_ctx *ctx, const char *action)
{
    static const struct {
        const char *action, *verb;
    } verbs[] = {{"upstream.switch", "switch"},
                 {"upstream.enable", "enable"},
                 {"upstream.disable", "disable"},
                 {"row.toggle", NULL}};
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].action, action) == 0) {
            upstream_command(ctx, verbs[i].verb);
            return true;
        }
    if (strcmp(action, "row.menu") == 0)
        screen_menu(ctx->screen, "menu.pool");
    else if (strcmp(action, "open") == 0)
        s->closed = !s->closed;
    else
        return table_act(&s->table, &m, ctx, action);
    return true;
}

static void pools_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);

    table_typed(&s->table, &m, ctx, action, text);
}

static void pools_fini(void *state)
{
    table_fini(&((struct pools_state *)state)->table);
}

static const struct binding bindings[] = {
    {"s", "upstream.switch", "work for the chosen pool", "Switch"},
    {"Space", "row.toggle", "enable or disable the chosen pool", "On/Off"},
    {"Enter", "open", "open or close the detail of the chosen pool", "Detail"},
    TABLE_BINDINGS,
    {"F9 .", "row.menu", "menu of the chosen pool", "Act"},
    {0},
};

extern const struct panel panel_pools;
const struct panel panel_pools = {
    .name = "pools",
    .title = "Pools",
    .key = '3',
    .state_bytes = sizeof(struct pools_state),
    .bindings = bindings,
    .draw = pools_draw,
    .act = pools_act,
    .typed = pools_typed,
    .fini = pools_fini,
};

/* SPDX-License-Identifier: MIT */
/* Screen 3: the upstream pools, which one is used, and how each behaves. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/rejectmodel.h"
#include "ui/show.h"
#include "ui/widgets/table.h"

enum { DETAIL_ROWS = 9, DETAIL_MIN_HEIGHT = 16 };

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
    struct table table, rejects;
    bool closed, shows_rejects;
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

/* What the pool acknowledged, and its part of the work. */
static void draw_effective(const struct upstream_view *u, struct canvas c, int y)
{
    char text[SHOW_EFFECTIVE_MAX], part[FORMAT_MAX];
    int x = show_pair(c, 1, y, "effective", STYLE_VALUE, show_effective(&u->effective, text));

    x = show_pair(c, x, y, "work %", STYLE_TEXT, format_fixed(part, u->part * 100, 1));
    x = show_pair(c, x, y, "quota", STYLE_TEXT, format_count(text, u->quota));
    if (u->pending)
        (void)show_pair(c, x, y, "waiting", STYLE_WARN, format_count(text, u->pending));
}

/* The signals: by name where all is well, with value and limit where not. */
static void draw_signals(const struct upstream_view *u, struct canvas c, int y)
{
    static const unsigned styles[] = {[SIGNAL_UNKNOWN] = STYLE_OFF,
                                      [SIGNAL_OK] = STYLE_OK,
                                      [SIGNAL_WARN] = STYLE_WARN,
                                      [SIGNAL_FAIL] = STYLE_BAD};
    int x = 1;

    for (unsigned i = 0; i < SIGNALS; i++) {
        const struct signal *signal = &u->signals[i];
        char text[64];
        if (signal->state == SIGNAL_WARN || signal->state == SIGNAL_FAIL)
            (void)snprintf(text, sizeof text, "%.3g/%.3g%s", signal->value, signal->limit,
                           signal_unit(i));
        else
            (void)snprintf(text, sizeof text, "%s", signal->state == SIGNAL_OK ? "ok" : "?");
        x = show_pair(c, x, y, signal_name(i), styles[signal->state], text);
    }
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
    x = show_pair(c, x, 3, "lost", s->lost ? STYLE_WARN : STYLE_TEXT, format_count(text, s->lost));
    x = show_pair(c, x, 3, "unack", s->unacknowledged ? STYLE_WARN : STYLE_TEXT,
                  format_count(text, s->unacknowledged));
    x = show_pair(c, x, 3, "open", STYLE_TEXT, format_count(text, u->client.unanswered));
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
    draw_effective(u, c, 5);
    draw_signals(u, c, 6);
    if (u->last_error[0])
        (void)show_wrapped(c, 1, 7, c.w - 2, STYLE_WARN, u->last_error);
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

static void draw_rejects(const struct ui_ctx *ctx, struct table *table, struct canvas c)
{
    struct table_model m = reject_model(ctx);
    char title[64], note[160];

    (void)snprintf(title, sizeof title, "Rejected shares %u of %llu  R: pools", m.rows,
                   ctx->now->rejects ? (unsigned long long)ctx->now->rejects->total : 0ULL);
    if (!m.rows) {
        canvas_rule(c, 0, title, NULL);
        (void)canvas_text(c, 2, 2, STYLE_OK, "No share was rejected since the start.");
        return;
    }
    table_draw(table, &m, ctx, canvas_sub(c, 0, 1, c.w, c.h - 1));
    canvas_rule(c, 0, title, table_note(table, &m, ctx, note));
}

/* "quota", "rotate 30 min", and the newest drill. */
static void strategy_words(const struct strategy_view *v, char out[64])
{
    int len = snprintf(out, 64, "%s", strategy_name(v->strategy));

    if (v->strategy == STRATEGY_ROTATE)
        len += snprintf(out + len, 64 - (size_t)len, " %lld min",
                        (long long)(v->rotate_us / 60000000));
    if (v->drill.state != DRILL_NONE)
        (void)snprintf(out + len, 64 - (size_t)len, "  drill %s", drill_state_name(v->drill.state));
}

static void pools_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);
    char title[128], note[160], strategy[64];
    unsigned alive = 0;

    for (unsigned i = 0; i < m.rows; i++)
        alive += at(ctx, i)->status == UPSTREAM_ALIVE;
    if (s->shows_rejects) {
        draw_rejects(ctx, &s->rejects, c);
        return;
    }
    strategy_words(&ctx->now->strategy, strategy);
    (void)snprintf(title, sizeof title, "Pools %u/%u alive  by %s", alive, m.rows, strategy);
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

static void ask_quota(const struct ui_ctx *ctx)
{
    struct pools_state *s = ctx->state;
    struct table_model m = pools_model(ctx);
    int row = table_chosen(&s->table, &m, ctx);
    char words[64];

    if (row < 0) {
        screen_say(ctx->screen, "no pool is chosen");
        return;
    }
    (void)snprintf(words, sizeof words, "upstream quota %u ", at(ctx, (unsigned)row)->number);
    screen_prompt(ctx->screen, words);
}

static void next_strategy(const struct ui_ctx *ctx)
{
    char words[64];

    (void)snprintf(words, sizeof words, "upstream strategy %s",
                   strategy_name((ctx->now->strategy.strategy + 1) % STRATEGIES));
    screen_command(ctx->screen, words);
}

/* While the rejects are shown only they are acted on. */
static bool rejects_act(const struct ui_ctx *ctx, const char *action)
{
    struct pools_state *s = ctx->state;
    struct table_model m = reject_model(ctx);

    if (strcmp(action, "rejects") == 0 || strcmp(action, "back") == 0) {
        s->shows_rejects = false;
        return true;
    }
    if (table_act(&s->rejects, &m, ctx, action))
        return true;
    if (strncmp(action, "upstream.", 9) != 0 && strncmp(action, "row.", 4) != 0 &&
        strcmp(action, "open") != 0)
        return false;
    screen_say(ctx->screen, "rejected shares are shown: R goes back to the pools");
    return true;
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

    if (s->shows_rejects)
        return rejects_act(ctx, action);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(verbs[i].action, action) == 0) {
            upstream_command(ctx, verbs[i].verb);
            return true;
        }
    if (strcmp(action, "row.menu") == 0)
        screen_menu(ctx->screen, "menu.pool");
    else if (strcmp(action, "open") == 0)
        s->closed = !s->closed;
    else if (strcmp(action, "rejects") == 0)
        s->shows_rejects = true;
    else if (strcmp(action, "upstream.quota") == 0)
        ask_quota(ctx);
    else if (strcmp(action, "upstream.strategy") == 0 && ctx->now)
        next_strategy(ctx);
    else if (strcmp(action, "upstream.drill") == 0)
        screen_command(ctx->screen, "upstream drill");
    else
        return table_act(&s->table, &m, ctx, action);
    return true;
}

static void pools_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct pools_state *s = ctx->state;
    struct table_model m = s->shows_rejects ? reject_model(ctx) : pools_model(ctx);

    table_typed(s->shows_rejects ? &s->rejects : &s->table, &m, ctx, action, text);
}

static void pools_fini(void *state)
{
    table_fini(&((struct pools_state *)state)->table);
    table_fini(&((struct pools_state *)state)->rejects);
}

static const struct binding bindings[] = {
    {"s", "upstream.switch", "work for the chosen pool", "Switch"},
    {"Space", "row.toggle", "enable or disable the chosen pool", "On/Off"},
    {"Enter", "open", "open or close the detail of the chosen pool", "Detail"},
    {"R", "rejects", "rejected shares, newest first; again: the pools", "Rejects"},
    {"c", "upstream.strategy", "change the strategy to the next one", NULL},
    {"e", "upstream.quota", "set the quota of the chosen pool", NULL},
    {"d", "upstream.drill", "failover drill: leave the pool in use alone for 30 s", NULL},
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

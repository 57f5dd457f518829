/* SPDX-License-Identifier: MIT */
/* Screen 8: the log, filtered by level, category and text; following, or standing still. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ui/show.h"

struct log_state {
    bool level_set, standing; /* standing: `anchor` is the last line shown */
    uint8_t level;
    uint8_t category; /* 0 = all, else category + 1 */
    uint64_t anchor;  /* seq */
    bool open;        /* the whole text of the anchor's record */
    unsigned page;
    struct filter filter, search;
};

static enum log_level level_of(const struct log_state *s)
{
    return s->level_set ? (enum log_level)s->level : LOG_INFO;
}

static bool shown(const struct log_state *s, const struct log_record *r)
{
    return r->level <= level_of(s) && (!s->category || r->category == s->category - 1) &&
           filter_match(&s->filter, r->text);
}

/* Positions in the log of the records that the filters let through. */
static unsigned *select_records(const struct log_state *s, const struct log_view *log, unsigned *n)
{
    unsigned *rows = xcalloc((size_t)log->count + 1, sizeof *rows);

    *n = 0;
    for (unsigned i = 0; i < log->count; i++)
        if (shown(s, log_view_at(log, i)))
            rows[(*n)++] = i;
    return rows;
}

/* Index in `rows` of the last line to show. -1 = nothing to show. */
static int64_t last_row(const struct log_state *s, const struct log_view *log, const unsigned *rows,
                        unsigned n)
{
    if (!s->standing || n == 0)
        return (int64_t)n - 1;
    for (unsigned i = n; i-- > 0;)
        if (log_view_at(log, rows[i])->seq <= s->anchor)
            return i;
    return 0;
}

static void title_and_note(const struct log_state *s, unsigned below, char title[64],
                           char note[200])
{
    static const char *const levels[LOG_LEVELS] = {"error", "warn", "info", "debug", "trace"};
    char state[48];

    (void)snprintf(title, 64, "Log");
    if (s->standing && below)
        (void)snprintf(state, sizeof state, "%u new below (End)", below);
    else
        (void)snprintf(state, sizeof state, s->standing ? "follow: off" : "follow: on");
    (void)snprintf(note, 200, "level: %s  category: %s  filter: %.60s%s  %s", levels[level_of(s)],
                   s->category ? log_category_name((enum log_category)(s->category - 1)) : "all",
                   s->filter.text[0] ? s->filter.text : "none",
                   s->filter.broken ? " (not a regular expression)" : "", state);
}

static void draw_record(const struct log_record *r, struct canvas c)
{
    canvas_rule(c, 0, "Record", "Enter: close");
    show_log(c, 1, r, true, false);
    (void)show_wrapped(c, 1, 2, c.w - 2, STYLE_TEXT, r->text);
}

static void log_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct log_state *s = ctx->state;
    unsigned n;
    AUTO_FREE unsigned *rows = select_records(s, ctx->log, &n);
    int64_t last = last_row(s, ctx->log, rows, n);
    int detail = s->open && c.h > 12 ? 6 : 0;
    char title[64], note[200];
    struct canvas area = canvas_sub(c, 0, 1, c.w, c.h - 1 - detail);

    s->page = area.h > 0 ? (unsigned)area.h : 1;
    if (s->standing && last + 1 < area.h) /* the first page is full from the top */
        last = (int64_t)n < area.h ? (int64_t)n - 1 : area.h - 1;
    title_and_note(s, n - (unsigned)(last + 1), title, note);
    canvas_rule(c, 0, title, note);
    if (c.w < 60)
        (void)canvas_text_cut(c, 7, 0, c.w - 8, STYLE_LABEL, note);
    int64_t first = last - area.h + 1 < 0 ? 0 : last - area.h + 1;
    for (int64_t i = first; i <= last; i++) {
        const struct log_record *r = log_view_at(ctx->log, rows[i]);
        bool found = s->search.text[0] && filter_match(&s->search, r->text);
        show_log(area, (int)(i - first), r, c.w >= 100, found);
        if (i == last && (s->standing || s->open))
            canvas_put(area, 0, (int)(i - first), STYLE_KEY, 0x25b8);
    }
    if (n == 0)
        (void)canvas_text(area, 1, 0, STYLE_OFF,
                          ctx->log->count ? "no record matches" : "no records yet");
    if (detail && last >= 0)
        draw_record(log_view_at(ctx->log, rows[last]), canvas_sub(c, 0, c.h - detail, c.w, detail));
}

static void stand_at(struct log_state *s, const struct log_view *log, const unsigned *rows,
                     unsigned n, int64_t row)
{
    if (n == 0)
        return;
    if (row >= (int64_t)n - 1) {
        s->standing = false;
        return;
    }
    unsigned page = s->page ? s->page : 1;
    int64_t least = page < n ? (int64_t)page - 1 : (int64_t)n - 1;
    if (row < least)
        row = least;
    s->standing = row < (int64_t)n - 1;
    s->anchor = log_view_at(log, rows[row])->seq;
}

static bool move(const struct ui_ctx *ctx, const char *action)
{
    static const struct {
        const char *action;
        int rows, pages;
    } moves[] = {{"move.up", -1, 0},
                 {"move.down", 1, 0},
                 {"move.page_up", 0, -1},
                 {"move.page_down", 0, 1},
                 {"move.first", -LOG_VIEW_MAX, 0},
                 {"move.last", LOG_VIEW_MAX, 0}};
    struct log_state *s = ctx->state;
    unsigned n;

    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (strcmp(moves[i].action, action) == 0) {
            AUTO_FREE unsigned *rows = select_records(s, ctx->log, &n);
            int64_t page = s->page ? s->page : 1;
            stand_at(s, ctx->log, rows, n,
                     last_row(s, ctx->log, rows, n) + moves[i].rows + moves[i].pages * page);
            return true;
        }
    return false;
}

/* Goes to the next record that matches the search, up (-1) or down. */
static void search(const struct ui_ctx *ctx, int step)
{
    struct log_state *s = ctx->state;
    unsigned n;
    AUTO_FREE unsigned *rows = select_records(s, ctx->log, &n);

    if (!s->search.text[0]) {
        screen_say(ctx->screen, "nothing to search for");
        return;
    }
    for (int64_t i = last_row(s, ctx->log, rows, n) + step; i >= 0 && i < (int64_t)n; i += step) {
        const struct log_record *r = log_view_at(ctx->log, rows[i]);
        if (filter_match(&s->search, r->text)) {
            s->standing = true;
            s->anchor = r->seq;
            return;
        }
    }
    screen_say(ctx->screen, "no other match %s: %s", step < 0 ? "above" : "below", s->search.text);
}

static void toggle_follow(const struct ui_ctx *ctx)
{
    struct log_state *s = ctx->state;

    s->standing = !s->standing;
    s->anchor = ctx->log->seq;
}

static bool log_act(const struct ui_ctx *ctx, const char *action)
{
    struct log_state *s = ctx->state;

    if (strcmp(action, "log.level") == 0) {
        s->level = (uint8_t)((level_of(s) + 1U) % LOG_LEVELS);
        s->level_set = true;
    } else if (strcmp(action, "log.category") == 0) {
        s->category = (uint8_t)((s->category + 1U) % (LOG_CATEGORIES + 1));
    } else if (strcmp(action, "log.follow") == 0) {
        toggle_follow(ctx);
    } else if (strcmp(action, "open") == 0) {
        s->open = !s->open;
    } else if (strcmp(action, "search.next") == 0) {
        search(ctx, 1);
    } else if (strcmp(action, "search.previous") == 0) {
        search(ctx, -1);
    } else {
        return move(ctx, action);
    }
    return true;
}

static void log_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct log_state *s = ctx->state;

    if (strcmp(action, "filter") == 0) {
        filter_set(&s->filter, text);
        return;
    }
    filter_set(&s->search, text);
    if (text[0])
        search(ctx, -1);
}

static void log_fini(void *state)
{
    struct log_state *s = state;

    filter_fini(&s->filter);
    filter_fini(&s->search);
}

static const struct binding bindings[] = {
    {"l", "log.level", "lowest level shown: error, warn, info, debug, trace", "Level"},
    {"c", "log.category", "only records of the next category", "Category"},
    {"f", "log.follow", "follow new records, or stand still", "Follow"},
    {"/ F3", "prompt.search", "search upwards from here", "Find"},
    {"\\ F4", "prompt.filter", "show matching records only: words, a|b, !not, /regex/", "Filter"},
    {"n", "search.next", "next match below", NULL},
    {"N", "search.previous", "next match above", NULL},
    {"Enter", "open", "whole text of the marked record", "Record"},
    {"g", "move.first", "oldest record", NULL},
    {0},
};

extern const struct panel panel_log;
const struct panel panel_log = {
    .name = "log",
    .title = "Log",
    .key = '8',
    .state_bytes = sizeof(struct log_state),
    .bindings = bindings,
    .draw = log_draw,
    .act = log_act,
    .typed = log_typed,
    .fini = log_fini,
};

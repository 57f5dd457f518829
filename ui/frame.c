/* SPDX-License-Identifier: MIT */
/* One frame: title, tabs, the panel, the bar of keys, and what lies over them. Four layouts by
 * size: line, tiny, standard, wide. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/screen_state.h"
#include "ui/show.h"

enum { LINE_W = 20, LINE_H = 5, STANDARD_W = 60, STANDARD_H = 16 };

static int64_t data_age(const struct screen *s)
{
    int64_t now = s->frozen ? s->frozen_us : s->now_us;

    return s->now ? now - s->now->taken_us : 0;
}

static bool is_stale(const struct screen *s)
{
    return s->now && data_age(s) > SCREEN_STALE_US;
}

/* Alarm, clock and uptime at the right end; returns the column where they begin. */
static int title_right(const struct screen *s, struct canvas c, int y, bool small)
{
    const struct snapshot *now = s->now;
    char text[FORMAT_MAX];
    int x = c.w;

    if (!now)
        return x;
    if (now->warning_count) {
        bool seen = s->seen_warnings == screen_warnings(now);
        (void)snprintf(text, sizeof text, "!%u", now->warning_count);
        x = canvas_text_right(c, x, y, seen ? STYLE_TITLE : STYLE_TITLE_ALARM, text) - 1;
    }
    if (is_stale(s)) {
        char age[FORMAT_MAX];
        (void)snprintf(text, sizeof text, "stale %.12s", format_age(age, data_age(s)));
        x = canvas_text_right(c, x, y, STYLE_TITLE_ALARM, text) - 1;
    }
    if (s->frozen)
        x = canvas_text_right(c, x, y, STYLE_TITLE_ALARM, "FROZEN") - 1;
    format_clock(text, now->taken_ms ? now->taken_ms + data_age(s) / 1000 : 0);
    if (!small && text_width(text) > 1)
        (void)text_copy(text + strlen(text), sizeof text - strlen(text), "Z");
    x = canvas_text_right(c, x, y, STYLE_TITLE, text) - 2;
    if (small || !now->started_us)
        return x;
    char up[FORMAT_MAX], whole[FORMAT_MAX + 4];
    format_uptime(up, now->taken_us + data_age(s) - now->started_us);
    (void)snprintf(whole, sizeof whole, "up %s", up);
    return canvas_text_right(c, x, y, STYLE_TITLE, whole) - 1;
}

static void draw_title(const struct screen *s, struct canvas c, bool small)
{
    const struct snapshot *now = s->now;

    canvas_fill(c, 0, 0, c.w, 1, STYLE_TITLE, ' ');
    int right = title_right(s, c, 0, small);
    struct canvas left = canvas_sub(c, 0, 0, right, 1);
    int x = canvas_text(left, small ? 0 : 1, 0, STYLE_TITLE | FLAG_BOLD, "otedama");
    if (!now) {
        (void)canvas_text(left, x + 1, 0, STYLE_TITLE, "starting");
        return;
    }
    if (!small)
        x = canvas_textf(left, x + 1, 0, STYLE_TITLE, "%s ", now->version);
    if (now->host[0])
        x = canvas_text(left, x + 1, 0, STYLE_TITLE, now->host);
    x = canvas_textf(left, x + (small ? 1 : 2), 0, show_state_style(now), small ? "%s" : "[%s]",
                     show_state(now));
    char doing[160];
    x = show_whole(left, x + 1, 0, STYLE_TITLE, show_algorithms(now, left.w - x - 2, doing));
    if (show_any_sim(now))
        x = canvas_text(left, x + 1, 0, STYLE_TITLE_ALARM, "SIM");
    if (c.w >= 100 && now->source[0])
        (void)canvas_textf(left, x + 2, 0, STYLE_TITLE, "for %s", now->source);
}

static int tabs_width(const struct screen *s, bool titles)
{
    int w = 0;

    for (unsigned i = 0; i < panel_count(); i++) {
        const struct panel *p = panels[i];
        const char *note = p->note && s->now ? p->note(s->now) : NULL;
        bool full = titles || i == s->active;
        w += 4 + (full ? text_width(p->title) + (note ? text_width(note) + 1 : 0) : 0);
    }
    return w;
}

static void draw_tabs(const struct screen *s, struct canvas c, int y)
{
    bool titles = tabs_width(s, true) <= c.w;
    int x = 0;

    for (unsigned i = 0; i < panel_count(); i++) {
        const struct panel *p = panels[i];
        const char *note = p->note && s->now ? p->note(s->now) : NULL;
        bool active = i == s->active, full = titles || active;
        unsigned style = active ? STYLE_TAB_ACTIVE : STYLE_TAB;
        char key[16], text[64];
        (void)snprintf(text, sizeof text, "%s%s%s%s%s", key_name(p->key, key), full ? " " : "",
                       full ? p->title : "", full && note ? ":" : "", full && note ? note : "");
        canvas_put(c, x, y, style, active ? '[' : ' ');
        x = canvas_text(c, x + 1, y, style, text);
        canvas_put(c, x, y, style, active ? ']' : ' ');
        x++;
    }
    char theme[80];
    (void)snprintf(theme, sizeof theme, "theme: %s ", s->opts.theme.name);
    if (c.w - x > text_width(theme) + 20)
        (void)canvas_text_right(c, c.w, y, STYLE_LABEL, theme);
}

static int draw_hint(struct canvas c, int x, const struct binding *b)
{
    char name[16];
    const char *at = NULL;
    int key = 0, k;

    while ((k = keys_next(b->keys, &at)) != 0) /* a function key if there is one */
        if (!key || (k >= KEY_F1 && k <= KEY_F12 && (key < KEY_F1 || key > KEY_F12)))
            key = k;
    key_name(key, name);
    if (x + text_width(name) + 1 + text_width(b->bar) > c.w)
        return -1;
    x = canvas_text(c, x, 0, STYLE_KEY, name);
    return canvas_text(c, x + 1, 0, STYLE_BAR, b->bar) + 2;
}

static const struct binding *binding_of(const struct binding *table, const char *action)
{
    for (; table->keys; table++)
        if (strcmp(table->action, action) == 0)
            return table;
    return table;
}

static void draw_bar(const struct screen *s, struct canvas line)
{
    const struct binding *quit = binding_of(global_bindings, "quit"), *b;
    struct canvas left = canvas_sub(line, 1, 0, line.w - 11, 1);
    int x = draw_hint(left, 0, binding_of(global_bindings, "help"));

    for (b = panels[s->active]->bindings; b && b->keys && x >= 0; b++)
        if (b->bar)
            x = draw_hint(left, x, b);
    for (b = global_bindings; b->keys && x >= 0; b++)
        if (b->bar && b != quit && strcmp(b->action, "help") != 0)
            x = draw_hint(left, x, b);
    (void)draw_hint(canvas_sub(line, line.w - 9, 0, 8, 1), 0, quit);
}

static void draw_small_bar(const struct screen *s, struct canvas line)
{
    int x = canvas_text(line, 0, 0, STYLE_KEY, "?");
    x = canvas_text(line, x, 0, STYLE_BAR, "help ");
    bool stopped = s->now && s->now->state == MINING_STOPPED;
    x = canvas_text(line, x, 0, STYLE_KEY, stopped ? "r" : "p");
    x = canvas_text(line, x, 0, STYLE_BAR, stopped ? ":resume " : ":pause ");
    x = canvas_text(line, x, 0, STYLE_KEY, "q");
    x = canvas_text(line, x, 0, STYLE_BAR, ":quit");
    const char *title = panels[s->active]->title;
    if (x + text_width(title) + 1 < line.w)
        (void)canvas_text_right(line, line.w, 0, STYLE_LABEL, title);
}

/* The last line: what is typed, what was said, or the keys. */
static void draw_bottom(const struct screen *s, struct canvas c, bool small, int *cx, int *cy)
{
    struct canvas line = canvas_sub(c, 0, c.h - 1, c.w, 1);
    static const char *const marks[][2] = {
        {"command", ":"}, {"search", "search: "}, {"filter", "filter: "}};

    if (s->prompt_for) {
        for (size_t i = 0; i < 3; i++)
            if (strcmp(marks[i][0], s->prompt_for) == 0)
                *cx = c.x + prompt_draw(&s->prompt, line, 0, marks[i][1]);
        *cy = line.y;
        if (s->choices[0] && c.h >= 3) {
            canvas_fill(c, 0, c.h - 2, c.w, 1, STYLE_DIALOG, ' ');
            (void)canvas_text_cut(c, 0, c.h - 2, c.w, STYLE_LABEL, s->choices);
        }
    } else if (s->message_until_us > s->now_us) {
        canvas_fill(line, 0, 0, line.w, 1, STYLE_DIALOG, ' ');
        int x = s->message_bad ? canvas_text(line, 0, 0, STYLE_BAD, "!") : 0;
        (void)canvas_text_cut(line, x + 1, 0, line.w - x - 1,
                              s->message_bad ? STYLE_BAD : STYLE_VALUE, s->message);
    } else if (small) {
        draw_small_bar(s, line);
    } else {
        draw_bar(s, line);
    }
}

static void draw_one_line(const struct screen *s, struct canvas c)
{
    const struct snapshot *now = s->now;
    char rate[FORMAT_MAX];

    if (!now) {
        (void)canvas_text(c, 0, 0, STYLE_TEXT, "starting");
        return;
    }
    int x = canvas_text(c, 0, 0, show_state_style(now), show_state(now));
    x = show_whole(c, x + 1, 0, STYLE_VALUE, format_rate(rate, now->rate[RATE_1M]));
    if (now->warning_count)
        x = show_whole(c, x + 1, 0, STYLE_TITLE_ALARM, "!");
    (void)snprintf(rate, sizeof rate, "A%llu", (unsigned long long)now->shares.accepted);
    x = show_whole(c, x + 1, 0, STYLE_TEXT, rate);
    (void)snprintf(rate, sizeof rate, "R%llu", (unsigned long long)now->shares.rejected);
    (void)show_whole(c, x + 1, 0, now->shares.rejected ? STYLE_WARN : STYLE_TEXT, rate);
}

static void draw_body(const struct screen *s, struct canvas body)
{
    struct ui_ctx ctx = screen_ctx(s);

    if (!s->now && strcmp(panels[s->active]->name, "help") != 0)
        (void)canvas_text(body, 1, body.h / 2, STYLE_LABEL, "waiting for the first data");
    else
        panels[s->active]->draw(&ctx, body);
    if (is_stale(s))
        canvas_flag(body, 0, 0, body.w, body.h, FLAG_STALE);
}

const struct grid *screen_draw(struct screen *s, int64_t now, int *cx, int *cy)
{
    struct canvas c = canvas_all(&s->grid);
    bool line = c.w < LINE_W || c.h < LINE_H, small = c.w < STANDARD_W || c.h < STANDARD_H;

    s->now_us = now;
    *cx = *cy = -1;
    ask_tick(s);
    grid_clear(&s->grid);
    if (line) {
        draw_one_line(s, c);
    } else if (small) {
        draw_title(s, c, true);
        draw_body(s, canvas_sub(c, 0, 1, c.w, c.h - 2));
    } else {
        draw_title(s, c, false);
        draw_tabs(s, c, 1);
        draw_body(s, canvas_sub(c, 0, 2, c.w, c.h - 3));
    }
    if (!line || s->prompt_for || s->message_until_us > now)
        draw_bottom(s, c, small, cx, cy);
    ask_draw(s, c);
    return &s->grid;
}

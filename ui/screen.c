/* SPDX-License-Identifier: MIT */
/* The console's state: which screen, which snapshot, where keys go. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "ui/screen_state.h"

unsigned panel_count(void)
{
    unsigned n = 0;

    while (panels[n])
        n++;
    return n < PANELS_MAX ? n : PANELS_MAX;
}

struct screen *screen_new(const struct screen_options *opts)
{
    struct screen *s = xcalloc(1, sizeof *s);

    s->opts = *opts;
    if (s->opts.refresh_us <= 0)
        s->opts.refresh_us = SECOND_US;
    grid_init(&s->grid, opts->ascii, opts->symbols);
    grid_resize(&s->grid, 80, 24);
    for (unsigned i = 0; i < panel_count(); i++)
        s->states[i] = xcalloc(1, panels[i]->state_bytes + 1);
    return s;
}

void screen_free(struct screen *s)
{
    if (!s)
        return;
    for (unsigned i = 0; i < panel_count(); i++) {
        if (panels[i]->fini)
            panels[i]->fini(s->states[i]);
        free(s->states[i]);
    }
    snapshot_unref(s->now);
    snapshot_unref(s->newest);
    log_view_fini(&s->log);
    grid_fini(&s->grid);
    free(s);
}

void screen_resize(struct screen *s, int w, int h)
{
    grid_resize(&s->grid, w, h);
}

void screen_snapshot(struct screen *s, struct snapshot *take)
{
    struct snapshot **at = s->frozen ? &s->newest : &s->now;

    snapshot_unref(*at);
    *at = take;
}

void screen_log(struct screen *s, const struct log_record *records, unsigned n)
{
    log_view_add(&s->log, records, n);
}

uint64_t screen_log_seq(const struct screen *s)
{
    return s->log.seq;
}

void screen_say(struct screen *s, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(s->message, sizeof s->message, format, args);
    va_end(args);
    s->message_bad = false;
    s->message_until_us = s->now_us + SCREEN_MESSAGE_US;
}

void screen_reply(struct screen *s, int err, const char *text)
{
    screen_say(s, "%s", text);
    s->message_bad = err < 0;
}

struct ui_ctx screen_ctx(const struct screen *s)
{
    return (struct ui_ctx){
        .screen = (struct screen *)(uintptr_t)s,
        .now = s->now,
        .now_us = s->frozen ? s->frozen_us : s->now_us,
        .log = &s->log,
        .before = panels[s->before],
        .state = s->states[s->active],
        .wide = s->grid.w >= 120 && s->grid.h >= 36,
    };
}

void screen_show_panel(struct screen *s, unsigned index)
{
    if (index >= panel_count() || index == s->active)
        return;
    s->before = s->active;
    s->active = index;
    s->changed_us = s->now_us;
    s->settling = true;
}

bool screen_open(struct screen *s, const char *name)
{
    for (unsigned i = 0; i < panel_count(); i++)
        if (strcmp(panels[i]->name, name) == 0) {
            screen_show_panel(s, i);
            return true;
        }
    return false;
}

bool screen_is_settling(const struct screen *s)
{
    return s->settling && s->now_us - s->changed_us < SCREEN_SETTLE_US;
}

uint64_t screen_warnings(const struct snapshot *now)
{
    uint64_t h = 0;

    for (unsigned i = 0; now && i < now->warning_count; i++)
        for (const char *c = now->warnings[i]; *c; c++)
            h = (h ^ (uint8_t)*c) * UINT64_C(1099511628211) + 1;
    return h;
}

void screen_command(struct screen *s, const char *words)
{
    ask_command(s, words);
}

void screen_menu(struct screen *s, const char *action)
{
    for (const struct menu *m = menus; m->action; m++)
        if (strcmp(m->action, action) == 0)
            ask_menu(s, m);
}

static void prompt_leave(struct screen *s, bool done)
{
    const char *what = s->prompt_for;
    struct ui_ctx ctx = screen_ctx(s);

    s->prompt_for = NULL;
    s->choices[0] = 0;
    if (strcmp(what, "command") == 0) {
        if (!done)
            return;
        prompt_remember(&s->prompt);
        ask_command(s, s->prompt.text);
    } else if (panels[s->active]->typed) {
        panels[s->active]->typed(&ctx, what, done ? s->prompt.text : "");
    }
}

static void key_to_prompt(struct screen *s, int key)
{
    if (key == KEY_TAB && strcmp(s->prompt_for, "command") == 0) {
        size_t n;
        char **candidates = complete_candidates(s, &n);
        prompt_complete(&s->prompt, candidates, n, s->choices, sizeof s->choices);
        complete_free(candidates, n);
        return;
    }
    switch (prompt_key(&s->prompt, key)) {
    case PROMPT_OPEN:
        s->choices[0] = 0;
        break;
    case PROMPT_DONE:
        prompt_leave(s, true);
        break;
    case PROMPT_CANCELLED:
        prompt_leave(s, false);
    }
}

/* Digit, with or without Alt, or F1 as a screen's own key. */
static bool key_to_tab(struct screen *s, int key)
{
    for (unsigned i = 0; i < panel_count(); i++)
        if (panels[i]->key == (key & ~KEY_ALT)) {
            screen_show_panel(s, i);
            return true;
        }
    return false;
}

void screen_key(struct screen *s, int key, int64_t now)
{
    s->now_us = now;
    ask_tick(s);
    if (s->prompt_for) {
        key_to_prompt(s, key);
        return;
    }
    if (s->ask.kind != ASK_NOTHING) {
        ask_key(s, key);
        return;
    }
    s->message_until_us = 0;
    if (key_to_tab(s, key))
        return;
    const struct binding *b = binding_find(panels[s->active]->bindings, key);
    if (!b)
        b = binding_find(global_bindings, key);
    if (!b)
        return;
    struct ui_ctx ctx = screen_ctx(s);
    if (!panels[s->active]->act || !panels[s->active]->act(&ctx, b->action))
        (void)screen_action(s, b->action);
}

const struct theme *screen_theme(const struct screen *s)
{
    return &s->opts.theme;
}

int64_t screen_refresh_us(const struct screen *s)
{
    return s->opts.refresh_us;
}

bool screen_wants_redraw(struct screen *s)
{
    bool wanted = s->redraw;

    s->redraw = false;
    return wanted;
}

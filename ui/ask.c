/* SPDX-License-Identifier: MIT */
/* Questions before something changes: one key (class B), a box with consequences (C), a typed word
 * (D); and the menus of letters. The default is always No. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "ui/screen_state.h"
#include "ui/show.h"

enum { LINE_US = 10000000, BOX_US = 30000000, MENU_US = 15000000, BOX_WIDTH = 64 };

const struct command_info *command_lookup(const struct command_info *table, const char *words)
{
    const struct command_info *best = NULL;

    for (const struct command_info *c = table; c && c->name; c++) {
        size_t n = strlen(c->name);
        if (strncmp(words, c->name, n) == 0 && (words[n] == ' ' || !words[n]) &&
            (!best || n > strlen(best->name)))
            best = c;
    }
    return best;
}

static void open_ask(struct screen *s, enum ask_kind kind, int64_t for_us)
{
    s->ask.kind = kind;
    s->ask.since_us = s->now_us;
    s->ask.until_us = s->now_us + for_us;
}

/* "payout run" -> "RUN". */
static void last_word_upper(const char *name, char *out, size_t size)
{
    const char *space = strrchr(name, ' ');

    (void)text_copy(out, size, space ? space + 1 : name);
    for (char *c = out; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}

static void suggest(struct screen *s, const char *words)
{
    const char *best = NULL;
    unsigned least = 4;

    for (const struct command_info *c = s->opts.commands; c && c->name; c++) {
        unsigned d = text_distance(words, c->name);
        if (d < least) {
            least = d;
            best = c->name;
        }
    }
    if (best)
        screen_say(s, "there is no command \"%.60s\"; did you mean \"%s\"?", words, best);
    else
        screen_say(s, "there is no command \"%.60s\"; Tab after : lists them", words);
    s->message_bad = true;
}

static void tidy(const char *words, char out[256])
{
    size_t n = 0;

    for (words += strspn(words, " "); *words && n < 255; words++)
        if (*words != ' ' || (words[1] && words[1] != ' '))
            out[n++] = *words;
    out[n] = 0;
}

void ask_command(struct screen *s, const char *typed)
{
    char words[256];

    tidy(typed, words);
    if (!words[0])
        return;
    if (strcmp(words, "quit") == 0) {
        ask_quit(s);
        return;
    }
    const struct command_info *c = command_lookup(s->opts.commands, words);
    if (!c) {
        suggest(s, words);
        return;
    }
    if (c->class != CLASS_A && screen_is_settling(s)) {
        screen_say(s, "too soon after the screen changed: press it again");
        return;
    }
    s->ask = (struct ask){.text = c->consequence ? c->consequence : c->help};
    (void)text_copy(s->ask.words, sizeof s->ask.words, words);
    (void)snprintf(s->ask.title, sizeof s->ask.title, "%.100s?", words);
    if (c->class == CLASS_A)
        s->opts.send(s->opts.arg, words);
    else if (c->class == CLASS_B)
        open_ask(s, ASK_LINE, LINE_US);
    else if (c->class == CLASS_C)
        open_ask(s, ASK_BOX, BOX_US);
    else {
        last_word_upper(c->name, s->ask.word, sizeof s->ask.word);
        open_ask(s, ASK_WORD, BOX_US);
    }
}

void ask_quit(struct screen *s)
{
    const struct command_info *c = command_lookup(s->opts.commands, "quit");

    s->ask = (struct ask){
        .text = c && c->consequence ? c->consequence
                                    : "Mining stops, miners of the pool are disconnected, and the "
                                      "program ends."};
    (void)text_copy(s->ask.title, sizeof s->ask.title, "Stop and exit?");
    open_ask(s, ASK_QUIT, BOX_US);
}

void ask_menu(struct screen *s, const struct menu *menu)
{
    s->ask = (struct ask){.menu = menu};
    if (menu->panel)
        (void)screen_open(s, menu->panel);
    open_ask(s, ASK_MENU, MENU_US);
}

void ask_tick(struct screen *s)
{
    if (s->ask.kind != ASK_NOTHING && s->now_us >= s->ask.until_us)
        s->ask.kind = ASK_NOTHING;
}

static void menu_key(struct screen *s, int key)
{
    const struct menu_item *item = s->ask.menu->items;

    s->ask.kind = ASK_NOTHING;
    while (item->key && key != item->key && key != tolower((unsigned char)item->key))
        item++;
    if (!item->key)
        return;
    if (item->command) {
        ask_command(s, item->command);
        return;
    }
    struct ui_ctx ctx = screen_ctx(s);
    if (!panels[s->active]->act || !panels[s->active]->act(&ctx, item->action))
        (void)screen_action(s, item->action);
}

static void word_key(struct screen *s, int key)
{
    size_t n = strlen(s->ask.typed);

    if (key == KEY_BACKSPACE && n)
        s->ask.typed[n - 1] = 0;
    else if (key > 0x20 && key < 0x7f && n + 1 < sizeof s->ask.typed) {
        s->ask.typed[n] = (char)key;
        s->ask.typed[n + 1] = 0;
    } else if (key == KEY_ENTER) {
        bool same = strcmp(s->ask.typed, s->ask.word) == 0;
        s->ask.kind = ASK_NOTHING;
        if (same)
            s->opts.send(s->opts.arg, s->ask.words);
        else
            screen_say(s, "not done: the word was not \"%s\"", s->ask.word);
    }
}

void ask_key(struct screen *s, int key)
{
    enum ask_kind kind = s->ask.kind;

    if (key == KEY_ESC) {
        s->ask.kind = ASK_NOTHING;
        return;
    }
    if (kind == ASK_QUIT && key == KEY_CTRL('c')) {
        (void)screen_action(s, "interrupt");
        return;
    }
    if (kind == ASK_MENU) {
        menu_key(s, key);
        return;
    }
    if (s->now_us - s->ask.since_us < SCREEN_SETTLE_US)
        return; /* typed before anybody could read the question */
    if (kind == ASK_WORD) {
        word_key(s, key);
        return;
    }
    bool yes = key == 'y' || key == 'Y' || (kind == ASK_QUIT && (key == 's' || key == 'S'));
    if (!yes && key != 'n' && key != 'N' && key != 'q' && key != KEY_ENTER)
        return; /* neither yes nor no: the question stays */
    s->ask.kind = ASK_NOTHING;
    if (yes && kind == ASK_QUIT)
        s->opts.quit(s->opts.arg);
    else if (yes)
        s->opts.send(s->opts.arg, s->ask.words);
}

static void draw_box(const struct screen *s, struct canvas c)
{
    const struct ask *a = &s->ask;
    int w = c.w < BOX_WIDTH ? c.w : BOX_WIDTH;
    struct canvas none = canvas_sub(c, 0, 0, 0, 0);
    int h = show_wrapped(none, 0, 0, w - 6, STYLE_DIALOG, a->text ? a->text : "") + 6, y = 1;
    char note[32];

    (void)snprintf(note, sizeof note, "%ds",
                   (int)((a->until_us - s->now_us + SECOND_US - 1) / SECOND_US));
    struct canvas area = canvas_sub(c, (c.w - w) / 2, c.h > h ? (c.h - h) / 2 : 0, w, h);
    canvas_fill(area, 0, 0, area.w, area.h, STYLE_DIALOG, ' ');
    struct canvas in = canvas_box(area, a->title, note);
    y = show_wrapped(in, 2, y, w - 6, STYLE_DIALOG, a->text ? a->text : "") + 1;
    if (in.h < 5)
        y = in.h - 1;
    if (a->kind == ASK_WORD) {
        int x = canvas_textf(in, 2, y, STYLE_DIALOG, "type %s and Enter: ", a->word);
        (void)canvas_textf(in, x, y, STYLE_PROMPT, "%s_", a->typed);
        return;
    }
    const char *yes = a->kind == ASK_QUIT ? "s" : "y";
    int x = canvas_text(in, 2, y, STYLE_KEY, yes);
    x = canvas_text(in, x, y, STYLE_DIALOG, a->kind == ASK_QUIT ? " stop and exit" : " yes, do it");
    x = canvas_text(in, x + 4, y, STYLE_KEY, "Esc");
    (void)canvas_text(in, x, y, STYLE_DIALOG, " no (default)");
}

static void draw_menu(const struct menu *menu, struct canvas line)
{
    int x = canvas_textf(line, 1, 0, STYLE_DIALOG_FRAME, "%s: ", menu->title);

    for (const struct menu_item *i = menu->items; i->key; i++) {
        x = canvas_textf(line, x, 0, STYLE_KEY, "[%c]", i->key);
        x = canvas_textf(line, x, 0, STYLE_DIALOG, "%s  ", i->label);
    }
    (void)canvas_text(line, x, 0, STYLE_LABEL, "Esc");
}

void ask_draw(const struct screen *s, struct canvas c)
{
    struct canvas line = canvas_sub(c, 0, c.h - 1, c.w, 1);

    if (s->ask.kind == ASK_NOTHING)
        return;
    if (s->ask.kind == ASK_MENU || s->ask.kind == ASK_LINE || c.w < 24 || c.h < 7)
        canvas_fill(line, 0, 0, line.w, 1, STYLE_DIALOG, ' ');
    if (s->ask.kind == ASK_MENU) {
        draw_menu(s->ask.menu, line);
    } else if (s->ask.kind == ASK_LINE || c.w < 24 || c.h < 7) {
        int x = canvas_textf(line, 1, 0, STYLE_DIALOG_FRAME | FLAG_BOLD, "%s", s->ask.title);
        x = canvas_text(line, x + 1, 0, STYLE_KEY, s->ask.kind == ASK_QUIT ? "s/N" : "y/N");
        if (s->ask.kind == ASK_WORD)
            x = canvas_textf(line, x + 1, 0, STYLE_PROMPT, "%s: %s_", s->ask.word, s->ask.typed);
        (void)canvas_textf(line, x + 2, 0, STYLE_LABEL, "%.120s", s->ask.text ? s->ask.text : "");
    } else {
        draw_box(s, c);
    }
}

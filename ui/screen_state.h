/* SPDX-License-Identifier: MIT */
/* What screen.c, frame.c, ask.c and actions.c share. */
#pragma once

#include "hub/command.h"
#include "ui/screen.h"
#include "ui/widgets/prompt.h"

enum { PANELS_MAX = 16 };

enum ask_kind {
    ASK_NOTHING,
    ASK_LINE, /* class B: one key in the bottom line */
    ASK_BOX,  /* class C: a box with consequences */
    ASK_WORD, /* class D: a box, and the word must be typed */
    ASK_QUIT, /* the box of quitting */
    ASK_MENU, /* a line of letters */
};

struct menu_item {
    char key;
    const char *label;
    const char *action;  /* of the panel or the screen */
    const char *command; /* or a command line */
};

struct menu {
    const char *action; /* "menu.pool" */
    const char *title;
    const char *panel;          /* screen it belongs to; NULL = any */
    struct menu_item items[10]; /* ends with {0} */
};

struct ask {
    enum ask_kind kind;
    char words[256]; /* the command */
    char title[160];
    const char *text; /* consequence */
    char word[32], typed[32];
    const struct menu *menu;
    int64_t since_us, until_us;
};

struct screen {
    struct screen_options opts;
    struct grid grid;
    int64_t now_us, changed_us, interrupt_us, message_until_us, frozen_us;
    unsigned active, before;
    void *states[PANELS_MAX];
    struct snapshot *now, *newest; /* newest: kept apart while frozen; else NULL */
    bool frozen, redraw, settling;
    struct log_view log;
    struct prompt prompt;
    const char *prompt_for; /* "command", "search", "filter"; NULL = closed */
    char choices[400];
    struct ask ask;
    char message[400];
    bool message_bad;
    uint64_t seen_warnings; /* fingerprint of those acknowledged */
};

extern const struct menu menus[]; /* actions.c; ends with {0} */

unsigned panel_count(void);
struct ui_ctx screen_ctx(const struct screen *);
void screen_show_panel(struct screen *, unsigned index);
bool screen_action(struct screen *, const char *action); /* actions.c */
uint64_t screen_warnings(const struct snapshot *);       /* fingerprint; 0 = none */
bool screen_is_settling(const struct screen *);

/* The row of the command table that begins `words`; NULL = none. */
const struct command_info *command_lookup(const struct command_info *, const char *words);

/* ask.c */
void ask_command(struct screen *, const char *words);
void ask_quit(struct screen *);
void ask_menu(struct screen *, const struct menu *);
void ask_key(struct screen *, int key); /* while one is open */
void ask_tick(struct screen *);         /* closes one that is too old */
void ask_draw(const struct screen *, struct canvas);

/* complete.c: whole command lines that could be meant now. Owned by the caller, with count. */
char **complete_candidates(const struct screen *, size_t *count);
void complete_free(char **, size_t count);

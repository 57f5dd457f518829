/* SPDX-License-Identifier: MIT */
/* A panel: one screen of the console. It draws a snapshot into memory and acts on words; no I/O.
 * One file in panels/ and one row in panels.c each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hub/snapshot.h"
#include "ui/canvas.h"
#include "ui/keys.h"
#include "ui/logview.h"

struct screen;
struct command_info;
struct panel;

/* What a panel sees. Valid during one call. */
struct ui_ctx {
    struct screen *screen;      /* for screen_* below */
    const struct snapshot *now; /* NULL before the first one came */
    int64_t now_us;             /* monotonic; of the frozen moment while the view is frozen */
    const struct log_view *log; /* newest records */
    const struct panel *before; /* the panel that was shown before (help is about it) */
    void *state;                /* the panel's own, zeroed at the start */
    bool wide;                  /* layout: at least 120 x 36 */
};

struct panel {
    const char *name;               /* "devices": the word for ui_render and goldens */
    const char *title;              /* in the tabs */
    int key;                        /* opens it */
    size_t state_bytes;             /* of its state */
    const struct binding *bindings; /* its own, asked before the global ones; NULL = none */
    void (*draw)(const struct ui_ctx *, struct canvas);
    /* Does `action`; false = not mine, the screen tries its own. */
    bool (*act)(const struct ui_ctx *, const char *action);
    /* Takes what was typed for "search" or "filter" while the prompt is open or was left. */
    void (*typed)(const struct ui_ctx *, const char *action, const char *text);
    void (*fini)(void *state); /* NULL = nothing inside to free */
    /* Word behind the title in the tabs ("ON"); NULL = none. */
    const char *(*note)(const struct snapshot *);
};

extern const struct panel *const panels[]; /* ends with NULL; panels.c; order is that of the tabs */

/* What panels may ask of the screen. */

/* Runs a command line ("device pause cpu0"), asking first as its class demands. */
void screen_command(struct screen *, const char *words);
void screen_say(struct screen *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Opens the command line with words to go on with. */
void screen_prompt(struct screen *, const char *text);
void screen_menu(struct screen *, const char *action); /* opens a menu line, as a key would */

/* SPDX-License-Identifier: MIT */
/* The console without a terminal: takes keys and snapshots, draws frames into memory. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ui/canvas.h"
#include "ui/panel.h"
#include "ui/theme.h"

enum {
    SCREEN_SETTLE_US = 300000, /* no key that changes anything works this soon after a change of
                                  what is shown */
    SCREEN_STALE_US = 5000000, /* a snapshot older than this is dim */
    SCREEN_MESSAGE_US = 8000000,
    REFRESH_MIN_US = 500000,
    REFRESH_MAX_US = 10000000,
};

struct screen_options {
    const struct command_info *commands; /* ends with {0} */
    struct theme theme;
    bool ascii, no_color; /* no_color: the theme stays as it is */
    enum symbols symbols;
    int64_t refresh_us;
    void (*send)(void *arg, const char *words); /* a command for the hub */
    void (*quit)(void *arg);                    /* the program shall end */
    void *arg;
};

struct screen;

struct screen *screen_new(const struct screen_options *);
void screen_free(struct screen *);

void screen_resize(struct screen *, int w, int h);
void screen_snapshot(struct screen *, struct snapshot *take); /* owns it from now on */
void screen_log(struct screen *, const struct log_record *, unsigned n);
uint64_t screen_log_seq(const struct screen *); /* newest record it has */
void screen_reply(struct screen *, int err, const char *text);

/* Opens a screen by its name; false when there is none. */
bool screen_open(struct screen *, const char *panel);

/* One key. What it did is seen in the next frame. */
void screen_key(struct screen *, int key, int64_t now_us);

/* Draws the frame for this moment. Borrowed until the next call; *cursor_x < 0: no cursor. */
const struct grid *screen_draw(struct screen *, int64_t now_us, int *cursor_x, int *cursor_y);

const struct theme *screen_theme(const struct screen *);
int64_t screen_refresh_us(const struct screen *);
/* True once after the redraw key. */
bool screen_wants_redraw(struct screen *);

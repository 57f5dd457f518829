/* SPDX-License-Identifier: MIT */
/* The console: ncurses on its own thread with its own loop. It reads snapshots and sends commands;
 * a stuck terminal costs it frames and nobody else anything. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/slot.h"
#include "core/port.h"

struct ui;
struct snapshot;

struct ui_options {
    const char *theme;   /* name; NULL or "" = "dark" */
    const char *symbols; /* "braille", "block", "ascii"; others: by the terminal's type */
    const char *tty;     /* device; NULL = the terminal of standard input */
    int64_t refresh_us;
    bool no_color;
    bool survive_hangup;   /* the program goes on when the terminal is gone (nohup) */
    struct port *commands; /* to the hub: EV_COMMAND with a malloc'ed struct command_request;
                              type EV_COMMAND, extra = 1 asks the program to end */
};

/* Takes the terminal (stdin and stdout are ttys), starts the thread. Sets LC_CTYPE of the process
 * from its environment. Fails with `why` when the terminal cannot show a console. */
int ui_start(const struct ui_options *, struct ui **ret, struct fault *why);

/* Hub thread: newest picture; takes its own reference. Never waits. */
void ui_show(struct ui *, struct snapshot *);

/* Hub thread: puts the terminal back and joins; at most 200 ms even when the terminal is stuck.
 * Commands still in the port are thrown away, so no reply comes afterwards. NULL is fine. */
void ui_stop(struct ui *);

/* Draws one screen into text (UTF-8 lines, no colours): goldens and `otedama ui --render`. Caller
 * frees. NULL when the screen's name is unknown. Any thread. */
char *ui_render(const char *screen, int width, int height, bool ascii, const struct snapshot *);

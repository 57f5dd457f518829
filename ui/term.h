/* SPDX-License-Identifier: MIT */
/* The terminal: ncurses works out the bytes of a frame in memory, and they go out only as fast as
 * the terminal takes them. Nothing here ever waits for it. One thread; one terminal per process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "ui/canvas.h"

struct term;

/* Opens the terminal device at `path`, goes to its alternate screen, switches line editing off.
 * Fails when the device or its type ($TERM) is of no use for a console. */
int term_open(const char *path, struct term **ret, struct fault *why);

/* Puts the terminal back as it was and frees; waits at most until `deadline_us` (monotonic) for a
 * terminal that does not take bytes. NULL is fine. */
void term_close(struct term *, int64_t deadline_us);

int term_fd(const struct term *);
void term_size(const struct term *, int *w, int *h); /* 80 x 24 when it does not say */

/* What it can show: only ASCII, and which symbols suit it. */
bool term_ascii(const struct term *);
enum symbols term_symbols(const struct term *);

void term_theme(struct term *, const struct theme *);
void term_redraw(struct term *); /* the next frame is sent whole */

/* Sends what changed since the last frame. False, and nothing done, while bytes of an earlier frame
 * still wait. cursor_x < 0 hides the cursor. */
bool term_frame(struct term *, const struct grid *, int cursor_x, int cursor_y);

/* Writes what waits, as much as the terminal takes. True when nothing is left. */
bool term_flush(struct term *);

/* Reads without waiting. Returns bytes, 0 = nothing now, negative: the terminal is gone. */
ssize_t term_read(struct term *, uint8_t *bytes, size_t n);

/* Around a stop of the whole process by SIGTSTP. */
void term_suspend(struct term *);
void term_resume(struct term *);

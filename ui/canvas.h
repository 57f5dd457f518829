/* SPDX-License-Identifier: MIT */
/* Cells in memory: what a screen looks like before a terminal sees it. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/theme.h"

enum symbols { SYMBOLS_ASCII, SYMBOLS_BLOCK, SYMBOLS_BRAILLE };

struct cell {
    uint32_t cp;    /* code point; 0 = right half of the wide character before it */
    uint16_t style; /* enum style, with FLAG_* */
};

/* All cells of one frame. */
struct grid {
    int w, h;
    bool ascii; /* only code points below 0x80 get in */
    enum symbols symbols;
    struct cell *cells; /* w * h, row by row */
};

enum { GRID_MAX = 1000 }; /* cells in either direction */

void grid_init(struct grid *, bool ascii, enum symbols);
void grid_resize(struct grid *, int w, int h); /* clamps to 0...GRID_MAX; contents become blanks */
void grid_clear(struct grid *);
void grid_fini(struct grid *);
char *grid_text(const struct grid *); /* UTF-8 lines without styles or blanks at the end; owned by
                                         the caller */

/* Calls `put` for each cell of `now` that differs from `was`; for all cells when the sizes differ.
 * Then copies `now` into `was`. Returns the number of calls. */
typedef void grid_put_fn(void *arg, int x, int y, const struct cell *);
size_t grid_diff(struct grid *was, const struct grid *now, grid_put_fn *put, void *arg);

/* A window into a grid: coordinates start at its corner, nothing is drawn outside. A value. */
struct canvas {
    struct grid *grid;
    int x, y, w, h;
};

struct canvas canvas_all(struct grid *);
struct canvas canvas_sub(struct canvas, int x, int y, int w, int h); /* cut to the parent */

/* Cells a code point takes: 0, 1 or 2. Control, bidirectional and combining marks take 0. */
int char_width(uint32_t cp);
/* Reads one code point of UTF-8; moves *s on; U+FFFD for a broken one. */
uint32_t char_next(const char **s);
size_t utf8_put(uint32_t cp, char out[4]);
int text_width(const char *utf8);

void canvas_put(struct canvas, int x, int y, unsigned style, uint32_t cp);
/* Draws text; never wraps. Returns the column after it, also when that is outside. */
int canvas_text(struct canvas, int x, int y, unsigned style, const char *utf8);
int canvas_textf(struct canvas, int x, int y, unsigned style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* Draws at most `width` cells; text that is cut ends with an ellipsis. */
int canvas_text_cut(struct canvas, int x, int y, int width, unsigned style, const char *utf8);
/* Ends at column `right` - 1. Returns the first column. */
int canvas_text_right(struct canvas, int right, int y, unsigned style, const char *utf8);
void canvas_fill(struct canvas, int x, int y, int w, int h, unsigned style, uint32_t cp);
/* Adds FLAG_* to the cells of an area. */
void canvas_flag(struct canvas, int x, int y, int w, int h, unsigned flags);
/* Draws a frame with a title in its upper edge, `note` at its right end; returns the inside. */
struct canvas canvas_box(struct canvas, const char *title, const char *note);
/* Draws "--- title ---- note ---" in row y. */
void canvas_rule(struct canvas, int y, const char *title, const char *note);

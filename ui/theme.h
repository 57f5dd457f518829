/* SPDX-License-Identifier: MIT */
/* Themes: what each kind of text looks like, read from "key = colour" files. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum style {
#define X(style, key, meaning) STYLE_##style,
#include "ui/theme.def"
#undef X
    STYLES
};

enum {
    STYLE_MASK = 0xff,
    FLAG_SELECT = 0x100, /* the row under the cursor: reverse */
    FLAG_STALE = 0x200,  /* old or frozen: dim */
    FLAG_BOLD = 0x400,
};

enum { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_REVERSE = 4, ATTR_UNDERLINE = 8 };

enum { COLOUR_DEFAULT = -1, COLOUR_RGB = 0x1000000 }; /* else 0...255, or COLOUR_RGB | 0xrrggbb */

struct theme_style {
    int32_t fg, bg;
    uint8_t attributes;
};

enum theme_base { BASE_DARK, BASE_LIGHT, BASE_MONO };

struct theme {
    char name[32], title[64];
    enum theme_base base; /* BASE_MONO: no colours at all */
    int32_t bg;
    struct theme_style style[STYLES];
    bool defined[STYLES]; /* said by the file itself, not filled from its base */
};

/* Reads the text of a theme file over what `theme` holds. Adds one line for each complaint to
 * `warnings` (may be NULL): unknown keys, values that are no colour, contrast below 3:1. Returns
 * their number. */
unsigned theme_parse(struct theme *, const char *text, struct str *warnings);

/* By name: the user's file, the installed one, then the built-in one; what a file leaves out comes
 * from its base. Returns 0, or ERR_CONFIG and `why` with the names that exist; `theme` is then
 * the built-in dark one. */
int theme_load(struct theme *, const char *name, struct fault *why);

/* Name of the built-in theme after `name` (the first for NULL), round and round. */
void theme_after(const char *name, char ret[32]);

/* "mono" when colours are not wanted: `no_color`, NO_COLOR set and not empty, TERM=dumb. Else
 * `wanted`, or "dark" for NULL and "". */
const char *theme_pick(const char *wanted, bool no_color);

/* Nearest colour of a terminal with `colours` (8, 16, 256) of them. *bold turns true where only
 * bold can make an 8-colour terminal bright. */
int colour_map(int32_t colour, int colours, bool *bold);

const char *style_key(enum style);

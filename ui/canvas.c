/* SPDX-License-Identifier: MIT */
/* Drawing into cells: clipping, text with widths, frames, differences between frames. */
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static int clamp(int v, int low, int high)
{
    return v < low ? low : v > high ? high : v;
}

void grid_init(struct grid *g, bool ascii, enum symbols symbols)
{
    *g = (struct grid){.ascii = ascii, .symbols = ascii ? SYMBOLS_ASCII : symbols};
}

void grid_resize(struct grid *g, int w, int h)
{
    g->w = clamp(w, 0, GRID_MAX);
    g->h = clamp(h, 0, GRID_MAX);
    g->cells = xreallocarray(g->cells, (size_t)g->w * (size_t)g->h + 1, sizeof *g->cells);
    grid_clear(g);
}

void grid_clear(struct grid *g)
{
    for (size_t i = 0; i < (size_t)g->w * (size_t)g->h; i++)
        g->cells[i] = (struct cell){' ', STYLE_TEXT};
}

void grid_fini(struct grid *g)
{
    free(g->cells);
    *g = (struct grid){0};
}

char *grid_text(const struct grid *g)
{
    struct str out = {0};

    for (int y = 0; y < g->h; y++) {
        const struct cell *row = g->cells + (size_t)y * (size_t)g->w;
        int end = g->w;
        while (end > 0 && row[end - 1].cp == ' ')
            end--;
        for (int x = 0; x < end; x++) {
            char bytes[4];
            if (row[x].cp)
                str_add_n(&out, bytes, utf8_put(row[x].cp, bytes));
        }
        str_add(&out, "\n");
    }
    return out.s ? out.s : xstrdup("");
}

size_t grid_diff(struct grid *was, const struct grid *now, grid_put_fn *put, void *arg)
{
    bool all = was->w != now->w || was->h != now->h || !was->cells;
    size_t n = 0;

    if (all)
        grid_resize(was, now->w, now->h);
    for (int y = 0; y < now->h; y++)
        for (int x = 0; x < now->w; x++) {
            size_t i = (size_t)y * (size_t)now->w + (size_t)x;
            const struct cell *a = &was->cells[i], *b = &now->cells[i];
            if (!all && a->cp == b->cp && a->style == b->style)
                continue;
            put(arg, x, y, b);
            was->cells[i] = *b;
            n++;
        }
    return n;
}

struct canvas canvas_all(struct grid *g)
{
    return (struct canvas){g, 0, 0, g->w, g->h};
}

struct canvas canvas_sub(struct canvas c, int x, int y, int w, int h)
{
    int left = clamp(x, 0, c.w), top = clamp(y, 0, c.h);
    int right = clamp(x + (w < 0 ? 0 : w), left, c.w);
    int bottom = clamp(y + (h < 0 ? 0 : h), top, c.h);

    return (struct canvas){c.grid, c.x + left, c.y + top, right - left, bottom - top};
}

static void grid_set(struct grid *g, int x, int y, unsigned style, uint32_t cp)
{
    struct cell *at = &g->cells[(size_t)y * (size_t)g->w + (size_t)x];

    if (at->cp == 0 && x > 0 && cp) /* the left half loses its right half */
        at[-1].cp = ' ';
    if (x + 1 < g->w && at[1].cp == 0)
        at[1].cp = ' ';
    *at = (struct cell){cp, (uint16_t)style};
}

/* What stands for a character where only ASCII is allowed. */
static uint32_t ascii_for(uint32_t cp)
{
    static const struct {
        uint32_t from;
        char to;
    } table[] = {
        {0x2013, '-'}, {0x2014, '-'}, {0x2026, '~'}, {0x00b1, '~'}, {0x00d7, 'x'}, {0x00b5, 'u'},
        {0x00b7, '.'}, {0x25b8, '>'}, {0x25cf, '*'}, {0x25b2, '^'}, {0x25bc, 'v'}, {0x2192, '>'},
        {0x2190, '<'}, {0x2265, '>'}, {0x2264, '<'}, {0x2500, '-'}, {0x2502, '|'}, {0x2524, '|'},
        {0x2588, '#'}, {0x2591, '.'}, {0x2593, '#'}, {0x2191, '^'}, {0x2193, 'v'}, {0x25cb, 'o'},
    };

    if (cp < 0x80)
        return cp;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].from == cp)
            return (uint32_t)table[i].to;
    return cp >= 0x2500 && cp < 0x2580 ? '+' : '?';
}

void canvas_put(struct canvas c, int x, int y, unsigned style, uint32_t cp)
{
    int width = char_width(cp);

    if (width == 0 || x < 0 || y < 0 || x + width > c.w || y >= c.h)
        return;
    if (c.grid->ascii) {
        cp = ascii_for(cp);
        for (int i = 1; i < width; i++)
            grid_set(c.grid, c.x + x + i, c.y + y, style, ' ');
        width = 1;
    }
    grid_set(c.grid, c.x + x, c.y + y, style, cp);
    if (width == 2) { /* not through grid_set: it would blank the half just drawn */
        struct cell *right =
            &c.grid->cells[(size_t)(c.y + y) * (size_t)c.grid->w + (size_t)(c.x + x + 1)];
        if (c.x + x + 2 < c.grid->w && right[1].cp == 0)
            right[1].cp = ' ';
        *right = (struct cell){0, (uint16_t)style};
    }
}

int canvas_text(struct canvas c, int x, int y, unsigned style, const char *s)
{
    while (*s) {
        uint32_t cp = char_next(&s);
        if (x < c.w)
            canvas_put(c, x, y, style, cp);
        x += char_width(cp);
    }
    return x;
}

int canvas_textf(struct canvas c, int x, int y, unsigned style, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return canvas_text(c, x, y, style, text);
}

int canvas_text_cut(struct canvas c, int x, int y, int width, unsigned style, const char *s)
{
    if (width <= 0)
        return x;
    if (text_width(s) <= width)
        return canvas_text(c, x, y, style, s);
    struct canvas part = canvas_sub(c, x, y, width - 1, 1);
    (void)canvas_text(part, 0, 0, style, s);
    canvas_put(c, x + width - 1, y, style, 0x2026);
    return x + width;
}

int canvas_text_right(struct canvas c, int right, int y, unsigned style, const char *s)
{
    int x = right - text_width(s);

    (void)canvas_text(c, x, y, style, s);
    return x;
}

void canvas_fill(struct canvas c, int x, int y, int w, int h, unsigned style, uint32_t cp)
{
    struct canvas area = canvas_sub(c, x, y, w, h);

    for (int row = 0; row < area.h; row++)
        for (int column = 0; column < area.w; column++)
            canvas_put(area, column, row, style, cp);
}

void canvas_flag(struct canvas c, int x, int y, int w, int h, unsigned flags)
{
    struct canvas area = canvas_sub(c, x, y, w, h);

    for (int row = 0; row < area.h; row++)
        for (int column = 0; column < area.w; column++)
            area.grid
                ->cells[(size_t)(area.y + row) * (size_t)area.grid->w + (size_t)(area.x + column)]
                .style |= (uint16_t)flags;
}

/* Title and note inside a horizontal line from x to right. */
static void line_texts(struct canvas c, int x, int right, int y, const char *title,
                       const char *note)
{
    int room = right - x, used = 0;

    if (title && *title && room >= 4) {
        int w = text_width(title) < room - 2 ? text_width(title) : room - 2;
        canvas_put(c, x, y, STYLE_BORDER, ' ');
        (void)canvas_text_cut(c, x + 1, y, w, STYLE_HEADING, title);
        canvas_put(c, x + 1 + w, y, STYLE_BORDER, ' ');
        used = w + 2;
    }
    if (note && *note && room - used >= text_width(note) + 3) {
        int start = right - text_width(note) - 1;
        canvas_put(c, start - 1, y, STYLE_BORDER, ' ');
        (void)canvas_text(c, start, y, STYLE_LABEL, note);
        canvas_put(c, right - 1, y, STYLE_BORDER, ' ');
    }
}

struct canvas canvas_box(struct canvas c, const char *title, const char *note)
{
    int r = c.w - 1, b = c.h - 1;

    if (c.w < 2 || c.h < 2)
        return canvas_sub(c, 0, 0, 0, 0);
    canvas_fill(c, 1, 0, c.w - 2, 1, STYLE_BORDER, 0x2500);
    canvas_fill(c, 1, b, c.w - 2, 1, STYLE_BORDER, 0x2500);
    canvas_fill(c, 0, 1, 1, c.h - 2, STYLE_BORDER, 0x2502);
    canvas_fill(c, r, 1, 1, c.h - 2, STYLE_BORDER, 0x2502);
    canvas_put(c, 0, 0, STYLE_BORDER, 0x250c);
    canvas_put(c, r, 0, STYLE_BORDER, 0x2510);
    canvas_put(c, 0, b, STYLE_BORDER, 0x2514);
    canvas_put(c, r, b, STYLE_BORDER, 0x2518);
    line_texts(c, 2, r - 1, 0, title, note);
    return canvas_sub(c, 1, 1, c.w - 2, c.h - 2);
}

void canvas_rule(struct canvas c, int y, const char *title, const char *note)
{
    canvas_fill(c, 0, y, c.w, 1, STYLE_BORDER, 0x2500);
    line_texts(c, 2, c.w - 1, y, title, note);
}

/* SPDX-License-Identifier: MIT */
/* Tables: which rows, in which order, which columns, and where the cursor is. */
#include "ui/widgets/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "ui/widgets/graph.h"

enum { COLUMNS_MAX = 32, COMPACT_RANK = 2 };

struct item {
    unsigned row;
    double key;
    char text[32];
};

static void get_cell(const struct table_model *m, const struct ui_ctx *ctx, unsigned row,
                     unsigned column, struct table_cell *cell)
{
    *cell = (struct table_cell){.style = STYLE_TEXT};
    m->cell(ctx, row, column, cell);
}

/* All texts of a row in one, for filter and search. */
static bool row_matches(const struct filter *f, const struct table_model *m,
                        const struct ui_ctx *ctx, unsigned row)
{
    AUTO_STR struct str line = {0};
    struct table_cell cell;

    if (!f->text[0])
        return true;
    for (unsigned i = 0; i < m->column_count; i++) {
        get_cell(m, ctx, row, i, &cell);
        str_add(&line, cell.text);
        str_add(&line, " ");
    }
    return filter_match(f, str_text(&line));
}

static int compare(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    bool nx = isnan(x->key), ny = isnan(y->key);

    if (nx != ny)
        return nx ? 1 : -1; /* unknown comes last */
    if (!nx && x->key != y->key)
        return x->key < y->key ? -1 : 1;
    int by_text = nx ? strcmp(x->text, y->text) : 0;
    return by_text ? by_text : x->row < y->row ? -1 : x->row > y->row;
}

/* Moves rows without a number behind those with one; both keep their order. */
static void unknown_last(struct item *items, unsigned n)
{
    unsigned unknown = 0;

    while (unknown < n && isnan(items[unknown].key))
        unknown++;
    if (unknown == n)
        return;
    AUTO_FREE struct item *copy = xcalloc(unknown + 1, sizeof *copy);
    memcpy(copy, items, unknown * sizeof *copy);
    memmove(items, items + unknown, (n - unknown) * sizeof *items);
    memcpy(items + n - unknown, copy, unknown * sizeof *copy);
}

/* Rows to show, in order. Owned by the caller. */
static struct item *order(const struct table *t, const struct table_model *m,
                          const struct ui_ctx *ctx, unsigned *count)
{
    struct item *items = xcalloc(m->rows + 1, sizeof *items);
    unsigned n = 0, sort = t->sort < m->column_count ? t->sort : 0;
    struct table_cell cell;

    for (unsigned row = 0; row < m->rows; row++) {
        if (!row_matches(&t->filter, m, ctx, row))
            continue;
        items[n].row = row;
        items[n].key = m->key ? m->key(ctx, row, sort) : row;
        if (isnan(items[n].key)) {
            get_cell(m, ctx, row, sort, &cell);
            (void)text_copy(items[n].text, sizeof items[n].text, cell.text);
        }
        n++;
    }
    qsort(items, n, sizeof *items, compare);
    for (unsigned i = 0; t->inverted && i < n / 2; i++) {
        struct item was = items[i];
        items[i] = items[n - 1 - i];
        items[n - 1 - i] = was;
    }
    if (t->inverted)
        unknown_last(items, n);
    *count = n;
    return items;
}

/* Puts the cursor on the chosen row again, or on a row that exists. */
static void settle(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                   const struct item *items, unsigned n)
{
    for (unsigned i = 0; t->has_chosen && i < n; i++)
        if (m->id(ctx, items[i].row) == t->chosen) {
            t->cursor = i;
            return;
        }
    if (t->cursor >= n)
        t->cursor = n ? n - 1 : 0;
}

static void choose(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                   const struct item *items, unsigned n, int64_t position)
{
    if (n == 0)
        return;
    t->cursor = position < 0 ? 0 : position >= (int64_t)n ? n - 1 : (unsigned)position;
    t->chosen = m->id(ctx, items[t->cursor].row);
    t->has_chosen = true;
}

/* Chooses columns by rank and gives them widths; 0 = not shown. */
static void fit(const struct table *t, const struct table_model *m, int room,
                int width[COLUMNS_MAX])
{
    unsigned limit = t->compact ? COMPACT_RANK : 255, n = m->column_count;
    int used;

    for (;;) {
        unsigned worst = 0;
        used = 0;
        for (unsigned i = 0; i < n; i++) {
            bool shown = m->columns[i].rank <= limit;
            width[i] = shown ? m->columns[i].width : 0;
            used += shown ? width[i] + 1 : 0;
            if (shown && m->columns[i].rank > worst)
                worst = m->columns[i].rank;
        }
        if (used <= room + 1 || worst == 0)
            break;
        limit = worst - 1;
    }
    for (unsigned i = 0; i < n && used < room + 1; i++)
        if (width[i]) {
            int more = room + 1 - used < m->columns[i].flex ? room + 1 - used : m->columns[i].flex;
            width[i] += more;
            used += more;
        }
}

static void draw_cell(struct canvas c, int x, int y, int width, bool right, unsigned flags,
                      const struct table_cell *cell)
{
    if (cell->points)
        spark_draw(canvas_sub(c, x, y, width, 1), cell->points, cell->count);
    else if (right && text_width(cell->text) <= width)
        (void)canvas_text_right(c, x + width, y, cell->style | flags, cell->text);
    else
        (void)canvas_text_cut(c, x, y, width, cell->style | flags, cell->text);
}

static void draw_header(const struct table_model *m, struct canvas c, const int *width)
{
    int x = 1;

    canvas_fill(c, 0, 0, c.w, 1, STYLE_HEADER, ' ');
    for (unsigned i = 0; i < m->column_count; i++) {
        if (!width[i])
            continue;
        struct table_cell cell = {.style = STYLE_HEADER};
        (void)text_copy(cell.text, sizeof cell.text, m->columns[i].title);
        draw_cell(c, x, 0, width[i], m->columns[i].right, 0, &cell);
        x += width[i] + 1;
    }
}

void table_draw(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                struct canvas c)
{
    int width[COLUMNS_MAX] = {0};
    unsigned n;
    AUTO_FREE struct item *items = order(t, m, ctx, &n);
    struct table_cell cell;

    settle(t, m, ctx, items, n);
    t->page = c.h > 1 ? (unsigned)c.h - 1 : 0;
    if (t->cursor < t->top)
        t->top = t->cursor;
    if (t->page && t->cursor >= t->top + t->page)
        t->top = t->cursor - t->page + 1;
    if (t->top + t->page > n)
        t->top = n > t->page ? n - t->page : 0;
    fit(t, m, c.w - 2, width);
    draw_header(m, c, width);
    for (unsigned line = 0; line < t->page && t->top + line < n; line++) {
        int x = 1, y = (int)line + 1;
        bool here = t->top + line == t->cursor;
        for (unsigned i = 0; i < m->column_count; i++) {
            if (!width[i])
                continue;
            get_cell(m, ctx, items[t->top + line].row, i, &cell);
            draw_cell(c, x, y, width[i], m->columns[i].right, 0, &cell);
            x += width[i] + 1;
        }
        if (here) {
            canvas_put(c, 0, y, STYLE_KEY, 0x25b8);
            canvas_flag(c, 0, y, c.w, 1, FLAG_SELECT);
        }
    }
    if (n == 0 && t->page)
        (void)canvas_text(c, 2, 1, STYLE_OFF, m->rows ? "no row matches the filter" : "none");
}

static void search(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                   const struct item *items, unsigned n, int step)
{
    for (unsigned i = 1; t->search.text[0] && i <= n; i++) {
        unsigned at = (t->cursor + (step > 0 ? i : n - i % n)) % n;
        if (row_matches(&t->search, m, ctx, items[at].row)) {
            choose(t, m, ctx, items, n, at);
            return;
        }
    }
    screen_say(ctx->screen, "%s%s", t->search.text[0] ? "not found: " : "nothing to search for",
               t->search.text);
}

/* Moves the sorting on to the next column that has a title. */
static void sort_by(struct table *t, const struct table_model *m, unsigned step)
{
    do
        t->sort = (t->sort + step) % m->column_count;
    while (!*m->columns[t->sort].title);
}

bool table_act(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
               const char *action)
{
    static const struct {
        const char *action;
        int rows, pages;
    } moves[] = {
        {"move.up", -1, 0},       {"move.down", 1, 0},           {"move.page_up", 0, -1},
        {"move.page_down", 0, 1}, {"move.first", -100000000, 0}, {"move.last", 100000000, 0}};
    unsigned n;
    AUTO_FREE struct item *items = order(t, m, ctx, &n);

    settle(t, m, ctx, items, n);
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (strcmp(moves[i].action, action) == 0) {
            int64_t page = t->page ? t->page : 1;
            choose(t, m, ctx, items, n, (int64_t)t->cursor + moves[i].rows + moves[i].pages * page);
            return true;
        }
    if (strcmp(action, "sort.next") == 0)
        sort_by(t, m, 1);
    else if (strcmp(action, "sort.previous") == 0)
        sort_by(t, m, m->column_count - 1);
    else if (strcmp(action, "sort.invert") == 0)
        t->inverted = !t->inverted;
    else if (strcmp(action, "compact") == 0)
        t->compact = !t->compact;
    else if (strcmp(action, "search.next") == 0)
        search(t, m, ctx, items, n, 1);
    else if (strcmp(action, "search.previous") == 0)
        search(t, m, ctx, items, n, -1);
    else
        return false;
    return true;
}

void table_typed(struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                 const char *action, const char *text)
{
    if (strcmp(action, "filter") == 0) {
        filter_set(&t->filter, text);
        return;
    }
    filter_set(&t->search, text);
    unsigned n;
    AUTO_FREE struct item *items = order(t, m, ctx, &n);
    settle(t, m, ctx, items, n);
    if (n && text[0] && !row_matches(&t->search, m, ctx, items[t->cursor].row))
        search(t, m, ctx, items, n, 1);
}

int table_chosen(struct table *t, const struct table_model *m, const struct ui_ctx *ctx)
{
    unsigned n;
    AUTO_FREE struct item *items = order(t, m, ctx, &n);

    settle(t, m, ctx, items, n);
    return n ? (int)items[t->cursor].row : -1;
}

const char *table_note(const struct table *t, const struct table_model *m, const struct ui_ctx *ctx,
                       char out[160])
{
    unsigned sort = t->sort < m->column_count ? t->sort : 0, n = m->rows;

    if (t->filter.text[0])
        free(order(t, m, ctx, &n));
    int at = snprintf(out, 160, "sort: %s %s  filter: %.60s%s", m->columns[sort].title,
                      t->inverted ? "\xe2\x96\xbc" : "\xe2\x96\xb2",
                      t->filter.text[0] ? t->filter.text : "none",
                      t->filter.broken ? " (not a regular expression)" : "");
    if (n > t->page && t->page && at > 0 && at < 130)
        (void)snprintf(out + at, 160 - (size_t)at, "  %u-%u/%u", t->top + 1,
                       t->top + t->page < n ? t->top + t->page : n, n);
    return out;
}

void table_fini(struct table *t)
{
    filter_fini(&t->filter);
    filter_fini(&t->search);
}

uint64_t table_text_id(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return h;
}

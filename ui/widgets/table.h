/* SPDX-License-Identifier: MIT */
/* A table that scrolls, sorts, filters and searches. Its rows come from a model, its cursor stays
 * on the same thing when the order changes. One thread. */
#pragma once

#include "ui/panel.h"

struct column {
    const char *title;
    uint8_t width; /* cells */
    uint8_t flex;  /* cells it may grow by when there is room */
    uint8_t rank;  /* 0 = always shown; the highest is dropped first */
    bool right;    /* aligned to the right, as numbers are */
};

struct table_cell {
    char text[128];
    unsigned style;
    const float *points; /* not NULL: a spark line instead of text */
    unsigned count;
};

struct table_model {
    const struct column *columns;
    unsigned column_count, rows;
    /* Fills one cell (text "", style STYLE_TEXT before). */
    void (*cell)(const struct ui_ctx *, unsigned row, unsigned column, struct table_cell *);
    /* What a column is sorted by; NAN = by its text. */
    double (*key)(const struct ui_ctx *, unsigned row, unsigned column);
    uint64_t (*id)(const struct ui_ctx *, unsigned row); /* the same for the same thing always */
};

struct table { /* zero is a valid start: first column, upwards */
    uint64_t chosen;
    bool has_chosen, inverted, compact;
    unsigned cursor, top, page; /* positions in the order shown; page = rows that fit */
    unsigned sort;
    struct filter filter, search;
};

void table_draw(struct table *, const struct table_model *, const struct ui_ctx *, struct canvas);

/* Does move.*, sort.*, search.*, compact; false for other actions. */
bool table_act(struct table *, const struct table_model *, const struct ui_ctx *,
               const char *action);
/* Takes the text of a "search" or "filter" prompt. */
void table_typed(struct table *, const struct table_model *, const struct ui_ctx *,
                 const char *action, const char *text);

/* Row of the model under the cursor, or -1 when no row is shown. */
int table_chosen(struct table *, const struct table_model *, const struct ui_ctx *);

/* "sort: id ^  filter: none  1-12/63" */
const char *table_note(const struct table *, const struct table_model *, const struct ui_ctx *,
                       char out[160]);
void table_fini(struct table *);

uint64_t table_text_id(const char *text); /* an id made from a name */

/* The bindings of every table, for a panel's own table. */
#define TABLE_BINDINGS                                                                             \
    {"/ F3", "prompt.search", "search", "Find"}, {"n", "search.next", "next match", NULL},         \
        {"N", "search.previous", "match before", NULL},                                            \
        {"\\ F4", "prompt.filter", "filter: words, a|b, !not, /regex/", "Filter"},                 \
        {"F6 >", "sort.next", "sort by the next column", "Sort"},                                  \
        {"<", "sort.previous", "sort by the column before", NULL},                                 \
        {"I", "sort.invert", "turn the order round", NULL},                                        \
        {"w", "compact", "fewer or all columns", NULL},                                            \
    {                                                                                              \
        "g", "move.first", "first row", NULL                                                       \
    }

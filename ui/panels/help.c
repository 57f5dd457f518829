/* SPDX-License-Identifier: MIT */
/* F1: the keys of the screen it was opened from, the keys of all screens, and a legend; made from
 * the binding tables. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hub/command.h"
#include "ui/show.h"

enum { KEYS_WIDTH = 18, TWO_COLUMNS = 110 };

struct help_state {
    int top;
    int page, rows; /* as drawn last */
};

struct line {
    const char *keys, *text; /* keys NULL: a heading; text NULL: an empty line */
};

struct lines {
    struct line at[256];
    int count;
};

static const struct line legend[] = {
    {NULL, "What the words mean"},
    {"A R S", "shares accepted, rejected, stale (for a job that was over)"},
    {"HW", "hardware errors: nonces of a device that were none"},
    {"unack", "shares sent and not answered yet"},
    {"lost", "shares whose connection went before the answer"},
    {"best", "highest difficulty that a hash of this rig ever met"},
    {"diff, net", "difficulty asked of a share, difficulty of the network"},
    {"rtt, ack", "answer time of the pool, in ms; p50 half, p95 nearly all of them"},
    {"10s 1m 15m avg", "hash rate over that time; avg since the start"},
    {"effort", "work done since the last block, 100% = what one costs on average"},
    {"SIM", "a simulated device: it earns nothing"},
    {"\xe2\x80\x93", "not known or not measured"},
    {"~", "an estimate"},
    {"dim, stale", "old data: the main loop has not answered since"},
    {"RUN", "hashes"},
    {"IDLE", "is ready, and has no job"},
    {"WAIT", "has a job, and waits for its dataset"},
    {"DAG, dataset", "memory that a hash reads: light is small and slow, full is big and fast"},
    {"on trial", "a switch: nothing is accepted yet; without that the devices return"},
    {"cpu %", "CPU time that hashing threads get of what they could use"},
    {"PAUSED", "stopped by you"},
    {"FAILED", "does not answer or could not start: see its last error"},
    {"ALIVE DEAD", "a pool that serves jobs; one that failed and is tried again"},
    {"*", "the pool or node in use"},
    {"!3", "three warnings; the overview lists them"},
};

static void add(struct lines *l, const char *keys, const char *text)
{
    if (l->count < (int)(sizeof l->at / sizeof *l->at))
        l->at[l->count++] = (struct line){keys, text};
}

static void add_bindings(struct lines *l, const struct binding *table)
{
    for (; table && table->keys; table++)
        add(l, table->keys, table->help);
}

static void collect(const struct ui_ctx *ctx, struct lines *l)
{
    l->count = 0;
    if (ctx->before->bindings) {
        add(l, NULL, ctx->before->title);
        add_bindings(l, ctx->before->bindings);
        add(l, NULL, NULL);
    }
    add(l, NULL, "Every screen");
    add_bindings(l, global_bindings);
    add(l, NULL, NULL);
    for (size_t i = 0; i < sizeof legend / sizeof *legend; i++)
        add(l, legend[i].keys, legend[i].text);
}

static void draw_line(struct canvas c, int y, const struct line *line)
{
    int keys = c.w < 50 ? 11 : KEYS_WIDTH;

    if (line->keys) {
        (void)canvas_text_cut(c, 2, y, keys - 1, STYLE_KEY, line->keys);
        (void)canvas_text_cut(c, keys + 2, y, c.w - keys - 3, STYLE_TEXT, line->text);
    } else if (line->text) {
        (void)canvas_text(c, 1, y, STYLE_HEADING, line->text);
    }
}

static void help_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct help_state *s = ctx->state;
    struct lines l;
    int columns = c.w >= TWO_COLUMNS ? 2 : 1, width = c.w / columns;

    collect(ctx, &l);
    s->page = c.h > 1 ? c.h - 1 : 1;
    s->rows = (l.count + columns - 1) / columns;
    if (s->rows < s->page)
        s->rows = l.count < s->page ? l.count : s->page;
    if (s->top > s->rows - s->page)
        s->top = s->rows - s->page;
    if (s->top < 0)
        s->top = 0;
    canvas_rule(c, 0, "Help", s->rows > s->page ? "PgDn: more  Esc: back" : "Esc: back");
    for (int column = 0; column < columns; column++) {
        struct canvas part = canvas_sub(c, column * width, 1, width, c.h - 1);
        for (int y = 0; y < part.h; y++) {
            int i = column * s->rows + s->top + y;
            if (s->top + y < s->rows && i < l.count)
                draw_line(part, y, &l.at[i]);
        }
    }
}

static bool help_act(const struct ui_ctx *ctx, const char *action)
{
    struct help_state *s = ctx->state;
    const struct {
        const char *action;
        int top;
    } moves[] = {{"move.up", s->top - 1},
                 {"move.down", s->top + 1},
                 {"move.page_up", s->top - s->page},
                 {"move.page_down", s->top + s->page},
                 {"move.first", 0},
                 {"move.last", s->rows}};

    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++)
        if (strcmp(moves[i].action, action) == 0) {
            int last = s->rows > s->page ? s->rows - s->page : 0;
            s->top = moves[i].top < 0 ? 0 : moves[i].top > last ? last : moves[i].top;
            return true;
        }
    return false;
}

extern const struct panel panel_help;
const struct panel panel_help = {
    .name = "help",
    .title = "Help",
    .key = KEY_F1,
    .state_bytes = sizeof(struct help_state),
    .draw = help_draw,
    .act = help_act,
};

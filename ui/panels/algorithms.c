/* SPDX-License-Identifier: MIT */
/* Screen 4: what the devices do, what they could do, and the change from one to the other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/format.h"
#include "ui/show.h"
#include "ui/widgets/table.h"

enum { LINE_ROWS_MAX = 3 };

enum algorithms_column {
    COLUMN_NAME,
    COLUMN_TITLE,
    COLUMN_DEVICES,
    COLUMN_RATE,
    COLUMN_LIGHT,
    COLUMN_FULL,
    COLUMN_WORK,
    COLUMN_STATE,
    COLUMN_COUNT
};

static const struct column columns[COLUMN_COUNT] = {
    [COLUMN_NAME] = {"ALGO", 8, 2, 0, false},       [COLUMN_TITLE] = {"NAME", 12, 8, 6, false},
    [COLUMN_DEVICES] = {"DEV", 3, 0, 2, true},      [COLUMN_RATE] = {"HASHRATE", 9, 0, 0, true},
    [COLUMN_LIGHT] = {"LIGHT", 8, 0, 5, true},      [COLUMN_FULL] = {"MEMORY", 8, 0, 3, true},
    [COLUMN_WORK] = {"WORK FROM", 10, 6, 1, false}, [COLUMN_STATE] = {"STATE", 12, 8, 4, false},
};

struct algorithms_state {
    struct table table;
    unsigned target; /* 0 = all devices, else the device's row + 1 */
};

static const struct algo_view *at(const struct ui_ctx *ctx, unsigned row)
{
    return &ctx->now->algos[row];
}

/* What a line does with this algorithm; NULL = none has to do with it. */
static const struct line_view *line_of(const struct ui_ctx *ctx, const struct algo_view *a)
{
    const struct line_view *found = NULL;

    for (unsigned i = 0; i < ctx->now->line_count; i++) {
        const struct line_view *line = &ctx->now->lines[i];
        if (strcmp(line->next, a->name) == 0)
            return line;
        if (strcmp(line->algo, a->name) == 0)
            found = line;
    }
    return found;
}

static void state_cell(const struct ui_ctx *ctx, const struct algo_view *a, struct table_cell *out)
{
    const struct line_view *line = line_of(ctx, a);
    const char *word = "READY";

    out->style = STYLE_TEXT;
    if (line && strcmp(line->next, a->name) == 0) {
        out->style = STYLE_WARN;
        if (line->next_dataset.making)
            (void)snprintf(out->text, sizeof out->text, "PREP %.0f %%",
                           line->next_dataset.progress * 100);
        else
            (void)text_copy(out->text, sizeof out->text, "PREP");
        return;
    }
    if (line && line->dataset.making) {
        out->style = STYLE_WARN;
        (void)snprintf(out->text, sizeof out->text, "BUILDS %.0f %%", line->dataset.progress * 100);
        return;
    }
    if (line) {
        word = line->stage == CHANGE_TRIAL ? "ON TRIAL" : "ACTIVE";
        out->style = line->stage == CHANGE_TRIAL ? STYLE_WARN : STYLE_OK;
    } else if (!*a->source) {
        word = "NO POOL";
        out->style = STYLE_OFF;
    }
    (void)text_copy(out->text, sizeof out->text, word);
}

static void bytes_cell(uint64_t bytes, struct table_cell *out)
{
    if (bytes)
        (void)format_bytes(out->text, bytes);
    else
        (void)text_copy(out->text, sizeof out->text, "\xe2\x80\x93");
}

static void algorithms_cell(const struct ui_ctx *ctx, unsigned row, unsigned column,
                            struct table_cell *out)
{
    const struct algo_view *a = at(ctx, row);

    switch (column) {
    case COLUMN_NAME:
        (void)text_copy(out->text, sizeof out->text, a->name);
        break;
    case COLUMN_TITLE:
        (void)text_copy(out->text, sizeof out->text, a->title);
        break;
    case COLUMN_DEVICES:
        (void)snprintf(out->text, sizeof out->text, "%u", a->devices);
        break;
    case COLUMN_RATE:
        (void)format_rate(out->text, a->rate);
        out->style = isnan(a->rate) ? STYLE_OFF : STYLE_VALUE;
        break;
    case COLUMN_LIGHT:
        bytes_cell(a->light_bytes, out);
        break;
    case COLUMN_FULL:
        bytes_cell(a->full_bytes + a->light_bytes, out);
        break;
    case COLUMN_WORK:
        (void)text_copy(out->text, sizeof out->text, *a->source ? a->source : "none");
        out->style = *a->source ? STYLE_TEXT : STYLE_OFF;
        break;
    default:
        state_cell(ctx, a, out);
    }
}

static double algorithms_key(const struct ui_ctx *ctx, unsigned row, unsigned column)
{
    const struct algo_view *a = at(ctx, row);
    const double keys[COLUMN_COUNT] = {
        [COLUMN_NAME] = row,
        [COLUMN_TITLE] = NAN,
        [COLUMN_DEVICES] = a->devices,
        [COLUMN_RATE] = a->rate,
        [COLUMN_LIGHT] = (double)a->light_bytes,
        [COLUMN_FULL] = (double)(a->full_bytes + a->light_bytes),
        [COLUMN_WORK] = NAN,
        [COLUMN_STATE] = NAN,
    };

    return keys[column];
}

static uint64_t algorithms_id(const struct ui_ctx *ctx, unsigned row)
{
    return table_text_id(at(ctx, row)->name);
}

static struct table_model algorithms_model(const struct ui_ctx *ctx)
{
    unsigned n = ctx->now ? ctx->now->algo_count : 0;

    return (struct table_model){.columns = columns,
                                .column_count = COLUMN_COUNT,
                                .rows = n < ALGOS_MAX ? n : ALGOS_MAX,
                                .cell = algorithms_cell,
                                .key = algorithms_key,
                                .id = algorithms_id};
}

/* --- the lines -------------------------------------------------------------------------------- */

static int draw_change(const struct line_view *line, struct canvas c, int y)
{
    char text[96], gap[FORMAT_MAX];
    int x = 3;

    if (line->stage == CHANGE_PREPARING) {
        x = canvas_textf(c, x, y, STYLE_WARN, "prepares %s: ", line->next);
        if (line->next_dataset.known)
            (void)show_dataset_row(c, x, y, &line->next_dataset);
        else
            (void)canvas_text(c, x, y, STYLE_TEXT, "waits for work");
        return y + 1;
    }
    if (line->stage == CHANGE_TRIAL) {
        int64_t left = (int64_t)(fmax(line->return_in_s, 0) * 1e6);
        x = canvas_textf(c, x, y, STYLE_WARN,
                         "on trial: back to %s in %s without an accepted share  ", line->before,
                         format_age(text, left));
    }
    if (isfinite(line->gap_ms))
        x = canvas_textf(c, x, y, STYLE_TEXT, "switch: %s ms without hashing  ",
                         format_fixed(gap, line->gap_ms, line->gap_ms < 10 ? 1 : 0));
    if (*line->note)
        x = canvas_text_cut(c, x, y, c.w - x, STYLE_BAD, line->note);
    return x > 3 ? y + 1 : y;
}

/* Returns the row after it. */
static int draw_line(const struct line_view *line, struct canvas c, int y)
{
    char text[FORMAT_MAX];
    int x = canvas_textf(c, 1, y, STYLE_VALUE, "%s ", show_line_name(line));

    if (!*line->name)
        x = canvas_textf(c, x, y, STYLE_LABEL, "(%u) ", line->devices);
    x = canvas_textf(c, x, y, STYLE_TEXT, "%s ", *line->algo ? line->algo : "no work");
    x = show_pair(c, x + 1, y, "at", STYLE_VALUE, format_rate(text, line->rate[RATE_1M]));
    x = show_pair(c, x, y, "for", *line->source ? STYLE_TEXT : STYLE_BAD,
                  *line->source ? line->source : "nobody");
    if (line->dataset.known)
        (void)show_dataset_row(c, x, y, &line->dataset);
    return draw_change(line, c, y + 1);
}

static int draw_lines(const struct ui_ctx *ctx, struct canvas c)
{
    int y = 1;

    canvas_rule(c, 0, "Lines", NULL);
    for (unsigned i = 0; i < ctx->now->line_count && y + 1 < c.h; i++)
        y = draw_line(&ctx->now->lines[i], c, y);
    return y;
}

/* --- choosing --------------------------------------------------------------------------------- */

static const char *target_name(const struct ui_ctx *ctx)
{
    const struct algorithms_state *s = ctx->state;

    return s->target && s->target <= ctx->now->device_count
               ? ctx->now->devices[s->target - 1].info.id
               : "all";
}

static void algorithms_draw(const struct ui_ctx *ctx, struct canvas c)
{
    struct algorithms_state *s = ctx->state;
    struct table_model m = algorithms_model(ctx);
    char title[80], note[160];
    int top = c.h >= 10 ? draw_lines(ctx, canvas_sub(c, 0, 0, c.w, c.h / 2)) : 0;

    (void)snprintf(title, sizeof title, "Algorithms: Enter switches %s%s", target_name(ctx),
                   strcmp(target_name(ctx), "all") == 0 ? " devices" : "");
    table_draw(&s->table, &m, ctx, canvas_sub(c, 0, top + 1, c.w, c.h - top - 1));
    canvas_rule(c, top, title, table_note(&s->table, &m, ctx, note));
}

static void change_to(const struct ui_ctx *ctx, const char *name)
{
    char words[96];

    (void)snprintf(words, sizeof words, "algorithm %s %s", name, target_name(ctx));
    screen_command(ctx->screen, words);
}

static void change_to_chosen(const struct ui_ctx *ctx)
{
    struct algorithms_state *s = ctx->state;
    struct table_model m = algorithms_model(ctx);
    int row = table_chosen(&s->table, &m, ctx);

    if (row < 0)
        screen_say(ctx->screen, "no algorithm is chosen");
    else if (!*at(ctx, (unsigned)row)->source)
        screen_say(ctx->screen, "nothing gives work of %s: add a pool of it to upstreams",
                   at(ctx, (unsigned)row)->name);
    else
        change_to(ctx, at(ctx, (unsigned)row)->name);
}

static bool algorithms_act(const struct ui_ctx *ctx, const char *action)
{
    struct algorithms_state *s = ctx->state;
    struct table_model m = algorithms_model(ctx);

    if (!ctx->now)
        return false;
    if (strcmp(action, "algorithm.switch") == 0)
        change_to_chosen(ctx);
    else if (strcmp(action, "algorithm.auto") == 0)
        change_to(ctx, "auto");
    else if (strcmp(action, "target.next") == 0)
        s->target = (s->target + 1) % (ctx->now->device_count + 1);
    else
        return table_act(&s->table, &m, ctx, action);
    return true;
}

static void algorithms_typed(const struct ui_ctx *ctx, const char *action, const char *text)
{
    struct algorithms_state *s = ctx->state;
    struct table_model m = algorithms_model(ctx);

    table_typed(&s->table, &m, ctx, action, text);
}

static void algorithms_fini(void *state)
{
    table_fini(&((struct algorithms_state *)state)->table);
}

static const struct binding bindings[] = {
    {"Enter s", "algorithm.switch", "let the devices named above do the chosen algorithm",
     "Switch"},
    {"t", "target.next", "switch all devices, or only the next one", "Target"},
    {"a", "algorithm.auto", "back to what the configuration and the pools say", "Auto"},
    TABLE_BINDINGS,
    {0},
};

extern const struct panel panel_algorithms;
const struct panel panel_algorithms = {
    .name = "algorithms",
    .title = "Algo",
    .key = '4',
    .state_bytes = sizeof(struct algorithms_state),
    .bindings = bindings,
    .draw = algorithms_draw,
    .act = algorithms_act,
    .typed = algorithms_typed,
    .fini = algorithms_fini,
};

/* SPDX-License-Identifier: MIT */
/* Screen 1: is it hashing, is anything hot, are shares accepted, for whom. */
#include "ui/overview.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ui/devicemodel.h"
#include "ui/format.h"
#include "ui/show.h"
#include "ui/widgets/graph.h"

enum { GRAPH_ROWS = 4, GRAPH_MIN_HEIGHT = 19, HISTORY_STEP_S = 5 };

struct overview_state {
    struct table table;
    unsigned graph; /* 0 = all devices, else the device's row + 1 */
};

/* The points of the chosen graph, and its title. */
static const float *graph_points(const struct ui_ctx *ctx, char title[96], unsigned *count)
{
    struct overview_state *s = ctx->state;
    const struct snapshot *now = ctx->now;
    char span[FORMAT_MAX];

    if (s->graph > now->device_count)
        s->graph = 0;
    const float *points =
        show_history(now, s->graph ? now->devices[s->graph - 1].history : now->history, count);
    if (*count * HISTORY_STEP_S >= 120)
        (void)snprintf(span, sizeof span, "%u min", *count * HISTORY_STEP_S / 60);
    else
        (void)snprintf(span, sizeof span, "%u s", *count * HISTORY_STEP_S);
    (void)snprintf(title, 96, "Hash rate H/s  %s  last %s",
                   s->graph ? now->devices[s->graph - 1].info.id : "all devices", span);
    return points;
}

static void draw_graph(const struct ui_ctx *ctx, struct canvas c)
{
    char title[96];
    unsigned n;
    const float *points = graph_points(ctx, title, &n);

    canvas_rule(c, 0, title, "g: next graph");
    graph_draw(canvas_sub(c, 1, 1, c.w - 2, c.h - 1), points, n);
}

static void draw_devices(const struct ui_ctx *ctx, struct canvas c)
{
    struct overview_state *s = ctx->state;
    struct table_model m = device_model(ctx);

    table_draw(&s->table, &m, ctx, c);
}

static void devices_title(const struct ui_ctx *ctx, char title[64])
{
    unsigned run = 0;

    for (unsigned i = 0; i < ctx->now->device_count; i++)
        run += ctx->now->devices[i].state == DEVICE_RUN;
    (void)snprintf(title, 64, "Devices %u/%u run", run, ctx->now->device_count);
}

static void draw_standard(const struct ui_ctx *ctx, struct canvas c)
{
    struct overview_state *s = ctx->state;
    struct table_model m = device_model(ctx);
    int y = overview_status(ctx, c), devices = (int)(m.rows ? m.rows : 1);
    char title[64], note[160];

    if (c.h >= GRAPH_MIN_HEIGHT) {
        int rows = GRAPH_ROWS + (c.h - GRAPH_MIN_HEIGHT) / 6;
        draw_graph(ctx, canvas_sub(c, 0, y, c.w, rows + 1));
        y += rows + 1;
    }
    int most = (c.h - y - 3) / 2;
    if (devices > most)
        devices = most;
    devices_title(ctx, title);
    draw_devices(ctx, canvas_sub(c, 0, y + 1, c.w, devices + 1));
    canvas_rule(c, y, title, table_note(&s->table, &m, ctx, note));
    y += devices + 2;
    canvas_rule(c, y, "Log", "8: all");
    show_log_tail(canvas_sub(c, 0, y + 1, c.w, c.h - y - 1), ctx->log, LOG_INFO);
}

static void draw_wide(const struct ui_ctx *ctx, struct canvas c)
{
    struct overview_state *s = ctx->state;
    struct table_model m = device_model(ctx);
    int half = c.w / 2, third = c.w / 3, top = 9, middle = 7;
    int devices = (int)(m.rows ? m.rows : 1), y = 0;
    char title[96], note[160];

    unsigned n;
    const float *points = graph_points(ctx, title, &n);
    struct canvas in = canvas_box(canvas_sub(c, 0, y, half, top), title, "g: next graph");
    graph_draw(canvas_sub(in, 1, 0, in.w - 2, in.h - 1), points, n);
    overview_rates(ctx, in, in.h - 1, true);
    in = canvas_box(canvas_sub(c, half, y, c.w - half, top), "Shares and source", NULL);
    overview_shares_box(ctx, in);
    y += top;
    int most = (c.h - y - middle - 3) / 2;
    devices = devices > most ? most : devices;
    devices_title(ctx, title);
    struct canvas box = canvas_sub(c, 0, y, c.w, devices + 3);
    s->table.page = (unsigned)devices;
    in = canvas_box(box, title, table_note(&s->table, &m, ctx, note));
    draw_devices(ctx, in);
    y += devices + 3;
    overview_heat_box(ctx, canvas_box(canvas_sub(c, 0, y, third, middle), "Heat and power", "2"));
    overview_pool_box(ctx, canvas_box(canvas_sub(c, third, y, third, middle),
                                      ctx->now->pool_on ? "Own pool (on)" : "Own chain", "6"));
    overview_program_box(
        ctx, canvas_box(canvas_sub(c, 2 * third, y, c.w - 2 * third, middle), "Program", NULL));
    y += middle;
    in = canvas_box(canvas_sub(c, 0, y, c.w, c.h - y), "Log", "8: all");
    show_log_tail(in, ctx->log, LOG_INFO);
}

static void overview_draw(const struct ui_ctx *ctx, struct canvas c)
{
    if (ctx->wide)
        draw_wide(ctx, c);
    else if (c.w >= 60 && c.h >= 13)
        draw_standard(ctx, c);
    else
        overview_tiny(ctx, c);
}

static bool overview_act(const struct ui_ctx *ctx, const char *action)
{
    struct overview_state *s = ctx->state;
    struct table_model m = device_model(ctx);

    if (strcmp(action, "graph.next") == 0) {
        s->graph = m.rows ? (s->graph + 1) % (m.rows + 1) : 0;
        return true;
    }
    return table_act(&s->table, &m, ctx, action);
}

static void overview_fini(void *state)
{
    table_fini(&((struct overview_state *)state)->table);
}

static const struct binding bindings[] = {
    {"Space", "pause.toggle", "pause the whole rig, or let it hash again", "Pause"},
    {"g", "graph.next", "graph of the next device", "Graph"},
    {"F6 >", "sort.next", "sort devices by the next column", "Sort"},
    {"<", "sort.previous", "sort devices by the column before", NULL},
    {"I", "sort.invert", "turn the order round", NULL},
    {"w", "compact", "fewer or all columns", NULL},
    {0},
};

extern const struct panel panel_overview;
const struct panel panel_overview = {
    .name = "overview",
    .title = "Overview",
    .key = '1',
    .state_bytes = sizeof(struct overview_state),
    .bindings = bindings,
    .draw = overview_draw,
    .act = overview_act,
    .fini = overview_fini,
};
